"""Ways to cut a model that data parallelism leaves whole: inside its products, between its layers, and both at once."""

import time
from functools import partial

import torch
from torch import distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor.parallel import ColwiseParallel, RowwiseParallel, parallelize_module
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel

from utils.systems import distributed

BATCH, TOKENS, WIDTH, HEADS, HIDDEN = 4, 16, 64, 4, 256
# A stage of the pipeline: wide enough that computing takes far longer than a message.
STAGE_LAYERS, STAGE_WIDTH, STAGE_ROWS = 4, 512, 1024


class Enter(torch.autograd.Function):
    """Into the cut part: backward, the ranks' input gradients are added."""

    @staticmethod
    def forward(ctx, x, sent):
        ctx.sent = sent
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad_output):
        return all_reduce(grad_output, ctx.sent), None


class Leave(torch.autograd.Function):
    """Out of the cut part: forward, the ranks' parts are added up."""

    @staticmethod
    def forward(ctx, part, sent):
        return all_reduce(part, sent)

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output, None


def all_reduce(tensor, sent):
    """The sum over the ranks; writes down its bytes."""
    total = tensor.contiguous().clone()
    dist.all_reduce(total)
    sent.append(total.nbytes)
    return total


def mlp(x, up, down):
    """x (B, T, D), up (D, F), down (F, D); a cut one has fewer columns of `up` and the same rows of `down`."""
    return F.gelu(x @ up) @ down


