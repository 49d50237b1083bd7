"""Training that may be killed: every step ends in a sharded checkpoint, and a start looks for the latest one."""

import json
import os
import signal
from pathlib import Path

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from decoder import batch, loss_of
from fsdp_model import sharded_model
from torch.distributed.checkpoint.state_dict import get_state_dict, set_state_dict

from utils import runtime
from utils.systems import distributed


def save(folder, model, optimizer, losses):
    """Each rank writes its shards; when all are there, the first rank says so."""
    weights, moments = get_state_dict(model, optimizer)
    name = f"step-{len(losses)}"
    dcp.save({"model": weights, "optimizer": moments}, checkpoint_id=folder / name)  # returns when all ranks have saved
    if dist.get_rank() == 0:
        with runtime.write_atomically(folder / "latest.json") as unfinished:  # a reader sees the old word or the new
            unfinished.write_text(json.dumps({"name": name, "losses": losses}))
    dist.barrier()


def load(folder, model, optimizer):
    """The losses so far; whoever reads may have another number of ranks than those who wrote."""
    latest = folder / "latest.json"
    if not latest.is_file():
        return []
    found = json.loads(latest.read_text())
    weights, moments = get_state_dict(model, optimizer)
    dcp.load({"model": weights, "optimizer": moments}, checkpoint_id=folder / found["name"])
    set_state_dict(model, optimizer, model_state_dict=weights, optim_state_dict=moments)
    return found["losses"]


def train(given):
    folder = Path(given["folder"])
    model = sharded_model(given | {"mesh": [dist.get_world_size()]}, keep=False)
    optimizer = torch.optim.Adam(model.parameters(), given["rate"])
    losses = load(folder, model, optimizer)
    first = len(losses)
    for step in range(first, given["steps"]):
        rows = batch(step, given).chunk(dist.get_world_size())[dist.get_rank()]
        loss = loss_of(model(rows[:, :-1]), rows)
        optimizer.zero_grad()
        loss.backward()
        if [dist.get_rank(), step, os.environ["TORCHELASTIC_RESTART_COUNT"]] == given.get("kill"):
            os.kill(os.getpid(), signal.SIGKILL)
        optimizer.step()
        dist.all_reduce(total := loss.detach().clone())
        losses.append(total.item() / dist.get_world_size())
        save(folder, model, optimizer, losses)
    return {"first": first, "losses": losses}


dist.init_process_group("gloo")
distributed.report(train(distributed.settings()))
dist.destroy_process_group()
