"""Three collectives by hand, as rings: each rank sends to the next one and receives from the one before."""

import torch
import torch.distributed as dist

from utils.systems import distributed

sent_bytes = 0


def pass_on(outgoing):
    """Send a tensor to the next rank, return what came from the one before."""
    global sent_bytes
    rank, world_size, incoming = dist.get_rank(), dist.get_world_size(), torch.empty_like(outgoing)
    sending = dist.isend(outgoing, (rank + 1) % world_size)
    dist.recv(incoming, (rank - 1) % world_size)
    sending.wait()
    sent_bytes += outgoing.numel() * outgoing.element_size()
    return incoming


def reduce_scatter(tensor):
    """Chunk r of the sum over all ranks, on rank r."""
    rank, world_size = dist.get_rank(), dist.get_world_size()
    chunks = tensor.chunk(world_size)
    travelling = chunks[rank - 1]
    for hop in range(2, world_size + 1):
        travelling = pass_on(travelling) + chunks[rank - hop]
    return travelling


def all_gather(chunk):
    """The chunks of all ranks, joined in order of rank."""
    rank, world_size = dist.get_rank(), dist.get_world_size()
    chunks = {rank: chunk}
    for hop in range(1, world_size):
        chunks[(rank - hop) % world_size] = pass_on(chunks[(rank - hop + 1) % world_size])
    return torch.cat([chunks[r] for r in range(world_size)])


def all_reduce(tensor):
    """The sum over all ranks, on every rank."""
    return all_gather(reduce_scatter(tensor))


def library(name, tensor):
    """The same by torch.distributed."""
    chunk = tensor.chunk(dist.get_world_size())[dist.get_rank()].clone()
    if name == "all_reduce":
        dist.all_reduce(tensor)
        return tensor
    result = torch.empty_like(chunk if name == "reduce_scatter" else tensor)
    call = dist.reduce_scatter_single if name == "reduce_scatter" else dist.all_gather_single
    call(result, tensor if name == "reduce_scatter" else chunk)
    return result


dist.init_process_group("gloo")
answers = {}
for by_hand in (all_reduce, reduce_scatter, all_gather):
    torch.manual_seed(dist.get_rank())
    tensor = torch.randint(-100, 100, (distributed.settings()["entries"],)).float()
    sent_bytes = 0
    whole = by_hand.__name__ != "all_gather"
    mine = by_hand(tensor if whole else tensor.chunk(dist.get_world_size())[dist.get_rank()])
    same = torch.equal(mine, library(by_hand.__name__, tensor.clone()))
    answers[by_hand.__name__] = {"sent_bytes": sent_bytes, "tensor_bytes": tensor.numel() * 4, "same": same}
distributed.report(answers)
dist.destroy_process_group()
