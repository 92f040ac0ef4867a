.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)

install: .cache/installed ## install everything into .venv and node_modules

.cache/installed: requirements.txt lambdas/requirements.txt package-lock.json pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Mailroom needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(BIN)/uv pip sync --quiet --python $(BIN)/python requirements.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	$(BIN)/npm ci --silent --no-fund --no-audit
	$(BIN)/python -m infra.bundle
	@mkdir -p .cache && touch $@

lock: ## resolve pyproject.toml's groups into the pinned requirement files
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-annotate pyproject.toml --all-extras \
		--group lambda --group infra --group local --group dev --custom-compile-command "make lock" --output-file requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-annotate --group pyproject.toml:lambda \
		--constraint requirements.txt --custom-compile-command "make lock" --output-file lambdas/requirements.txt
	$(BIN)/npm install --silent --package-lock-only --omit-lockfile-registry-resolved --no-fund --no-audit
