"""Every lab runs: by default under nbval, under profile grade where it reads it, lab 02 on real rows and in full."""

import re
import shutil
import sys

import pytest

from tests.support import child_process, example_lab, lab_runs, labs
from tests.support.loopback_hub import FLAN_T5_BASE, LoopbackHub, write_dialogues, write_t5
from tools.site import execute
from utils import data, runtime

GRADE = re.compile(r'PROFILE [!=]= "(?!full")')


def page(lab):
    """The lab's name in the site's table of contents."""
    return lab.path.relative_to(labs.ROOT).with_suffix("").as_posix()


def whole(found):
    """Parameters of a test that executes whole labs. Those that show how long something takes have the machine."""
    return [
        pytest.param(
            lab, id=lab.path.stem, marks=[pytest.mark.lab, *[pytest.mark.alone] * (page(lab) in execute.ALONE)]
        )
        for lab in sorted(found, key=lambda lab: page(lab) not in execute.LONGEST)
    ]


LABS = [labs.read(path) for path in labs.paths()]
READ_PROFILE = [lab for lab in LABS if any(GRADE.search(cell.source) for cell in lab.code)]
LAB_02 = labs.ROOT / "labs" / "02_prompting" / "02_prompting.ipynb"
MODEL, DATA = "google/flan-t5-base", "knkarthick/dialogsum"
FULL_ROWS = {"train": 12, "validation": 8, "test": 11}
FULL_BYTES, FULL_TIMEOUT_S = 8_000_000_000, 1200
# Random weights never end an answer before its limit: with all twelve layers a slow machine needs over 20 minutes.
FULL_SHAPE = FLAN_T5_BASE | {"num_layers": 2}
PROBE = """
import socket
try:
    socket.create_connection(("192.0.2.1", 80), timeout=1)
except OSError as error:
    print("went on without:", error)
"""


def run_papermill(lab, folder, parameters, **options):
    """The faults of one papermill run, joined for an assertion."""
    executed = folder / lab.path.name
    outcome = lab_runs.papermill(lab, executed, folder, parameters, **options)
    return "\n".join(lab_runs.papermill_faults(executed, outcome, folder))


@pytest.fixture
def full_tier(tmp_path):
    """A loopback hub: two layers of FLAN-T5-base's shape, random weights, and a few rows in DialogSum's layout."""
    rows = {split: data.dialogues("course", split)[:count] for split, count in FULL_ROWS.items()}
    columns = {split: [vars(row) for row in chosen] for split, chosen in rows.items()}
    write_dialogues(tmp_path / "hub" / "datasets" / DATA, columns)
    write_t5(tmp_path / "hub" / "models" / MODEL, FULL_SHAPE)
    with LoopbackHub(tmp_path / "hub") as hub:
        yield hub
    for copy in ("hub", "huggingface"):
        shutil.rmtree(tmp_path / copy, ignore_errors=True)


@pytest.mark.lab
@pytest.mark.timeout(1500)
def test_lab_02_runs_on_the_full_tier(full_tier, tmp_path):
    parameters = {"PROFILE": "full", "MODEL": MODEL, "DATA": DATA}
    limits = {"timeout_s": FULL_TIMEOUT_S, "memory_bytes": FULL_BYTES}
    network = {"HF_ENDPOINT": full_tier.endpoint, "HF_HUB_OFFLINE": ""}
    assert not run_papermill(labs.read(LAB_02), tmp_path, parameters, **limits, **network)
    fetched = " ".join(full_tier.requests)
    assert f"{MODEL}/resolve/" in fetched
    assert f"{DATA}/resolve/" in fetched


@pytest.mark.parametrize("lab", whole(LABS))
def test_every_cell_runs_with_default_parameters(lab, tmp_path):
    every_thread = {"OMP_NUM_THREADS": "", "COURSE_THREADS": ""} if page(lab) in execute.ALONE else {}
    assert not "\n".join(lab_runs.nbval_faults(lab, lab_runs.nbval(lab, tmp_path, **every_thread), tmp_path))


@pytest.mark.parametrize("lab", whole(READ_PROFILE))
def test_lab_runs_under_profile_grade(lab, tmp_path):
    assert not run_papermill(lab, tmp_path, {"PROFILE": "grade"})


@pytest.mark.lab
def test_lab_02_runs_on_real_dialogues(tmp_path):
    folder = runtime.dialogsum_dir()
    if folder is None:
        pytest.skip("DIALOGSUM_DIR is unset: it names the folder of real DialogSum rows, which cannot be bundled")
    assert not run_papermill(labs.read(LAB_02), tmp_path, {"PROFILE": "grade", "DATA": str(folder)})


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    return labs.read(example_lab.write(tmp_path_factory.mktemp("example")))


