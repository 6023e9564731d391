# The few things people do here. `make help` lists them.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
ARGS   ?=
PEERS   = openfisca-core polars pandas pyarrow ttsim-backend numba

.PHONY: help demo test journeys quick fix bench docs
.DEFAULT_GOAL := help

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(VENV)/.made: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: apt install python3"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "python3-venv is missing: apt install python3-venv"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[letters]'
	@touch $@

$(VENV)/.tested: $(VENV)/.made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

demo: $(VENV)/.made ## a workspace from nothing: 600 firms' bills settled, a call played, the console served
	$(BIN)/westlake demo --firms 600 $(ARGS)

test: $(VENV)/.tested ## everything: style, types, arrows, tests
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --ignore=tests/journeys $(ARGS)
	$(MAKE) journeys

journeys: $(VENV)/.tested ## the console walked in a browser by each of its people
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/journeys

quick: $(VENV)/.tested ## the part of the tests under two minutes
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -n 2 -m 'not slow' $(ARGS)

fix: $(VENV)/.tested ## put formatting and imports right
	$(BIN)/ruff check --fix .

bench: $(VENV)/.tested ## measure against the floor and the peers, which get an environment of their own
	@test -x .bench/bin/python || $(PYTHON) -m venv .bench
	.bench/bin/python -m pip install --quiet --disable-pip-version-check $(PEERS)
	WESTLAKE_BENCH_PYTHON=$(CURDIR)/.bench/bin/python $(BIN)/python -m bench $(ARGS)

docs: $(VENV)/.tested ## write the generated pages anew
	$(BIN)/python -m docs.generate
