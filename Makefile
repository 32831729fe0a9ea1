# make run   start the bridge, or without tokens the sandbox
# make test  all checks, as CI runs them
# make fix   format the code and mend what can be mended by itself

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test fix lock clean

run: $(VENV)/run
	@$(BIN)/coze-bridge run --or-sandbox

test: $(VENV)/dev
	@echo "== format";    $(BIN)/ruff format --check --quiet .
	@echo "== lint";      $(BIN)/ruff check --quiet .
	@echo "== types";     $(BIN)/mypy --no-error-summary bridge tests benchmarks
	@echo "== contracts"; said=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$said"; exit 1; }
	@echo "== tests";     $(BIN)/pytest --quiet

fix: $(VENV)/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The lock files name no index and no host. `uv` comes from anywhere: pip install uv.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header pyproject.toml --group build --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header pyproject.toml --group dev --output-file requirements-dev.lock

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/it")'
	@echo "== making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "== installing what the bridge needs (once)"
	@$(BIN)/pip install --quiet --require-hashes --requirement requirements.lock
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev: requirements-dev.lock $(VENV)/run
	@echo "== installing what the checks need (once)"
	@$(BIN)/pip install --quiet --require-hashes --requirement requirements-dev.lock
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
