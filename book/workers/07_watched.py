"""Training steps, watched: DDP sends buckets while backward runs, fully_shard gathers and releases layer by layer."""

import hashlib
import os

import torch
from torch import distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.nn.parallel import DistributedDataParallel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

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


class Memory(TorchDispatchMode):
    """The most bytes in memory after any operation, beyond the shares of parameters, gradients and Adam's moments."""

    def __init__(self, model, optimizer):
        super().__init__()
        self.model, self.optimizer, self.alive, self.most = model, optimizer, {}, 0
        self.see(self.shares())

    def shares(self):
        states = tree_leaves([list(self.model.parameters()), list(self.optimizer.state.values())])
        gradients = [parameter.grad for parameter in self.model.parameters() if parameter.grad is not None]
        return [tensor.to_local() if isinstance(tensor, DTensor) else tensor for tensor in states + gradients]

    def see(self, tensors):
        for tensor in tensors:
            storage = tensor.untyped_storage()
            self.alive[storage._cdata] = StorageWeakRef(storage)

    def bytes(self):
        # A weak reference keeps no memory alive; fully_shard frees by setting a storage's size to 0.
        storages = (torch.UntypedStorage._new_with_weak_ptr(reference.cdata) for reference in self.alive.values())
        return sum(storage.nbytes() for storage in storages if storage is not None)

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        tensors = [leaf for leaf in tree_leaves((args, kwargs, result)) if isinstance(leaf, torch.Tensor)]
        self.see(tensor for tensor in tensors if not isinstance(tensor, DTensor))
        self.most = max(self.most, self.bytes() - sum(share.nbytes for share in self.shares()))
        return result


def network():
    """A stack of linear layers, the same on every rank."""
    torch.manual_seed(0)
    return nn.Sequential(*(nn.Linear(WIDTH, WIDTH) for _ in range(LAYERS))).to(DEVICE)


def loss_of(model, dtype=torch.float32):
    """The loss of this rank's rows of a fixed batch."""
    batch = torch.randn(ROWS, WIDTH, generator=torch.Generator().manual_seed(1))
    mine = batch[dist.get_rank() :: dist.get_world_size()].to(DEVICE, dtype)  # (ROWS / N, WIDTH)
    return (model(mine) - mine).square().mean()


def step(model, optimizer):
    """One step; the loss of this rank's rows."""
    loss = loss_of(model)
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


def watch_dtypes():
    """The type in which DDP sends gradients: computing in 16 bits by autocast, and with weights in 16 bits."""
    sent = {}
    for way, weights in (("autocast", torch.float32), ("weights in bf16", torch.bfloat16)):
        model = DistributedDataParallel(network().to(weights))

        def send(_, bucket, way=way):
            sent[way] = str(bucket.buffer().dtype).removeprefix("torch.")
            work = dist.all_reduce(bucket.buffer(), async_op=True)
            return work.get_future().then(lambda future: future.value()[0])

        model.register_comm_hook(None, send)
        with torch.autocast(DEVICE.type, torch.bfloat16, enabled=way == "autocast"):
            loss = loss_of(model, weights)
        loss.backward()
    return sent


def watch_memory():
    """The most that stands in memory beyond the shares, counted in layers: in forward, and in backward."""
    mesh, model = init_device_mesh(DEVICE.type, (dist.get_world_size(),)), network()
    one = sum(parameter.nbytes for parameter in model[0].parameters())
    for layer in model:
        fully_shard(layer, mesh=mesh)
    fully_shard(model, mesh=mesh)
    optimizer, most = torch.optim.Adam(model.parameters()), {"forward": 0, "backward": 0}
    step(model, optimizer)  # the first step lays out buffers and Adam's moments
    for _ in range(4):  # a message can end a moment earlier or later, so the largest of four passes
        with Memory(model, optimizer) as forward:
            loss = loss_of(model)
        with Memory(model, optimizer) as backward:
            loss.backward()
        optimizer.zero_grad()
        for name, memory in (("forward", forward), ("backward", backward)):
            most[name] = max(most[name], memory.most / one)
    return most


if __name__ == "__main__":
    dist.init_process_group("nccl" if GPU else "gloo")
    watched = {"ddp": watch_ddp(), "reshard": watch_fsdp(True), "keep": watch_fsdp(False)}
    watched |= {"dtypes": watch_dtypes(), "memory": watch_memory()}
    distributed.report(watched)
    dist.destroy_process_group()
