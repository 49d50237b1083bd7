"""The library's ways to shard: fully_shard and ZeroRedundancyOptimizer, beside DistributedDataParallel."""

import gc

import torch
import torch.distributed as dist
from decoder import batch, build, loss_of
from fsdp_model import sharded_model
from torch.distributed.optim import ZeroRedundancyOptimizer
from torch.distributed.tensor import DTensor
from torch.distributed.tensor.debug import CommDebugMode
from torch.nn.parallel import DistributedDataParallel

from utils import runtime
from utils.systems import distributed


def local(tensor):
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


def entry_bytes(tensors):
    return sum(local(tensor).numel() * tensor.element_size() for tensor in tensors)


def make(way, given):
    """A model and the optimizer of its parameters."""
    if way.startswith("fully_shard"):
        model = sharded_model(given, keep=way.endswith("keep"))
        return model, torch.optim.Adam(model.parameters(), given["rate"])
    model = DistributedDataParallel(build(given))
    if way == "ZeroRedundancyOptimizer":
        return model, ZeroRedundancyOptimizer(model.parameters(), torch.optim.Adam, lr=given["rate"])
    return model, torch.optim.Adam(model.parameters(), given["rate"])


def moments(optimizer):
    own = getattr(optimizer, "optim", optimizer)  # ZeroRedundancyOptimizer holds this rank's optimizer
    return [value for state in own.state.values() for name, value in state.items() if name != "step"]


def train_step(model, optimizer, ids):
    """One step on this rank's rows; returns its loss and the bytes of the gradients it held."""
    rows = ids.chunk(dist.get_world_size())[dist.get_rank()]
    loss = loss_of(model(rows[:, :-1]), rows)
    loss.backward()
    gradients = entry_bytes([parameter.grad for parameter in model.parameters()])
    optimizer.step()
    optimizer.zero_grad()
    total = loss.detach().clone()
    dist.all_reduce(total)
    return total.item() / dist.get_world_size(), gradients


def run(way, given, before=0):
    model, optimizer = make(way, given)
    steps = [train_step(model, optimizer, batch(step, given)) for step in range(given["steps"])]
    rose = runtime.resident_bytes(peak=True) - before
    with CommDebugMode() as counted:
        train_step(model, optimizer, batch(0, given))
    losses, gradients = zip(*steps, strict=True)
    held = {"parameters": entry_bytes(model.parameters()), "gradients": gradients[-1]}
    held["optimizer"] = entry_bytes(moments(optimizer))
    calls = {str(name).split(".")[-1].strip("_"): count for name, count in counted.get_comm_counts().items()}
    return {"losses": losses, "held": held, "calls": calls, "peak_bytes": rose}


dist.init_process_group("gloo")
given = distributed.settings()
run("fully_shard", given | given["small"])  # everything is loaded once before anything is measured
before = runtime.resident_bytes(peak=True)  # the largest so far; it never falls, so the leanest way comes first
answers = {}
for way in given["ways"]:
    answers[way] = run(way, given, before)
    gc.collect()
distributed.report(answers)
dist.destroy_process_group()
