"""A job's three forms: torchrun's own parser reads the command, bash the script, and both really run the worker."""

import ast
import json
import os
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import child_process
from utils.errors import CourseError
from utils.systems import cluster_jobs, distributed, process_limits
from utils.systems.cluster_jobs import Job

pytestmark = pytest.mark.alone

WORKER = child_process.SUPPORT.parent / "launch_worker.py"
BIN = Path(sys.executable).parent
TIMEOUT_S = 240
GIGABYTE = 1000**3

# Documented names. Source: sagemaker.readthedocs.io, v2, sagemaker.pytorch.estimator.PyTorch with its bases Framework
# and EstimatorBase.
# fmt: off
ESTIMATOR = [
    "entry_point", "framework_version", "py_version", "source_dir", "hyperparameters", "image_uri", "distribution",
    "compiler_config", "dependencies", "git_config", "code_location", "role", "instance_count", "instance_type",
    "keep_alive_period_in_seconds", "volume_size", "max_run", "input_mode", "output_path", "base_job_name",
    "sagemaker_session", "tags", "subnets", "security_group_ids", "model_uri", "metric_definitions",
    "use_spot_instances", "max_wait", "checkpoint_s3_uri", "checkpoint_local_path", "environment",
    "max_retry_attempts",
]
# fmt: on

BAD = {
    "no rank": ({"ranks_per_node": 0}, "ranks_per_node must be a whole number of at least 1, but 0 came"),
    "half a node": ({"nodes": 1.5}, "nodes must be a whole number of at least 1, but 1.5 came"),
    "true nodes": ({"nodes": True}, "nodes must be a whole number of at least 1, but True came"),
    "negative restarts": ({"restarts": -1}, "restarts must be a whole number of at least 0, but -1 came"),
    "no time": ({"time_limit_s": 0}, "time_limit_s must be a whole number of at least 1, but 0 came"),
    "time as text": ({"time_limit_s": "1h"}, "time_limit_s must be a whole number of at least 1, but '1h' came"),
    "few rows": ({"ranks_per_node": 4, "batch_rows": 3}, "Every rank needs at least one row of the batch, but 4 ranks"),
    "no endpoint": ({"endpoint": ""}, "The endpoint must be host:port with a port up to 65535, but '' came"),
    "no port": ({"endpoint": "node1"}, "The endpoint must be host:port"),
    "high port": ({"endpoint": "node1:65536"}, "The endpoint must be host:port"),
    "a command": ({"endpoint": "$(reboot):1"}, "The endpoint must be host:port"),
    "open port": ({"nodes": 2}, "2 nodes must know the port where they meet, but 'localhost:0' leaves it open"),
    "no worker": ({"worker": ""}, "The worker must be a Python file, but '' came"),
    "a shell script": ({"worker": "train.sh"}, "The worker must be a Python file, but 'train.sh' came"),
    "backend": ({"backend": "mpi"}, "The backend must be gloo or nccl, but 'mpi' came"),
    "name": ({"name": "two words"}, "A job's name is made of letters, digits, _ and -, but 'two words' came"),
    "setting's name": ({"settings": {"a b": 1}}, "A setting's name must be an identifier, but 'a b' came"),
    "a list": ({"settings": {"a": [1]}}, "A setting is text, a finite number or a truth value, but a=[1] came"),
    "infinite": ({"settings": {"a": float("inf")}}, "A setting is text, a finite number or a truth value"),
}


@pytest.mark.parametrize("fault", BAD)
def test_each_fault_is_one_sentence(fault):
    changed, sentence = BAD[fault]
    with pytest.raises(CourseError) as caught:
        Job(**({"worker": "train.py"} | changed))
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_a_job_cannot_be_changed():
    settings = {"steps": 3}
    job = Job("train.py", settings=settings)
    settings["steps"] = 4
    assert dict(job.settings) == {"steps": 3}
    with pytest.raises(TypeError):
        job.settings["steps"] = 5
    with pytest.raises(AttributeError):
        job.nodes = 2


def parsed(command):
    """What torchrun's own parser makes of a command."""
    from torch.distributed.run import get_args_parser

    assert command[0] == "torchrun"
    return get_args_parser().parse_args(command[1:])


def test_torchrun_reads_the_command():
    job = Job(
        "my lab/train it.py",
        nodes=2,
        ranks_per_node=4,
        endpoint="node1:29500",
        restarts=3,
        settings={"steps": 3, "data": "a b"},
        name="big_job",
    )
    read = parsed(cluster_jobs.command(job))
    assert (read.nnodes, read.nproc_per_node, read.max_restarts) == ("2", "4", 3)
    assert (read.rdzv_backend, read.rdzv_id, read.rdzv_endpoint) == ("c10d", "big_job", "node1:29500")
    assert read.local_addr is None
    assert read.training_script == "my lab/train it.py"
    assert cluster_jobs.settings_of(read.training_script_args) == job.settings
    assert job.ranks == 8


