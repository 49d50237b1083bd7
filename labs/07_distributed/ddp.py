"""Data-parallel training, by hand and by DistributedDataParallel, and with mistakes that cost a replica its peers."""

import hashlib

import torch
import torch.distributed as dist
from decoder import batch, build, loss_of
from torch.nn.parallel import DistributedDataParallel

from utils.systems import distributed


def average_gradients(model):
    """After the backward pass: every rank gets the mean of all ranks' gradients."""
    for parameter in model.parameters():
        dist.all_reduce(parameter.grad)
        parameter.grad /= dist.get_world_size()


def train_by_hand(model, steps, given, sync=lambda step: True, seed=0):
    """Losses of the whole batch, step by step; each rank computes its own rows of it."""
    rank, world_size = dist.get_rank(), dist.get_world_size()
    optimizer = torch.optim.Adam(model.parameters(), given["rate"])
    losses = []
    for step in range(steps):
        rows = batch(step, given, seed).chunk(world_size)[rank]  # (B / N, T + 1)
        loss = loss_of(model(rows[:, :-1]), rows)
        optimizer.zero_grad()
        loss.backward()
        if sync(step):
            average_gradients(model)
        optimizer.step()
        losses.append(mean_over_ranks(loss))
    return losses


def mean_over_ranks(loss):
    total = loss.detach().clone()
    dist.all_reduce(total)
    return total.item() / dist.get_world_size()


def fingerprint(model):
    """Sixteen letters that change with any bit of any parameter."""
    data = b"".join(parameter.detach().numpy().tobytes() for parameter in model.parameters())
    return hashlib.sha256(data).hexdigest()[:16]


def run(way, given):
    model, steps, rank = build(given), given["steps"], dist.get_rank()
    if way == "by hand":
        losses = train_by_hand(model, steps, given)
    elif way == "DistributedDataParallel":
        # DDP averages during the backward pass, so the loop must not do it again.
        losses = train_by_hand(DistributedDataParallel(model), steps, given, sync=lambda step: False)
    elif way == "no sync":
        losses = train_by_hand(model, steps, given, sync=lambda step: False)
    elif way == "own order":
        losses = train_by_hand(model, steps, given, seed=rank)
    elif way == "one rank skips one sync":
        losses = train_by_hand(model, steps, given, sync=lambda step: (rank, step) != (1, 2))
    return {"losses": losses, "fingerprint": fingerprint(model)}


dist.init_process_group("gloo")
given = distributed.settings()
distributed.report({way: run(way, given) for way in given["ways"]})
dist.destroy_process_group()
