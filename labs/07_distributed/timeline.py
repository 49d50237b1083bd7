"""A training step under full sharding, timed: when a rank computes, and when weights and gradients travel."""

import time
from threading import Thread

import torch
import torch.distributed as dist

from utils.systems import distributed

watchers, events = [], []  # [what, layer, start, end] on the machine's clock, which all ranks share


class Layer:
    """y = relu(x W), of whose W a rank keeps some rows."""

    def __init__(self, number, width):
        self.number, self.travelling = number, None
        self.shard = torch.randn(width // dist.get_world_size(), width) / width**0.5
        self.full = torch.empty(width, width)

    def fetch(self):
        """Send for the weights, and do not wait for them."""
        if self.travelling is None:
            self.travelling = dist.all_gather_single(self.full, self.shard, async_op=True)
            note_at_end("gather", self.number, self.travelling)

    def arrive(self):
        self.fetch()
        self.travelling.wait()
        self.travelling = None

    def forward(self, x):
        self.x, self.y = x, (x @ self.full).relu()
        return self.y

    def backward(self, grad_output):
        grad_product = grad_output * (self.y > 0)
        self.gradient = self.x.T @ grad_product
        return grad_product @ self.full.T

    def send_gradient(self):
        mine = torch.empty_like(self.shard)
        travelling = dist.reduce_scatter_single(mine, self.gradient, async_op=True)
        note_at_end("scatter", self.number, travelling)
        return travelling


def note_at_end(what, number, travelling):
    """A thread of its own waits for the message, so that the time of its end is known."""

    def watch(start):
        travelling.wait()
        events.append([what, number, start, time.monotonic()])

    watchers.append(Thread(target=watch, args=(time.monotonic(),)))
    watchers[-1].start()


def passing(layers, prefetch, compute, then=None):
    """Each layer in turn: wait for its weights, send for the next ones, compute."""
    for layer, following in zip(layers, [*layers[1:], None], strict=True):
        layer.arrive()
        if prefetch and following is not None:
            following.fetch()
        start = time.monotonic()
        compute(layer)
        events.append(["compute", layer.number, start, time.monotonic()])
        if then:
            then(layer)


def step(layers, prefetch, rows):
    flow, sent = [rows], []

    def forward(layer):
        flow[0] = layer.forward(flow[0])

    def backward(layer):
        flow[0] = layer.backward(flow[0])

    def send(layer):
        sent.append(layer.send_gradient())
        if not prefetch:
            sent.pop().wait()

    passing(layers, prefetch, forward)
    passing(layers[::-1], prefetch, backward, then=send)
    for travelling in sent:
        travelling.wait()


def timed(prefetch, layers, rows):
    step(layers, prefetch, rows)  # once unseen: buffers and connections are made
    while watchers:
        watchers.pop().join()
    dist.barrier()
    events.clear()
    start = time.monotonic()
    step(layers, prefetch, rows)
    seconds = time.monotonic() - start
    for watcher in watchers:
        watcher.join()
    return {"seconds": seconds, "events": list(events)}


dist.init_process_group("gloo")
given = distributed.settings()
torch.manual_seed(dist.get_rank())
layers = [Layer(number, given["width"]) for number in range(given["layers"])]
rows = torch.randn(given["rows"], given["width"])
distributed.report({name: timed(prefetch, layers, rows) for name, prefetch in (("waits", False), ("prefetches", True))})
dist.destroy_process_group()
