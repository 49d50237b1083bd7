"""Training steps, watched: DDP sends buckets while backward runs, fully_shard gathers and releases layer by layer."""

import hashlib
import os

import torch
from torch import distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor
from torch.nn.parallel import DistributedDataParallel
from torch.utils._python_dispatch import TorchDispatchMode

from utils.systems import distributed

LAYERS, WIDTH = 6, 64
NAMES = {
    "allreduce_": "all-reduce",
    "_allgather_base_": "all-gather",
    "_reduce_scatter_base_": "reduce-scatter",
}


STEPS, ROWS = (distributed.settings().get(name, usual) for name, usual in (("steps", 3), ("rows", 8)))
GPU = torch.cuda.is_available()
DEVICE = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if GPU else torch.device("cpu")


class Collectives(TorchDispatchMode):
    """Writes down each collective, and how many numbers its whole tensor has."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = function.overloadpacket.__name__
        if name in NAMES:
            tensors = args[0] if isinstance(args[0], list) else args[:2]
            self.seen.append([NAMES[name], max(tensor.numel() for tensor in tensors)])
        return function(*args, **(kwargs or {}))


def network():
    """A stack of linear layers, the same on every rank."""
    torch.manual_seed(0)
    return nn.Sequential(*(nn.Linear(WIDTH, WIDTH) for _ in range(LAYERS))).to(DEVICE)


def step(model, optimizer):
    """One step on this rank's rows of a fixed batch; the loss of its rows."""
    batch = torch.randn(ROWS, WIDTH, generator=torch.Generator().manual_seed(1))
    mine = batch[dist.get_rank() :: dist.get_world_size()].to(DEVICE)  # (ROWS / N, WIDTH)
    loss = (model(mine) - mine).square().mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.detach()


def losses_of(model):
    """Steps with Adam; the mean loss over the ranks at each, and what was sent in the last."""
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=1e-2), []
    for _ in range(STEPS):
        with Collectives() as sent:
            loss = step(model, optimizer)
        dist.all_reduce(loss)
        losses.append(loss.item() / dist.get_world_size())
    return losses, sent.seen


def watch_ddp():
    """What happens in the last step, in order; the losses; a digest of the weights after them."""
    model = DistributedDataParallel(network(), bucket_cap_mb=0.04)
    events = []

    def send(_, bucket):
        events.append(f"bucket of {bucket.buffer().numel():,} sent")
        work = dist.all_reduce(bucket.buffer().div_(dist.get_world_size()), async_op=True)
        return work.get_future().then(lambda future: future.value()[0])

    model.register_comm_hook(None, send)
    for number, layer in enumerate(model.module):
        ready = f"gradient of layer {number}"
        layer.weight.register_post_accumulate_grad_hook(lambda _, ready=ready: events.append(ready))
    model.register_forward_pre_hook(lambda *_: events.clear())  # the first step's buckets are laid out anew
    losses, _ = losses_of(model)
    weights = b"".join(parameter.detach().cpu().numpy().tobytes() for parameter in model.parameters())
    return {"events": events, "losses": losses, "weights": hashlib.sha256(weights).hexdigest()[:16]}


def watch_fsdp(reshard):
    """What a step sends; how many whole parameters stand in memory after each layer; bytes kept between steps."""
    mesh, model, whole = init_device_mesh(DEVICE.type, (dist.get_world_size(),)), network(), []

    def count(*_):
        whole.append(sum(p.numel() for p in model.parameters() if not isinstance(p, DTensor)))

    for layer in model:
        layer.register_forward_hook(count)
        fully_shard(layer, mesh=mesh, reshard_after_forward=reshard)
    fully_shard(model, mesh=mesh, reshard_after_forward=reshard)
    losses, sent = losses_of(model)
    kept = sum(parameter.to_local().numel() for parameter in model.parameters())
    return {"sent": sent, "whole": whole[-LAYERS:], "kept": kept, "losses": losses}


if __name__ == "__main__":
    dist.init_process_group("nccl" if GPU else "gloo")
    watched = {"ddp": watch_ddp(), "reshard": watch_fsdp(True), "keep": watch_fsdp(False)}
    distributed.report(watched)
    dist.destroy_process_group()
