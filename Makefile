# One command file. `make setup` once, then .venv/bin/yanray ...
PYTHON ?= python3
TORCH ?= torch==2.13.0
PIP = .venv/bin/python -m pip --disable-pip-version-check

.PHONY: help setup demo test test-all lint bench clean

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /	/'

.venv/base: pyproject.toml
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@echo "installing Yanray; the first time llama-cpp-python compiles, 5-10 minutes on 2 cores ..."
	$(PIP) install --quiet --progress-bar on -e .
	@touch $@

.venv/all: .venv/base
	@echo "installing what the transformers core, training and the tests need ..."
	$(PIP) install --quiet --progress-bar on $(TORCH)
	$(PIP) install --quiet --progress-bar on -e ".[hf,train,mcp,search,dev]"
	@touch $@

setup: .venv/all  ## .venv with every extra
	@echo "ready: .venv/bin/yanray chat"

demo: .venv/base  ## one question to the embedded model: call, result, answer
	.venv/bin/yanray ask "What is 6.5*7.5?"

test: .venv/all  ## the whole suite but what is marked slow
	.venv/bin/python -m pytest

test-all: .venv/all  ## slow tests too
	.venv/bin/python -m pytest -m ''

lint: .venv/all  ## ruff and mypy
	.venv/bin/ruff check .
	.venv/bin/mypy

bench: .venv/all  ## this machine's figures
	.venv/bin/yanray bench

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache
