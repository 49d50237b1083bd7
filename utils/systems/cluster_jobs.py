"""One job, described once: the torchrun command of a node, a Slurm script, a SageMaker estimator's arguments.

Nothing here starts anything; `utils.systems.distributed` runs a job on this machine. A job's settings reach the worker
as arguments, `--steps 3`, in all three forms; the worker reads them back with `settings_of(sys.argv[1:])`.
"""

import json
import math
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from types import MappingProxyType

from utils.errors import CourseError, at_least

BACKENDS = ("gloo", "nccl")
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
SLURM_PORT = 29400
# Agents share one store over all attempts, in which a new worker may find the address of a dead one and give up. With
# restarts each attempt gets a store of its own. Source: pytorch/pytorch, issue 135712; seen here with torch 2.13.
NEW_STORE = {"TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}
# GPUs of an instance. Source: AWS, Amazon EC2 instance types, accelerated computing.
GPUS = {"ml.g5.xlarge": 1, "ml.g5.12xlarge": 4, "ml.g5.48xlarge": 8, "ml.p4d.24xlarge": 8, "ml.p5.48xlarge": 8}
Plain = str | int | float | bool


@dataclass(frozen=True)
class Job:
    """What runs, on how many processes, and where they meet.

    worker: the Python file that every rank runs. nodes, ranks_per_node: machines, and processes on each.
    endpoint: "host:port" where the nodes meet; the host is one of them. Port 0 is any free one, for a single node.
    restarts: how often all ranks are started again when one fails. settings: names and plain values for the worker.
    backend: "gloo" on CPUs, "nccl" on NVIDIA GPUs. time_limit_s: seconds until a scheduler ends the job.
    batch_rows: rows of one batch over all ranks, to be shared out; None when the job has no batch.
    name: letters, digits, "_" and "-"; tells jobs apart that meet at one endpoint.
    Raises CourseError for a value that no machine could run.
    """

    worker: str | PurePath
    nodes: int = 1
    ranks_per_node: int = 1
    endpoint: str = "localhost:0"
    restarts: int = 0
    settings: Mapping[str, Plain] = field(default_factory=dict)
    backend: str = "gloo"
    time_limit_s: int = 3600
    batch_rows: int | None = None
    name: str = "course"

    def __post_init__(self):
        at_least(1, nodes=self.nodes, ranks_per_node=self.ranks_per_node, time_limit_s=self.time_limit_s)
        at_least(0, restarts=self.restarts)
        if not str(self.worker).endswith(".py"):
            raise CourseError(f"The worker must be a Python file, but {str(self.worker)!r} came: give its path.")
        if self.backend not in BACKENDS:
            raise CourseError(f"The backend must be {' or '.join(BACKENDS)}, but {self.backend!r} came: choose one.")
        if not re.fullmatch(r"[\w-]+", self.name, re.ASCII):
            raise CourseError(f"A job's name is made of letters, digits, _ and -, but {self.name!r} came: rename it.")
        if self.batch_rows is not None and self.batch_rows < self.ranks:
            raise CourseError(
                f"Every rank needs at least one row of the batch, but {self.ranks} ranks and {self.batch_rows} rows "
                "came: start fewer ranks or take a larger batch."
            )
        host, port = _endpoint(self.endpoint)
        if self.nodes > 1 and port == 0:
            raise CourseError(
                f"{self.nodes} nodes must know the port where they meet, but {self.endpoint!r} leaves it open: "
                f"name a free port of that node, such as {host}:{SLURM_PORT}."
            )
        object.__setattr__(self, "settings", MappingProxyType(dict(self.settings)))
        arguments(self.settings)

    @property
    def ranks(self) -> int:
        """Processes in all, the world size."""
        return self.nodes * self.ranks_per_node


def arguments(settings: Mapping[str, Plain]) -> list[str]:
    """Settings as a worker's arguments; numbers, true and false in JSON's spelling.

    Raises CourseError for a name that is no identifier, and for a value that is not plain or not finite.

    >>> arguments({"steps": 3, "rate": 0.1, "shuffle": True})
    ['--steps', '3', '--rate', '0.1', '--shuffle', 'true']
    """
    made = []
    for name, value in settings.items():
        if not str(name).isidentifier():
            raise CourseError(f"A setting's name must be an identifier, but {name!r} came: use letters, digits and _.")
        if not isinstance(value, Plain) or (isinstance(value, float) and not math.isfinite(value)):
            raise CourseError(f"A setting is text, a finite number or a truth value, but {name}={value!r} came.")
        made += [f"--{name}", value if isinstance(value, str) else json.dumps(value)]
    return made


def settings_of(arguments: Sequence[str]) -> dict[str, Plain]:
    """The settings that `arguments` was made from; a text that reads as a number comes back as one.

    Raises CourseError for arguments that are not pairs of --name and value.

    >>> settings_of(["--steps", "3", "--data", "course"])
    {'steps': 3, 'data': 'course'}
    """
    names, values = arguments[::2], arguments[1::2]
    if len(names) != len(values) or not all(name.startswith("--") for name in names):
        raise CourseError(f"Pairs of --name and value were expected, but {' '.join(arguments)!r} came: complete them.")
    return {name[2:]: _plain(value) for name, value in zip(names, values, strict=True)}


def command(job: Job) -> list[str]:
    """The command of each node, the same on all; torchrun numbers ranks. Source: PyTorch documentation, torchrun."""
    local = ["--local-addr=127.0.0.1"] if _endpoint(job.endpoint)[0] in LOOPBACK else []
    return ["torchrun", *_flags(job, job.name, job.endpoint), *local, str(job.worker), *arguments(job.settings)]


def variables(job: Job, threads: int = 1) -> dict[str, str]:
    """Environment variables beside the command: a rank's threads, and with restarts a new store for each attempt."""
    return {"OMP_NUM_THREADS": str(threads)} | (NEW_STORE if job.restarts else {})


def slurm(job: Job, cpus_per_rank: int = 1) -> str:
    """A job script for `sbatch`: one torchrun on each node, meeting on the first node that Slurm gives.

    Of the endpoint only the port is kept, since no node's name is known before. Source: Slurm documentation, sbatch.
    """
    at_least(1, cpus_per_rank=cpus_per_rank)
    options = {"job-name": job.name, "nodes": job.nodes, "ntasks-per-node": 1}
    options |= {"cpus-per-task": cpus_per_rank * job.ranks_per_node, "time": -(-job.time_limit_s // 60)}  # minutes
    options |= {"gpus-per-node": job.ranks_per_node} if job.backend == "nccl" else {}
    flags = _flags(job, '"$SLURM_JOB_ID"', f'"$first:{_endpoint(job.endpoint)[1] or SLURM_PORT}"')
    header = "\n".join(f"#SBATCH --{name}={value}" for name, value in options.items())
    exports = "\n".join(f"export {name}={value}" for name, value in variables(job, cpus_per_rank).items())
    run = shlex.join([str(job.worker), *arguments(job.settings)])
    start = " \\\n  ".join(["srun torchrun", *flags, run])
    return f"""\
#!/bin/bash
{header}
set -euo pipefail
{exports}
first=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | sed -n 1p)
{start}
"""


def estimator(
    job: Job, role: str, instance_type: str, framework_version: str, py_version: str, dependencies: Sequence[str] = ()
) -> dict:
    """Arguments of SageMaker's PyTorch estimator (SDK 2.x); its torch_distributed launcher calls torchrun.

    instance_type: one of GPUS, with a GPU for each rank of a node. dependencies: folders that travel with the worker.
    Endpoint and restarts are the service's own. Raises CourseError where ranks and GPUs differ.
    Source: SageMaker Python SDK documentation, sagemaker.pytorch.estimator.PyTorch and EstimatorBase.
    """
    if GPUS.get(instance_type) != job.ranks_per_node or job.backend != "nccl":
        raise CourseError(
            f"torch_distributed starts one rank for each GPU, but {job.ranks_per_node} ranks over {job.backend} on "
            f"{instance_type!r} came: use nccl, and of {', '.join(GPUS)} one with that many GPUs."
        )
    return {
        "entry_point": Path(job.worker).name,
        "source_dir": str(Path(job.worker).parent),
        "dependencies": list(dependencies),
        "role": role,
        "instance_type": instance_type,
        "instance_count": job.nodes,
        "framework_version": framework_version,
        "py_version": py_version,
        "hyperparameters": dict(job.settings),
        "distribution": {"torch_distributed": {"enabled": True}},
        "max_run": job.time_limit_s,
        "base_job_name": job.name.replace("_", "-"),
    }


def _flags(job: Job, name: str, endpoint: str) -> list[str]:
    """torchrun's flags, the same on all nodes: with the backend c10d the agents number the nodes among themselves."""
    shape = [f"--nnodes={job.nodes}", f"--nproc-per-node={job.ranks_per_node}", f"--max-restarts={job.restarts}"]
    return [*shape, "--rdzv-backend=c10d", f"--rdzv-id={name}", f"--rdzv-endpoint={endpoint}"]


def _endpoint(endpoint: str) -> tuple[str, int]:
    match = re.fullmatch(r"(\[[\da-f:]+\]|[\w.-]+):(\d{1,5})", str(endpoint), re.ASCII | re.IGNORECASE)
    if not match or int(match[2]) > 65535:
        raise CourseError(
            f"The endpoint must be host:port with a port up to 65535, but {endpoint!r} came: "
            f"name one of the nodes and a free port there, such as node1:{SLURM_PORT}."
        )
    return match[1], int(match[2])


def _plain(value: str) -> Plain:
    try:
        read = json.loads(value)
    except ValueError:
        return value
    return read if isinstance(read, int | float) and math.isfinite(read) else value
