"""Trains the lab's model with functions written in the notebook, which arrive as source, and with PyTorch's own SGD."""

from collections.abc import Callable

import torch
import torch.distributed as dist
from decoder import batch, build, loss_of
from torch import Tensor

from utils.systems import distributed

given = distributed.settings()
RATE, DECAY = given["sgd"]
# The names that the notebook's functions may use.
names = {"torch": torch, "Tensor": Tensor, "Callable": Callable, "RATE": RATE, "DECAY": DECAY}
exec(given["source"], names)


def all_reduce(vector):
    """The sum over the ranks."""
    total = vector.clone()
    dist.all_reduce(total)
    return total


def reduce_scatter(vector):
    """This rank's chunk of the sum."""
    chunk = torch.empty(len(vector) // dist.get_world_size())
    dist.reduce_scatter_single(chunk, vector.contiguous())
    return chunk


def all_gather(chunk):
    """The ranks' chunks, joined."""
    whole = torch.empty(len(chunk) * dist.get_world_size())
    dist.all_gather_single(whole, chunk.contiguous())
    return whole


class Shards:
    """The weights as one vector, padded so that the ranks divide it; of the moments this rank's chunk alone."""

    def __init__(self, parameters):
        self.parameters, ranks = parameters, dist.get_world_size()
        self.padding = -sum(parameter.numel() for parameter in parameters) % ranks
        self.moment = torch.zeros(len(self.joined([p.detach() for p in parameters])) // ranks)

    def joined(self, tensors):
        return torch.cat([*(tensor.flatten() for tensor in tensors), torch.zeros(self.padding)])

    def step(self):
        weights = self.joined([parameter.detach() for parameter in self.parameters])
        gradient = self.joined([parameter.grad for parameter in self.parameters])
        mine = (self.moment, dist.get_rank())
        new, self.moment = names["sharded_step"](weights, gradient, *mine, reduce_scatter, all_gather)
        place = 0
        for parameter in self.parameters:
            parameter.data = new[place : place + parameter.numel()].view_as(parameter)
            place += parameter.numel()


def train(way):
    """Losses of the whole batch, step by step, and the moments' bytes on this rank."""
    model = build(given)
    parameters, losses = list(model.parameters()), []
    library, shards = torch.optim.SGD(parameters, RATE, momentum=DECAY), Shards(parameters)
    for step in range(given["steps"]):
        everyone = batch(step, given)
        rows = everyone.tensor_split(dist.get_world_size())[dist.get_rank()]  # uneven where 8 does not divide
        library.zero_grad()
        loss = loss_of(model(rows[:, :-1]), rows)
        loss.backward()
        if way == "your average":
            gradients = [parameter.grad for parameter in parameters]
            averaged = names["average_gradients"](gradients, len(rows), all_reduce, given["bucket"])
            for parameter, gradient in zip(parameters, averaged, strict=True):
                parameter.grad = gradient
        shards.step() if way == "your step" else library.step()
        losses.append(all_reduce(loss.detach() * len(rows)).item() / len(everyone))
    kept = [shards.moment] if way == "your step" else [library.state[p]["momentum_buffer"] for p in parameters]
    return {"losses": losses, "moment_bytes": sum(moment.nbytes for moment in kept)}


dist.init_process_group("gloo")
distributed.report({way: train(way) for way in given["ways"]})
dist.destroy_process_group()
