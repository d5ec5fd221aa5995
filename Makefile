# Everything here needs Python 3.11 or newer with pip, and git; Node only for the editor clients.
# `make demo` and `make test` set up all they need. Other targets are in CONTRIBUTING.md.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check -qq
ARGS ?=

export PYTHONDONTWRITEBYTECODE := 1

.PHONY: demo test lint lock clean

demo: $(STAMP)
	@$(BIN)/livebreak demo $(ARGS)

test: $(STAMP) lint
	@$(BIN)/python -m pytest $(ARGS)

lint: $(STAMP)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

# `--without-pip` and `pip --python`, because some systems ship Python without ensurepip.
$(STAMP): pyproject.toml server/agent/pyproject.toml requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "LiveBreak needs Python 3.11 or newer; say PYTHON=python3.12 (or another) after make.")'
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv --clear --without-pip $(VENV)
	@$(PIP) install --require-hashes --requirement requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable server/agent --editable .
	@touch $@

# Exact versions with hashes, and no download address.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-package livebreak-agent \
	--custom-compile-command 'make lock'

lock: $(STAMP)
	$(LOCK) pyproject.toml --extra serve --group dev --output-file requirements/dev.txt
	$(LOCK) --group agent-tests --output-file requirements/agent-tests.txt

clean:
	rm -rf $(VENV) .venvs build dist