@pytest.mark.parametrize("endpoint", ["localhost:0", "127.0.0.1:29400", "[::1]:29400"])
def test_loopback_stays_on_loopback(endpoint):
    assert parsed(cluster_jobs.command(Job("train.py", endpoint=endpoint))).local_addr == "127.0.0.1"


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"])).filter(lambda text: text == cluster_jobs._plain(text))
values = st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts


@given(st.dictionaries(st.from_regex(r"[a-z_]\w*", fullmatch=True).filter(str.isidentifier), values))
@pytest.mark.slow
def test_settings_survive_the_way_through_a_shell(settings):
    given = cluster_jobs.arguments(settings)
    back = cluster_jobs.settings_of(shlex.split(shlex.join(given)))
    assert back == settings
    assert [type(value) for value in back.values()] == [type(value) for value in settings.values()]


@pytest.mark.parametrize("arguments", [["--steps"], ["steps", "3"], ["--steps", "3", "x"]])
def test_arguments_that_are_no_pairs_are_named(arguments):
    with pytest.raises(CourseError, match=r"^Pairs of --name and value were expected, but "):
        cluster_jobs.settings_of(arguments)


def options(script):
    """The script's #SBATCH options."""
    lines = [line.removeprefix("#SBATCH --") for line in script.splitlines() if line.startswith("#SBATCH")]
    return dict(line.split("=") for line in lines)


def bash(*arguments, **options):
    return subprocess.run(["bash", *arguments], capture_output=True, text=True, timeout=30, **options)


@pytest.mark.parametrize("worker", ["train.py", "my lab/it's $HOME.py"])
@pytest.mark.slow
def test_bash_reads_the_script(tmp_path, worker):
    job = Job(worker, nodes=2, ranks_per_node=4, endpoint="any:29500", backend="nccl", settings={"data": "a'b $x"})
    script = cluster_jobs.slurm(job, cpus_per_rank=8)
    (tmp_path / "job.sh").write_text(script)
    assert bash("-n", tmp_path / "job.sh").stderr == ""
    assert options(script) == {
        "job-name": "course",
        "nodes": "2",
        "ntasks-per-node": "1",
        "cpus-per-task": "32",
        "time": "60",
        "gpus-per-node": "4",
    }
    for name, said in {"scontrol": "echo n1; echo n2", "srun": "printf '%s\\n' \"$@\""}.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{said}\n")
        (tmp_path / name).chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "SLURM_JOB_NODELIST": "n[1-2]", "SLURM_JOB_ID": "77"}
    done = bash(tmp_path / "job.sh", env=env)
    assert done.stderr == ""
    read = parsed(done.stdout.splitlines())
    assert (read.rdzv_endpoint, read.rdzv_id, read.nnodes, read.nproc_per_node) == ("n1:29500", "77", "2", "4")
    assert read.training_script == worker
    assert cluster_jobs.settings_of(read.training_script_args) == {"data": "a'b $x"}


def test_a_script_asks_for_gpus_only_with_nccl():
    assert "gpus-per-node" not in options(cluster_jobs.slurm(Job("train.py")))


def test_restarts_get_a_new_store():
    name = "TORCH_DISABLE_SHARE_RDZV_TCP_STORE"
    assert name not in cluster_jobs.variables(Job("train.py"))
    assert cluster_jobs.variables(Job("train.py", restarts=1), threads=4) == {"OMP_NUM_THREADS": "4", name: "1"}
    assert f"export {name}=1" in cluster_jobs.slurm(Job("train.py", restarts=1)).splitlines()


@pytest.mark.parametrize(("seconds", "minutes"), [(1, "1"), (60, "1"), (61, "2"), (86400, "1440")])
def test_slurm_counts_whole_minutes(seconds, minutes):
    assert options(cluster_jobs.slurm(Job("train.py", time_limit_s=seconds)))["time"] == minutes


def test_the_estimator_takes_what_is_documented():
    job = Job("lab/train.py", nodes=2, ranks_per_node=8, endpoint="a:1", backend="nccl", settings={"steps": 3})
    made = cluster_jobs.estimator(job, "arn:role", "ml.p4d.24xlarge", "2.6", "py312", dependencies=["utils"])
    assert set(made) <= set(ESTIMATOR)
    assert made["distribution"] == {"torch_distributed": {"enabled": True}}
    assert (made["source_dir"], made["entry_point"]) == ("lab", "train.py")
    assert (made["instance_count"], made["max_run"]) == (2, 3600)
    assert made["hyperparameters"] == {"steps": 3}
    assert ast.literal_eval(repr(made)) == json.loads(json.dumps(made)) == made


