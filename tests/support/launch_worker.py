"""A worker that any launcher can start: data-parallel steps on one line, a checkpoint after each, a death on request.

Settings: folder; steps; die_at, the step at which rank 1 is killed, once, -1 for never.
Rank 0 leaves the weight after each step, exactly as it is, in folder/steps.txt and folder/final.json.
"""

import json
import os
import signal
from pathlib import Path

import torch
from torch import distributed as dist

from utils.systems import distributed

settings = distributed.settings()
folder = Path(str(settings["folder"]))
checkpoint = folder / "checkpoint.json"
dist.init_process_group("gloo")
rank, size = dist.get_rank(), dist.get_world_size()
died = folder / "died"  # torchrun's own count of restarts differs from node to node
start = json.loads(checkpoint.read_text()) if checkpoint.exists() else {"step": 0, "weight": 0.0}
weight = torch.tensor(start["weight"], dtype=torch.float64)
for step in range(start["step"], settings["steps"]):
    if step == settings["die_at"] and rank == 1 and not died.exists():
        died.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    rows = torch.arange(4, dtype=torch.float64)[rank::size] + step  # (4 / N,)
    gradient = (2 * (weight * rows - rows) * rows).mean()
    dist.all_reduce(gradient)
    weight -= 0.01 * gradient / size
    if rank == 0:
        with (folder / "steps.txt").open("a") as log:
            log.write(f"{step} {weight.item().hex()}\n")
        unfinished = checkpoint.with_suffix(".unfinished")
        unfinished.write_text(json.dumps({"step": step + 1, "weight": weight.item()}))
        unfinished.replace(checkpoint)
    dist.barrier()
final = {"weight": weight.item().hex(), "world_size": size, "resumed_at": start["step"]}
distributed.report(final)
if rank == 0:
    (folder / "final.json").write_text(json.dumps(final))
dist.destroy_process_group()
