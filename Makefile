# Each target is enough by itself on a machine with Python 3.11 or later, pip and make.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 >/dev/null 2>&1 && python3.11 -c '' 2>/dev/null && echo python3.11 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
RECIPE := pyproject.toml constraints.txt hatch_build.py
MAP_STAMP := src/downwind/geo/data/world-atlas.stamp
RUN := $(VENV)/.installed-run
DEV := $(VENV)/.installed-dev

.PHONY: help demo test test-slow docs figures lint format clean

help:
	@echo 'make demo       install, and run the demonstration into demo/'
	@echo 'make test       install, lint, check types and layers, run the fast tests, build the docs'
	@echo 'make test-slow  run the slow tests'
	@echo 'make docs       build the documentation'
	@echo 'make figures    make the figures and tables of the documentation anew'
	@echo 'make lint       ruff, mypy and import-linter'
	@echo 'make format     let ruff rewrite the code'
	@echo 'make clean      remove everything that was built'

demo: $(RUN)
	$(BIN)/downwind demo -o demo --force

test: lint
	$(BIN)/python -m pytest -n 2 -m 'not slow'
	@if [ -f docs/conf.py ]; then $(MAKE) --no-print-directory docs; fi

test-slow: $(DEV)
	$(BIN)/python -m pytest -n 2 -m slow || [ $$? -eq 5 ]  # 5: there are none

docs: $(DEV)
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html

figures: $(DEV)
	$(BIN)/python -m docs.figures

lint: $(DEV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEV)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:
	rm -rf $(VENV) build dist demo docs/_build src/downwind/geo/data src/downwind/web/static
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# An editable install follows the sources by itself; the recipe of the build does not.
# The map data belong to the sources' folder: without them the package is installed again.
ifeq ($(wildcard $(MAP_STAMP)),)
.PHONY: $(RUN) $(DEV)
endif

$(RUN): $(RECIPE) | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(DEV): $(RECIPE) | $(BIN)/python
	$(PIP) --editable '.[dev,docs]'
	@touch $@ $(RUN)

# Debian keeps venv in a package of its own; virtualenv does the same work without it.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'downwind needs Python 3.11 or later. Found:' "$$($(PYTHON) --version 2>&1)" >&2; \
	  echo 'Name another one with: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	@if $(PYTHON) -c 'import venv, ensurepip' 2>/dev/null; then \
	  $(PYTHON) -m venv $(VENV); \
	elif $(PYTHON) -m pip --disable-pip-version-check install --quiet \
	    --target build/virtualenv virtualenv; then \
	  PYTHONPATH=build/virtualenv $(PYTHON) -m virtualenv --quiet $(VENV); \
	else \
	  echo 'No virtual environment can be made. On Debian: apt install python3-venv' >&2; exit 1; \
	fi
