# Every target works alone on a fresh clone with Python 3.11 or newer and pip; each says what it does.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FUZZ_SECONDS ?= 20
PYTEST := $(BIN)/python -m pytest -n auto

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench samples golden fuzz lock clean

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/run.stamp ## set up, then scan samples/ and show what was found
	@$(BIN)/rmm-detector scan samples --assets samples/assets.yml --policy samples/policy.yml; \
	code=$$?; test $$code -eq 1 && echo "(exit code 1: an incident was found, as it should be here)"

test: $(VENV)/dev.stamp ## set up, then run all tests
	$(PYTEST)

check: $(VENV)/dev.stamp ## format, lint, types, floors, tests: what a commit must pass
	$(BIN)/ruff format --check detector tests
	$(BIN)/ruff check detector tests
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(PYTEST)

format: $(VENV)/dev.stamp ## format the code and mend what the linter can
	$(BIN)/ruff format detector tests
	$(BIN)/ruff check --fix detector tests

bench: $(VENV)/dev.stamp ## measure; figures are ratios within this one run
	$(BIN)/python -m tests.bench

samples: $(VENV)/dev.stamp ## make the evidence in samples/ again from its scenarios, byte for byte
	$(BIN)/python -m detector.synth samples

golden: $(VENV)/dev.stamp ## write the golden files again: look at the difference before you commit it
	RMM_DETECTOR_GOLDEN=write $(BIN)/python -m pytest tests/golden

fuzz: $(VENV)/dev.stamp ## hostile bytes for every reader, FUZZ_SECONDS=20 for each (docs/fuzzing.md)
	$(BIN)/python -m tests.fuzz $(FUZZ_SECONDS)

lock: $(VENV)/dev.stamp ## pin the dependencies again, with hashes (needs uv)
	printf 'hatchling>=1.25\neditables>=0.5\n' | uv pip compile --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate -q pyproject.toml - -o .ci/locks/run.txt
	printf 'hatchling>=1.25\neditables>=0.5\n' | uv pip compile --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate -q pyproject.toml - --extra dev -c .ci/locks/run.txt -o .ci/locks/dev.txt

clean: ## remove everything that was made here
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .fuzz *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: .ci/locks/run.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r .ci/locks/run.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: .ci/locks/dev.txt $(VENV)/run.stamp | $(BIN)/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r .ci/locks/dev.txt
	@touch $@