@pytest.mark.slow
def test_the_example_runs_under_both_tools(example, tmp_path):
    assert not list(lab_runs.nbval_faults(example, lab_runs.nbval(example, tmp_path), tmp_path))
    assert not run_papermill(example, tmp_path, {"PROFILE": "grade"})
    assert "PROFILE = " in labs.read(tmp_path / example.path.name).code[1].source


@pytest.mark.slow
def test_kernels_are_this_environment(tmp_path):
    probe = lab_runs.notebook(tmp_path / "probe.ipynb", "import sys\nprint(sys.prefix, end='')")
    assert not run_papermill(probe, tmp_path, {})
    assert labs.read(tmp_path / "probe.ipynb").code[0].outputs[0].text == sys.prefix


@pytest.mark.slow
def test_a_failing_cell_is_a_fault_and_the_cells_before_it_are_kept(tmp_path):
    source = lab_runs.notebook(tmp_path / "source.ipynb", "print(1)", "1 / 0", "print(2)")
    executed = tmp_path / "executed.ipynb"
    outcome = lab_runs.papermill(source, executed, tmp_path, {})
    faults = list(lab_runs.papermill_faults(executed, outcome, tmp_path))
    assert "ZeroDivisionError: division by zero" in faults[0]
    assert "code cell 3 was not executed" in faults[1]
    assert labs.read(executed).code[0].outputs[0].text == "1\n"
    faults = list(lab_runs.nbval_faults(source, lab_runs.nbval(source, tmp_path), tmp_path))
    assert "ZeroDivisionError: division by zero" in faults[0]


@pytest.mark.slow
def test_a_kernel_that_dies_in_the_last_cell_is_a_fault(tmp_path):
    source = lab_runs.notebook(tmp_path / "source.ipynb", "import os\nos._exit(0)")
    assert "DeadKernelError" in run_papermill(source, tmp_path, {})


@pytest.mark.slow
def test_a_lab_over_its_memory_is_ended_and_kept(tmp_path):
    hungry = "import time\nblock = bytearray(b'x') * 600_000_000\ntime.sleep(30)"
    source = lab_runs.notebook(tmp_path / "source.ipynb", "print(1)", hungry)
    executed = tmp_path / "executed.ipynb"
    outcome = lab_runs.papermill(source, executed, tmp_path, {}, memory_bytes=500_000_000)
    assert outcome.ended_by == "memory", child_process.report(outcome)
    assert labs.read(executed).code[0].outputs[0].text == "1\n"
    assert list(lab_runs.papermill_faults(executed, outcome, tmp_path))


@pytest.mark.slow
def test_a_connection_a_lab_swallows_is_still_a_fault(tmp_path):
    source = lab_runs.notebook(tmp_path / "source.ipynb", PROBE)
    assert "192.0.2.1" in run_papermill(source, tmp_path, {})


LEAVING = {
    "connect": "socket.socket().connect(('192.0.2.1', 80))",
    "connect_ex": "socket.socket().connect_ex(('192.0.2.1', 80))",
    "ipv6": "socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))",
    "udp": "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
    "name": "socket.getaddrinfo('example.com', 80)",
    "old name": "socket.gethostbyname('example.com')",
    "bytes": "socket.getaddrinfo(b'example.com', 80)",
}
STAYING = {
    "loopback": "s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname()).close()",
    "localhost": "socket.getaddrinfo('localhost', 80)",
    "unix": "a, b = socket.socketpair(); a.send(b'x')",
    "own name": "socket.getaddrinfo(None, 0)",
}


@pytest.mark.parametrize("code", LEAVING.values(), ids=LEAVING)
def test_the_guard_stops_and_notes_what_leaves(tmp_path, code):
    outcome = child_process.python("-c", f"import socket\n{code}", folder=tmp_path)
    assert outcome.returncode != 0
    assert "must not leave this machine" in outcome.stderr
    assert len(child_process.outside_connections(tmp_path)) == 1


@pytest.mark.parametrize("code", STAYING.values(), ids=STAYING)
def test_the_guard_lets_this_machine_talk_to_itself(tmp_path, code):
    outcome = child_process.python("-c", f"import socket\n{code}", folder=tmp_path)
    assert outcome.returncode == 0, outcome.stderr
    assert not child_process.outside_connections(tmp_path)