def attention(x, qkv, out):
    """x (B, T, D), qkv (3, D, H * d), out (H * d, D), H heads of this rank, d = D / HEADS; causal."""
    heads = [
        (x @ weight).unflatten(-1, (-1, WIDTH // HEADS)).transpose(1, 2)  # (B, H, T, d)
        for weight in qkv
    ]
    return F.scaled_dot_product_attention(*heads, is_causal=True).transpose(1, 2).flatten(2) @ out


def my_part(weight, dim):
    """This rank's part of a weight, as a leaf that gets a gradient."""
    return weight.chunk(dist.get_world_size(), dim)[dist.get_rank()].clone().requires_grad_()


def tensor_parallel(layer, weights, dims, x):
    """One layer, whole and cut: the largest difference of output and of each gradient; bytes of each all-reduce.

    weights: of the whole layer. dims: along which dimension each is cut.
    """
    whole = [weight.clone().requires_grad_() for weight in weights]
    cut = [my_part(weight, dim) for weight, dim in zip(weights, dims, strict=True)]
    x_whole, x_cut, sent = x.clone().requires_grad_(), x.clone().requires_grad_(), []
    expected = layer(x_whole, *whole)
    output = Leave.apply(layer(Enter.apply(x_cut, sent), *cut), sent)
    for result in (expected, output):
        result.square().sum().backward()
    pairs = [(output, expected), (x_cut.grad, x_whole.grad)]
    pairs += [(one.grad, my_part(all_.grad, dim)) for one, all_, dim in zip(cut, whole, dims, strict=True)]
    kept = sum(weight.numel() for weight in cut) / sum(weight.numel() for weight in whole)
    return {"difference": max(relative(*pair) for pair in pairs), "sent": sent, "kept": kept}


def relative(one, other):
    """The largest difference, as a share of the largest number."""
    return ((one - other).abs().max() / other.abs().max()).item()


def watch_tensor_parallel():
    """The MLP and the attention of a block, cut by hand; the MLP once more by PyTorch."""
    torch.manual_seed(0)
    x = torch.randn(BATCH, TOKENS, WIDTH)
    up, down = torch.randn(WIDTH, HIDDEN) / WIDTH**0.5, torch.randn(HIDDEN, WIDTH) / HIDDEN**0.5
    qkv, out = torch.randn(3, WIDTH, WIDTH) / WIDTH**0.5, torch.randn(WIDTH, WIDTH) / WIDTH**0.5
    return {
        "MLP": tensor_parallel(mlp, (up, down), (1, 0), x),
        "attention": tensor_parallel(attention, (qkv, out), (2, 0), x),
        "PyTorch": by_pytorch(x, up, down),
    }


def by_pytorch(x, up, down):
    """The largest difference between the MLP that PyTorch cuts and the whole one."""
    model = nn.Sequential(nn.Linear(WIDTH, HIDDEN, bias=False), nn.GELU(), nn.Linear(HIDDEN, WIDTH, bias=False))
    model[0].weight.data, model[2].weight.data = up.T.contiguous(), down.T.contiguous()
    mesh = init_device_mesh("cpu", (dist.get_world_size(),))
    parallelize_module(model, mesh, {"0": ColwiseParallel(), "2": RowwiseParallel()})
    return relative(model(x).detach(), mlp(x, up, down))


def stage(rank):
    """The layers of one stage of the pipeline."""
    torch.manual_seed(rank)
    return nn.Sequential(*(nn.Linear(STAGE_WIDTH, STAGE_WIDTH) for _ in range(STAGE_LAYERS)))


def pipeline(model, parts, events):
    """Forward of all micro-batches, then backward of all, on two stages.

    parts: the micro-batches, whole rows. Only stage 0 reads them, and only
    stage 1 knows the loss, a mean. events: gets when each one computed.
    """
    first, kept, on_the_way = dist.get_rank() == 0, [], []

    def timed(name, number, job):
        start_s = time.monotonic()
        result = job()
        end_s = time.monotonic()
        events.append([dist.get_rank(), name, number, start_s, end_s])
        return result

    for number, part in enumerate(parts):
        if first:
            output = timed("forward", number, partial(model, part))
            # Sends while it goes on with the next.
            on_the_way.append(dist.isend(output.detach(), dst=1))
            kept.append((part, output))
        else:
            received = torch.empty_like(part)
            dist.recv(received, src=0)
            received.requires_grad_()
            output = timed("forward", number, partial(model, received))
            kept.append((received, output.square().mean() / len(parts)))
    for number, (received, output) in enumerate(kept):
        if first:
            grad_output = torch.empty_like(output)
            dist.recv(grad_output, src=1)
            timed("backward", number, partial(output.backward, grad_output))
        else:
            timed("backward", number, output.backward)
            on_the_way.append(dist.isend(received.grad, dst=0))
    for message in on_the_way:
        message.wait()


def watch_pipeline(micro_batches, repeats):
    """For each number of micro-batches: the steps' events, and how far the gradients lie from those of one process."""
    torch.set_num_threads(1)
    batch = torch.randn(STAGE_ROWS, STAGE_WIDTH, generator=torch.Generator().manual_seed(2))
    both = nn.Sequential(stage(0), stage(1))
    both(batch).square().mean().backward()
    expected = [parameter.grad for parameter in both[dist.get_rank()].parameters()]
    seen = {}
    for count in micro_batches:
        steps, model = [], stage(dist.get_rank())
        for _ in range(repeats):
            model.zero_grad()
            dist.barrier()
            steps.append([])
            pipeline(model, batch.chunk(count), steps[-1])
        gradients = [parameter.grad for parameter in model.parameters()]
        difference = max(map(relative, gradients, expected))
        seen[str(count)] = {"steps": steps, "difference": difference}
    return seen


def watch_accumulation(parts):
    """Gradients of a batch in several parts, all sent or only the last: messages, and their difference to one pass."""
    batch = torch.randn(8 * parts, WIDTH, generator=torch.Generator().manual_seed(3))
    mine = batch[dist.get_rank() :: dist.get_world_size()]
    torch.manual_seed(0)
    plain = nn.Linear(WIDTH, WIDTH)
    plain(batch).square().mean().backward()
    seen = {}
    for way in ("each part", "last part"):
        torch.manual_seed(0)
        model, sent = DistributedDataParallel(nn.Linear(WIDTH, WIDTH)), []

        def send(_, bucket, sent=sent):
            sent.append(bucket.buffer().numel())
            work = dist.all_reduce(bucket.buffer().div_(dist.get_world_size()), async_op=True)
            return work.get_future().then(lambda future: future.value()[0])

        model.register_comm_hook(None, send)
        for number, part in enumerate(mine.chunk(parts)):
            model.require_backward_grad_sync = way == "each part" or number == parts - 1  # what no_sync() switches
            (model(part).square().mean() / parts).backward()
        difference = relative(model.module.weight.grad, plain.weight.grad)
        seen[way] = {"messages": len(sent), "numbers": sum(sent), "difference": difference}
    return seen


def watch_mesh():
    """Two ranks share each product, two such pairs share the states."""
    torch.manual_seed(0)
    layers = nn.Linear(WIDTH, HIDDEN), nn.GELU(), nn.Linear(HIDDEN, WIDTH)
    model, batch = nn.Sequential(*layers), torch.randn(8, WIDTH)
    expected = model(batch).detach()
    whole = sum(parameter.numel() for parameter in model.parameters())
    grid, names = (2, dist.get_world_size() // 2), ("shards", "products")
    mesh = init_device_mesh("cpu", grid, mesh_dim_names=names)
    cuts = {"0": ColwiseParallel(), "2": RowwiseParallel()}
    parallelize_module(model, mesh["products"], cuts)
    fully_shard(model, mesh=mesh["shards"])
    # Before the first step: the outermost unit keeps what it has gathered
    # until backward.
    kept = sum(p.to_local().numel() for p in model.parameters())
    places = {n: [*map(str, p.placements)] for n, p in model.named_parameters()}
    difference = relative(model(batch).detach(), expected)
    told = {"kept": kept, "whole": whole, "placements": places}
    return told | {"difference": difference}


if __name__ == "__main__":
    dist.init_process_group("gloo")
    asked = distributed.settings()
    if asked["what"] == "mesh":
        watched = watch_mesh()
    else:
        watched = {"tensor": watch_tensor_parallel(), "accumulation": watch_accumulation(asked["parts"])}
        watched["pipeline"] = watch_pipeline(asked["micro_batches"], asked["repeats"])
    distributed.report(watched)
    dist.destroy_process_group()
