PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test test-long check bench long-tests long-corpus long-mutants

# One stamp per set-up: re-made when the dependencies change.
$(VENV)/.stamp: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: $(VENV)/.stamp
	@PATH="$(abspath $(BIN)):$$PATH" sh schemas/demo.sh

check: $(VENV)/.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-long: long-tests long-corpus long-mutants

bench: $(VENV)/.stamp
	$(BIN)/python -m tests.bench

long-tests: $(VENV)/.stamp
	$(BIN)/python -m pytest -m long

long-corpus: $(VENV)/.stamp
	$(BIN)/python -m tests.long.corpus

long-mutants: $(VENV)/.stamp
	$(BIN)/python -m tests.long.mutants