@pytest.mark.parametrize(
    ("ranks", "backend", "instance"),
    [(4, "nccl", "ml.p4d.24xlarge"), (8, "gloo", "ml.p4d.24xlarge"), (1, "nccl", "ml.m5")],
)
def test_ranks_and_gpus_of_an_instance_must_agree(ranks, backend, instance):
    job = Job("train.py", ranks_per_node=ranks, backend=backend)
    with pytest.raises(CourseError, match=r"^torch_distributed starts one rank for each GPU, but "):
        cluster_jobs.estimator(job, "role", instance, "2.6", "py312")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def slurm_here(folder, nodes):
    """Stand-ins for two of Slurm's commands: all nodes are this machine. Returns the variables that a job finds."""
    at_once = f'for node in $(seq {nodes}); do "$@" & pids="$pids $!"; done; for pid in $pids; do wait $pid; done'
    for name, said in {"scontrol": "echo localhost", "srun": f'pids=""; {at_once}'}.items():
        (folder / name).write_text(f"#!/bin/bash\nset -e\n{said}\n")
        (folder / name).chmod(0o755)
    path = os.pathsep.join(map(str, (folder, BIN, os.environ["PATH"])))
    return {"PATH": path, "SLURM_JOB_NODELIST": "localhost", "SLURM_JOB_ID": folder.name}


def run(folder, command, **env):
    """The final record of the worker that a command started, and its steps; nothing of it is left running."""
    mark = f"{folder.name}-{time.monotonic_ns()}"
    env = {"GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "LAUNCH_TEST": mark} | env
    env = child_process.environment(folder, **env)
    outcome = process_limits.run(command, timeout_s=TIMEOUT_S, memory_bytes=4 * GIGABYTE, cwd=folder, env=env)
    assert (outcome.ended_by, outcome.returncode) == ("exit", 0), child_process.report(outcome)
    assert [process.pid for process in psutil.process_iter() if marked(process, mark)] == []
    assert child_process.outside_connections(folder) == []
    steps = [line.split() for line in (folder / "steps.txt").read_text().splitlines()]
    return json.loads((folder / "final.json").read_text()), steps


def marked(process, mark):
    try:
        return process.status() != psutil.STATUS_ZOMBIE and process.environ().get("LAUNCH_TEST") == mark
    except psutil.Error:
        return False


def job_in(folder, **changed):
    folder.mkdir(exist_ok=True)
    settings = {"folder": str(folder), "steps": 5, "die_at": changed.pop("die_at", -1)}
    return Job(WORKER, settings=settings, name="test-launch", **changed)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """One node, two ranks, nobody dies."""
    folder = tmp_path_factory.mktemp("undisturbed")
    command = cluster_jobs.command(job_in(folder, ranks_per_node=2))
    return run(folder, [BIN / command[0], *command[1:]])


@pytest.mark.slow
def test_the_command_runs_the_worker(undisturbed):
    final, steps = undisturbed
    assert (final["world_size"], final["resumed_at"]) == (2, 0)
    assert [int(step) for step, _ in steps] == list(range(5))


@pytest.mark.slow
def test_the_slurm_script_runs_it_under_two_agents(tmp_path, undisturbed):
    job = job_in(tmp_path / "two nodes", nodes=2, endpoint=f"any:{free_port()}")
    script = tmp_path / "two nodes" / "job.sh"
    script.write_text(cluster_jobs.slurm(job))
    final, steps = run(tmp_path / "two nodes", ["bash", script], **slurm_here(tmp_path, 2))
    assert (final, steps) == undisturbed


@pytest.mark.slow
def test_a_notebook_gets_the_answers_of_the_attempt_that_went_through(tmp_path, undisturbed):
    settings = {"folder": str(tmp_path), "steps": 5, "die_at": 3}
    results = distributed.run(WORKER, 2, settings, restarts=1, timeout_s=TIMEOUT_S)
    assert [result.value["resumed_at"] for result in results] == [3, 3]
    assert {result.value["weight"] for result in results} == {undisturbed[0]["weight"]}


@pytest.mark.slow
def test_after_a_rank_is_killed_both_agents_go_on_from_the_checkpoint(tmp_path, undisturbed):
    job = job_in(tmp_path / "killed", nodes=2, endpoint=f"localhost:{free_port()}", restarts=1, die_at=3)
    script = tmp_path / "killed" / "job.sh"
    script.write_text(cluster_jobs.slurm(job))
    final, steps = run(tmp_path / "killed", ["bash", script], **slurm_here(tmp_path, 2))
    assert final["resumed_at"] == 3
    assert final["weight"] == undisturbed[0]["weight"]
    assert steps == undisturbed[1], "every step once: none lost, none done twice"
