# Everything here needs Python 3.11 or newer with pip, and git; Node only for the editor clients.
# `make demo` and `make test` set up all they need. Other targets are in CONTRIBUTING.md.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
APPS_STAMP := $(VENV)/.apps-installed
PIP := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check -qq
ARGS ?=
# A worker for each core; tests/conftest.py says which tests stay together, and in which order.
WORKERS ?= --numprocesses auto --dist loadscope --no-loadscope-reorder

# What is fetched stays in the checkout: nothing outside of it is changed.
export PIP_CACHE_DIR := $(CURDIR)/.cache/pip
export npm_config_cache := $(CURDIR)/.cache/npm

.PHONY: demo test bench properties lint format openapi editors vscode vsix lock types clean

demo: $(STAMP)
	@$(BIN)/livebreak demo $(ARGS)

# Here and on every other Python that is found; in CI what may be missing is fetched first.
test: $(STAMP) $(APPS_STAMP)
	@[ "$$CI" != true ] || tools/get-editors.sh vscode
	@$(MAKE) --no-print-directory lint
	@tools/build-vscode.sh test
	@$(BIN)/python -m pytest $(WORKERS) $(ARGS)
	@$(PYTHON) tools/agent_tests.py --skip-own

# Figures, not tests: ARGS="--only loop,agent --quick --compare .bench/EARLIER.json" and --help.
bench: $(STAMP)
	@$(BIN)/python -m tests.bench $(ARGS)

# Minutes under load; SOAK_SECONDS says how many.
soak: $(STAMP) $(APPS_STAMP)
	@$(BIN)/python -m pytest -m soak -s tests/soak $(ARGS)

# The tests by properties with other examples each time, and twenty times as many: minutes. ARGS=tests/vocabulary for some of them.
PROPERTIES := tests/agent tests/vocabulary tests/debugger tests/sync tests/lsp/test_edges.py tests/lsp/test_page.py \
	tests/backend/test_where.py tests/backend/test_json_text.py tests/backend/test_operation.py

properties: $(STAMP) $(APPS_STAMP)
	@$(BIN)/python -m pytest -m hypothesis --hypothesis-profile soak --timeout 3600 --numprocesses auto --dist load $(or $(ARGS),$(PROPERTIES))

lint: $(STAMP)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@tools/check-neovim.sh

format: $(STAMP)
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .
	@tools/check-neovim.sh format

openapi: $(STAMP)
	@$(BIN)/python tools/openapi.py

binding: $(STAMP)
	@$(BIN)/python tools/binding_page.py

editors:
	@tools/get-editors.sh $(if $(VSCODE),vscode)

vscode:
	@tools/build-vscode.sh

# One file to install: the extension with the Python that it runs.
vsix: $(STAMP)
	@tools/build-vsix.sh

# `--without-pip` and `pip --python`, because some systems ship Python without ensurepip.
$(STAMP): pyproject.toml server/agent/pyproject.toml requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "LiveBreak needs Python 3.11 or newer; say PYTHON=python3.12 (or another) after make.")'
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv --clear --without-pip $(VENV)
	@$(PIP) install --require-hashes --requirement requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable server/agent --editable .
	@touch $@

# What only the tests need, so that the demo need not wait for it.
$(APPS_STAMP): $(STAMP) requirements/apps.txt
	@$(PIP) install --require-hashes --requirement requirements/apps.txt
	@touch $@

# Exact versions with hashes, and no download address.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-package livebreak-agent \
	--custom-compile-command 'make lock'

# For the oldest Python, whichever runs it: a later one does not mind what it could do without.
BUNDLE_LOCK := $(filter-out --universal,$(LOCK)) --python-platform linux

lock: $(STAMP)
	$(LOCK) pyproject.toml --extra serve --group dev --output-file requirements/dev.txt
	$(LOCK) pyproject.toml --extra serve --constraint requirements/dev.txt --output-file requirements/serve.txt
	$(LOCK) --group agent-tests --output-file requirements/agent-tests.txt
	$(LOCK) --group apps --constraint requirements/dev.txt --output-file requirements/apps.txt
	$(LOCK) --group bench --output-file requirements/bench.txt
	$(BUNDLE_LOCK) --group vsix --constraint requirements/dev.txt --output-file requirements/vsix.txt

# The types of the Debug Adapter Protocol, from the schema that a locked package ships: after `make lock`.
types: $(STAMP)
	@$(BIN)/python tools/dap_types.py

clean:
	rm -rf $(VENV) .venvs .cache .bench build dist editor-clients/vscode/out editor-clients/vscode/node_modules
