# Two commands on a new machine: `make quickstart` and `make test`. Both set up their own environment.

PYTHON ?= python3
VENV := .venv
FORMATS := .venv-formats
LOWEST := .venv-lowest
BIN := $(VENV)/bin
# The scripts of an environment hold its path, so that one of a clone that was moved is made anew.
MADE_AT := $(shell sed -n 's|^command = .* -m venv \(--[^ ]* \)*||p' $(VENV)/pyvenv.cfg 2>/dev/null)
ifneq ($(MADE_AT),)
ifneq ($(MADE_AT),$(CURDIR)/$(VENV))
MAKE_ANEW := echo "This clone was moved or renamed: its environment, of $(MADE_AT), is made anew."; rm -rf $(VENV)
.PHONY: $(VENV)/.installed
endif
endif
# Known files alone first, so that nothing but torch is left to what an index gives. Of
# connection_pool there is no wheel.
ifdef HASHES
HASHED := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: --no-binary connection_pool -r requirements-hashes.txt
endif
CORES ?= all
# Tests that run at once, one file of them each.
TESTS ?= auto

.PHONY: help quickstart real-sample test coverage lowest formats lint docs site linkcheck benchmark benchmark-peers environment development clean

help:
	@echo "make quickstart   run the small study on simulated images (about 12 minutes on 2 cores)"
	@echo "make real-sample  run the study on real images, and download these (10 MB)"
	@echo "make test         run all tests, as many at once as there are cores (TESTS=0: one after the other)"
	@echo "make coverage     run the library's tests, and tell which of its lines they leave out"
	@echo "make lowest       run the library's tests with the lowest versions that are asked for, in an environment of its own"
	@echo "make formats      read files of microscopes' makers (ND2, CZI, LIF, OME-Zarr), in an environment of its own"
	@echo "make environment  install what studies and the command need, and nothing else"
	@echo "                  (HASHES=1: of files whose sha256 is known, all but torch)"
	@echo "make development  install what tests, style and the site need, too"
	@echo "make benchmark    measure the speed of this machine (10 to 20 minutes on 2 cores)"
	@echo "make benchmark-peers  do the same work with CSBDeep and CAREamics, which it installs (gigabytes)"
	@echo "make lint         check the style of Python and Snakemake files, and the library's types"
	@echo "make docs         build the site of all pages and of the library's reference, docs/_build/html"
	@echo "make site         run the quickstart, and build the site with its page to be looked at"
	@echo "make linkcheck    ask the network whether the addresses in these pages are still there"
	@echo "make clean        remove the environment and the site; results stay"

quickstart: environment
	$(BIN)/snakemake --cores $(CORES)

real-sample: environment
	$(BIN)/snakemake --cores $(CORES) --configfile config/real-sample.yaml

# By files, or what tests/conftest.py joins of them, so that what tests share is made once.
APART := -n $(TESTS) --dist loadfile --no-loadscope-reorder
test: development
	$(BIN)/python -m pytest $(APART)

coverage: development
	$(BIN)/python -m pytest $(APART) --cov tests/library

# Lower versions lie before those of the environment. What newer packages deprecate of older ones is
# no error there.
lowest: $(LOWEST)/.installed
	PYTHONPATH=$(CURDIR)/$(LOWEST):$(CURDIR)/src $(BIN)/python -m pytest -W ignore::DeprecationWarning $(APART) tests/library

$(LOWEST)/.installed: requirements-lowest.txt | development
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target $(LOWEST) -r requirements-lowest.txt
	@touch $@

# An environment of its own: bioio asks for other versions than Snakemake.
formats:
	test -d $(FORMATS) || $(PYTHON) -m venv $(FORMATS)
	$(FORMATS)/bin/python -m pip install --quiet -r tests/formats/requirements.txt
	PYTHONPATH=src $(FORMATS)/bin/python -m pytest --noconftest -o filterwarnings= tests/formats

lint: development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/mypy
	$(BIN)/snakemake --lint

# Any warning is an error: a page in no list, a broken link, a name that the library does not have.
docs: development
	rm -rf docs/_build docs/site/generated
	mkdir -p docs/site/generated
	$(BIN)/python -m typer denoisekit.cli utils docs --name denoisekit --title "Help of the command" --output docs/site/generated/command.md
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --nitpicky --conf-dir docs . docs/_build/html

# What was run before stays as it is where it is current.
site: quickstart
	$(MAKE) docs

linkcheck: docs
	$(BIN)/python -m sphinx --builder linkcheck --conf-dir docs . docs/_build/links

benchmark: environment
	$(BIN)/python benchmarks/speed.py

benchmark-peers: environment
	$(BIN)/python benchmarks/peers.py

environment: $(VENV)/.installed

development: $(VENV)/.development

# Scripts start the Python that runs Snakemake, so the tools are called by their path.
$(VENV)/.installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "denoisekit needs Python 3.11 or newer, but $(PYTHON) is $$($(PYTHON) --version 2>&1); name another one with make PYTHON=..."; exit 1; }
	@$(MAKE_ANEW)
	$(PYTHON) -m venv $(VENV)
	$(HASHED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) $(FORMATS) $(LOWEST) docs/_build docs/site/generated
