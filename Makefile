# Two commands on a new machine: `make quickstart` and `make test`. Both set up their own environment.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORES ?= all

.PHONY: help quickstart real-sample test lint benchmark benchmark-peers environment clean

help:
	@echo "make quickstart   run the small study on simulated images (about 7 minutes on 2 cores)"
	@echo "make real-sample  run the study on real images, and download these (10 MB)"
	@echo "make test         run all tests"
	@echo "make environment  install what all of these need, and nothing else"
	@echo "make benchmark    measure the speed of this machine (10 to 20 minutes on 2 cores)"
	@echo "make benchmark-peers  do the same work with CSBDeep and CAREamics, which it installs (gigabytes)"
	@echo "make lint         check the style of Python and Snakemake files"
	@echo "make clean        remove the environment; results stay"

quickstart: environment
	$(BIN)/snakemake --cores $(CORES)

real-sample: environment
	$(BIN)/snakemake --cores $(CORES) --configfile config/real-sample.yaml

test: environment
	$(BIN)/python -m pytest

lint: environment
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

benchmark: environment
	$(BIN)/python benchmarks/speed.py

benchmark-peers: environment
	$(BIN)/python benchmarks/peers.py

environment: $(VENV)/.installed

# Scripts start the Python that runs Snakemake, so the tools are called by their path.
$(VENV)/.installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "denoisekit needs Python 3.11 or newer, but $(PYTHON) is $$($(PYTHON) --version 2>&1); name another one with make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

clean:
	rm -rf $(VENV)
