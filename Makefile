# Everything a newcomer needs: make demo, make test. The rest is for whoever changes the code.
#   ARGS=...    goes on to the command behind the target:  make test ARGS="tests/core -k money"
#   PYTHON=...  the interpreter that .venv is made of, 3.11 or newer (found by itself otherwise)
#   ENGINE=...  what orders the demo's record: embedded, or cometbft for a network of four organisations
#   JOBS=...    how many tests run side by side

ARGS ?=
JOBS ?= auto
ENGINE ?= embedded
PY := .venv/bin/python
UV_VERSION := 0.13.9
LOCKING := .cache/lock/bin
COMPILE := $(LOCKING)/uv --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes \
           --strip-extras --no-header --no-annotate --no-emit-index-url --no-emit-find-links $(ARGS)

.DEFAULT_GOAL := help
.PHONY: help demo test check check-lint check-types check-layers check-tidy format bench pictures lock clean \
        setup setup-base setup-node network-setup

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

demo: setup-base ## real trades cross a border, on this machine; ENGINE=cometbft: on four organisations
	@.venv/bin/sogdia demo --engine $(ENGINE) $(if $(filter cometbft,$(ENGINE)),--data demo-network) $(ARGS)

test: setup setup-node ## every test
	@$(PY) -m pytest -n $(JOBS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

check: check-lint check-types check-layers check-tidy ## what must be true of the code before a commit

check-lint: setup
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

check-types: setup
	@$(PY) -m mypy --strict src tools bench

check-layers: setup
	@.venv/bin/lint-imports --no-logo

check-tidy: setup
	@$(PY) tools/tidy.py

format: setup ## lay the code out as check wants it
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .

bench: setup ## measure speed and size
	@$(PY) -m bench $(ARGS)

pictures: setup ## take the console's pictures of docs/console-pictures.md anew; needs Chromium
	@$(PY) tools/pictures.py $(ARGS)

setup: ## lay .venv with all that tests and checks need
	@tools/setup.sh dev

setup-base:
	@tools/setup.sh base

network-setup: ## build CometBFT, which networks of organisations run on; needs Go
	@tools/setup_network.sh

setup-node: ## fetch the JavaScript halves of the tests; they skip without
	@tools/setup_node.sh

lock: ## pin the newest versions that fit pyproject.toml; ARGS="--upgrade" or ARGS="--upgrade-package NAME"
	@test -x $(LOCKING)/uv || { tools/setup.sh base && $(PY) -m venv .cache/lock; }
	@$(LOCKING)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(COMPILE) --output-file requirements/base.lock pyproject.toml requirements/build.in
	@$(COMPILE) --all-extras --constraint requirements/base.lock \
	    --output-file requirements/dev.lock pyproject.toml requirements/build.in

clean: ## away with everything that can be made again
	@rm -rf .venv .cache .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .grimp_cache .hypothesis demo-data \
	    build dist
	@find . -type d \( -name __pycache__ -o -name node_modules \) -prune -exec rm -rf {} +
