# make demo   the whole chain on this machine, with real input
# make test   everything that must be green
SHELL := /bin/sh
.DEFAULT_GOAL := help
export PYTHON
BIN := .venv/bin

.PHONY: help setup demo demo-clean test lint unit proof bench

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

setup: ## install what uv.lock names into .venv
	@deploy/local/bootstrap.sh

demo: setup ## start the whole chain and load a demonstration session; Ctrl-C stops it
	@exec $(BIN)/python -m deploy.local demo

demo-clean: setup ## stop what a demonstration left and forget its data
	@exec $(BIN)/python -m deploy.local clean

test: lint unit ## lint, types, import walls, then every test but the long proofs

lint: setup ## ruff, mypy, import-linter, migrations and contracts in step with the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m deploy.local checks

unit: setup ## every test but the long proofs, in three processes with servers of their own
	$(BIN)/pytest -n 3 --dist loadfile

proof: setup ## the long fault and volume proofs
	$(BIN)/pytest -m proof

bench: setup ## events per second on this machine
	$(BIN)/pytest -m bench -s
