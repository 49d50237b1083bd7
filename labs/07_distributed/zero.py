"""ZeRO by hand: one unit per layer, a flat vector of which a rank keeps what its stage lets it keep."""

import torch
import torch.distributed as dist
from decoder import batch, build, loss_of

from utils.systems import distributed

BETAS, EPS = (0.9, 0.999), 1e-8
calls = []  # (collective, bytes of the whole tensor), in order


class Unit:
    """The parameters of a few modules. Stage 1 cuts Adam's state, 2 the gradients too, 3 the weights too."""

    def __init__(self, modules, stage, dtype):
        self.stage, self.rank, self.world_size = stage, dist.get_rank(), dist.get_world_size()
        self.parameters = [parameter for module in modules for parameter in module.parameters()]
        flat = torch.cat([parameter.detach().flatten() for parameter in self.parameters])
        self.full = pad(flat, self.world_size).to(dtype)
        self.point_into_full()
        start = self.mine(self.full).float()
        self.master = start.clone() if dtype != torch.float32 else None  # the copy that small steps do not vanish in
        self.moments = torch.zeros_like(start), torch.zeros_like(start)
        self.shard = self.full.chunk(self.world_size)[self.rank].clone() if stage == 3 else None
        self.gradient = None
        self.release()

    def mine(self, vector):
        """The part of a full vector whose update is this rank's work: all of it at stage 0."""
        return vector.chunk(self.world_size)[self.rank] if self.stage else vector

    def point_into_full(self):
        place = 0
        for parameter in self.parameters:
            parameter.data = self.full[place : place + parameter.numel()].view(parameter.shape)
            place += parameter.numel()

    def gather(self):
        if self.stage == 3:
            self.full.untyped_storage().resize_(self.full.numel() * self.full.element_size())
            collective("all_gather", self.full, self.shard)

    def release(self):
        if self.stage == 3:
            self.full.untyped_storage().resize_(0)  # nothing is sent back: the copy is dropped

    def collect_gradients(self):
        """After this unit's backward pass."""
        whole = pad(torch.cat([parameter.grad.flatten() for parameter in self.parameters]), self.world_size)
        for parameter in self.parameters:
            parameter.grad = None
        self.gradient = whole / self.world_size
        if self.stage >= 2:
            self.scatter_gradient()
        elif self.stage == 0:
            collective("all_reduce", self.gradient)

    def scatter_gradient(self):
        whole, self.gradient = self.gradient, torch.empty_like(self.mine(self.gradient))
        collective("reduce_scatter", self.gradient, whole)

    def update(self, step, rate):
        """Adam on this rank's part; the other ranks get the new weights at once, or at stage 3 when they need them."""
        if self.stage == 1:
            self.scatter_gradient()
        weights = self.shard if self.stage == 3 else self.mine(self.full)
        exact = weights if self.master is None else self.master
        adam(exact, self.gradient.float(), *self.moments, step, rate)
        weights.copy_(exact)
        self.gradient = None
        if self.stage in (1, 2):
            collective("all_gather", self.full, weights.clone())


def pad(vector, multiple):
    return torch.nn.functional.pad(vector, (0, -len(vector) % multiple))


def adam(weights, gradient, mean, square, step, rate):
    mean.lerp_(gradient, 1 - BETAS[0])
    square.lerp_(gradient**2, 1 - BETAS[1])
    unbiased = square / (1 - BETAS[1] ** (step + 1))
    weights -= rate * mean / (1 - BETAS[0] ** (step + 1)) / (unbiased.sqrt() + EPS)


def collective(name, result, *given):
    functions = {
        "all_reduce": dist.all_reduce,
        "all_gather": dist.all_gather_single,
        "reduce_scatter": dist.reduce_scatter_single,
    }
    functions[name](result, *given)
    whole = max((result, *given), key=torch.numel)
    calls.append((name, whole.numel() * whole.element_size()))


def training_step(model, outer, layers, ids):
    """Forward and backward, unit by unit: gather, compute, release. Returns the loss of this rank's rows."""
    outer.gather()
    kept, x = [], model.embed(ids[:, :-1])
    first = x
    for block, unit in zip(model.blocks, layers, strict=True):
        unit.gather()
        start = x.detach().requires_grad_()
        x = block(start)
        kept.append((start, x))
        unit.release()
    top = x.detach().requires_grad_()
    loss = loss_of(model.head(top), ids)
    loss.backward()
    grad_output = top.grad
    for unit, (start, x) in zip(reversed(layers), reversed(kept), strict=True):
        unit.gather()
        x.backward(grad_output)
        unit.collect_gradients()
        unit.release()
        grad_output = start.grad
    first.backward(grad_output)
    outer.collect_gradients()
    outer.release()
    return loss.detach()


def held_bytes(*tensors):
    """Bytes of memory behind tensors; what several share counts once."""
    storages = {tensor.untyped_storage()._cdata: tensor.untyped_storage() for tensor in tensors if tensor is not None}
    return sum(storage.nbytes() for storage in storages.values())


def run(stage, precision, given):
    dtype = torch.bfloat16 if precision == "mixed" else torch.float32
    model = build(given)
    layers = [Unit([block], stage, dtype) for block in model.blocks]
    outer = Unit([model.table, model.places, model.norm], stage, dtype)
    losses = []
    for step in range(given["steps"]):
        calls.clear()
        rows = batch(step, given).chunk(dist.get_world_size())[dist.get_rank()]
        loss = training_step(model, outer, layers, rows)
        units = (outer, *layers)
        parameters = held_bytes(*(unit.full for unit in units), *(unit.shard for unit in units))
        gradients = held_bytes(*(unit.gradient for unit in units))
        optimizer = held_bytes(*(moment for unit in units for moment in (*unit.moments, unit.master)))
        for unit in units:
            unit.update(step, given["rate"])
        dist.all_reduce(loss)
        losses.append(loss.item() / dist.get_world_size())
    held = {"parameters": parameters, "gradients": gradients, "optimizer": optimizer}
    return {"losses": losses, "held": held, "calls": list(calls)}


dist.init_process_group("gloo")
given = distributed.settings()
distributed.report({f"{stage} {precision}": run(stage, precision, given) for stage, precision in given["ways"]})
dist.destroy_process_group()
