"""The model of this lab under fully_shard, sharded before it has any values."""

import torch
from decoder import build, initial
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard


# fully_shard refuses a mesh of two dimensions without names, hence mesh_dim_names.
def sharded_model(given, keep):
    """Built without memory, cut, and filled share by share: no rank ever holds the whole model."""
    shape = tuple(given["mesh"])  # (N,), or (replicas, N) where groups of N repeat each other
    mesh = init_device_mesh("cpu", shape, mesh_dim_names=("replicas", "shards")[-len(shape) :])
    with torch.device("meta"):
        model = build(given)
    for block in model.blocks:
        fully_shard(block, mesh=mesh, reshard_after_forward=not keep)
    fully_shard(model, mesh=mesh)
    model.to_empty(device="cpu")
    place, parts = mesh.get_local_rank(mesh.ndim - 1), mesh.size(mesh.ndim - 1)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            share = initial(name, parameter.shape).chunk(parts)[place : place + 1]
            parameter.to_local().copy_(*share) if share else None
    return model
