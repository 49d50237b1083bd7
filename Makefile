# One door for people and CI. Every target is one plain command; README lists them.
PYTHON ?= python3
PY := .venv/bin/python
OUT ?= _build/results

.NOTPARALLEL:
.PHONY: help setup lint check test labs book lab release grade bench fuzz doctor clean

help:
	@echo "make book     build the site, print the path of its first page; SOLUTIONS=1: the instructor's site beside it"
	@echo "make check    style, quick tests, exercises of changed labs: for the minute after an edit"
	@echo "make test     run every test"
	@echo "make lab      open JupyterLab on labs/"
	@echo "make labs     execute every cell of every lab"
	@echo "make doctor   say what is wrong with this environment"
	@echo "make release  student versions of the labs, and a zip for each, in _build/release"
	@echo "make grade    grade a class: SUBMISSIONS=<folder or zip>, results in OUT=_build/results"
	@echo "make bench    time and memory of the labs, the site and generation"
	@echo "make fuzz     20,000 answers of a hostile guest to the grader's protocol"
	@echo "make lint     check the style of code and notebooks"
	@echo "make setup    create .venv and install the course; the other targets do it by themselves"
	@echo "make clean    delete everything derived, but not .venv"

setup:
	@$(PYTHON) -m tools.set_up

lint: setup
	$(PY) -m ruff check .

check: lint
	$(PY) -m pytest -n 2 --dist loadgroup --no-loadscope-reorder --quick

# Two tests at a time, but none beside one that is marked `alone`: tests/conftest.py.
test: setup
	$(PY) -m pytest -n 2 --dist loadgroup --no-loadscope-reorder

labs: setup
	$(PY) -m pytest --nbval-lax --nbval-cell-timeout=600 labs

book: setup
	$(PY) -m tools.site.build $(if $(SOLUTIONS),--solutions)

lab: setup
	$(PY) -m jupyterlab --notebook-dir=labs

release: setup
	$(PY) -m grader release

grade: setup
	$(PY) -m grader grade $(SUBMISSIONS) --out $(OUT)

bench: setup
	$(PY) -m benchmarks

fuzz: setup
	$(PY) -m tests.support.fuzz_protocol

# Without .venv the bare Python answers: it can say that set-up is missing.
doctor:
	@if [ -x $(PY) ]; then $(PY) -m utils.doctor; else $(PYTHON) -m utils.doctor; fi

clean:
	rm -rf _build
