# Every target first brings the virtual environment up to date, so that a fresh clone needs no other step.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
ARGS   ?=

# Each of the many processes that the tests start would compile the whole program anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo test test-all coverage check fmt chaos bench docs lock clean
setup: $(STAMP)

$(STAMP): requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; this is %d.%d. Name another one: make PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP)   ## sell a gift on this machine (ARGS="--once --json" walks through it and exits)
	@$(BIN)/storefront demo $(ARGS)

test: $(STAMP)   ## the whole suite, on SQLite and PostgreSQL
	$(BIN)/python -m pytest -n auto $(ARGS)

test-all: $(STAMP) ## the same, with every test of the API on PostgreSQL too
	$(BIN)/python -m pytest -n auto --every-database $(ARGS)

coverage: $(STAMP) ## the whole suite with branch coverage, which may not fall below the floor in pyproject.toml
	$(BIN)/python -m pytest -n auto --cov --cov-report=term $(ARGS)

check: $(STAMP)  ## format, lint, types, import contracts, the container's steps
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile
	$(BIN)/python scripts/verify_dockerfile.py

fmt: $(STAMP)    ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

chaos: $(STAMP)  ## sell gifts while everything breaks, on both databases (ARGS="--checkouts 500 --database postgresql --seed 7")
	$(BIN)/python -m tests.chaos $(ARGS)

bench: $(STAMP)  ## speed, as ratios against a baseline of the same run
	$(BIN)/python -m benchmarks $(ARGS)

docs: $(STAMP)   ## write the API's description to docs/openapi.json
	$(BIN)/storefront openapi > docs/openapi.json

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
        --no-emit-find-links --no-annotate --custom-compile-command "make lock"

lock:            ## resolve the dependencies anew (needs uv)
	$(LOCK) --extra dev pyproject.toml -o requirements/dev.lock
	$(LOCK) pyproject.toml -o requirements/run.lock
	$(LOCK) requirements/build.in -o requirements/build.lock

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
