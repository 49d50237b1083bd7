"""A worker of the tests: every rank contributes its number and answers with the sum."""

import os
import signal

import torch
import torch.distributed as dist

from utils.systems import distributed

dist.init_process_group("gloo")
total = torch.tensor([dist.get_rank() + 1])
dist.all_reduce(total)
attempt, dies = os.environ["TORCHELASTIC_RESTART_COUNT"], distributed.settings().get("die_at_first")
if dies and (attempt, dist.get_rank()) == ("0", 1):
    os.kill(os.getpid(), signal.SIGKILL)
print(f"rank {dist.get_rank()} has {total.item()}")
threads = {"threads": torch.get_num_threads(), "gpus": torch.cuda.device_count(), "pid": os.getpid()}
distributed.report({"sum": total.item(), "settings": distributed.settings(), **threads})
dist.destroy_process_group()
