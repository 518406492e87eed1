# Every target is a thin name for a plain command; `make` alone lists them.
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
RUN := .venv/bin/python
STAMP := .venv/.installed
PEERS := .venv-peers/.installed

.PHONY: help setup demo test test-quick mutants kills kills-processes kills-live properties check gen bench bench-counters bench-peers up

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(STAMP) ## make .venv and install everything from the hashed lock
$(STAMP): requirements/dev.lock pyproject.toml setup.sh
	@PYTHON="$(PYTHON)" sh setup.sh && touch $(STAMP)

demo: setup ## trading days through the real processes; DATA=path plays your own export
	@$(RUN) -m services.cli demo $(DATA)

test: setup ## every test, on three workers; those of real data skip where there is none
	@$(RUN) -m pytest

test-quick: setup ## every test that starts no process
	@$(RUN) -m pytest -m "not integration"

mutants: setup ## known faults, each of which tests must notice; once per release
	@$(RUN) -m tests.mutants

kills: setup ## end a service and the host at every point of a day, in both layouts
	@$(RUN) -m tests.kills

kills-processes: setup ## end each service as a process at each named point of a day, five times
	@$(RUN) -m tests.kills processes

kills-live: setup ## pause and kill a live desk that holds a position: seconds until it is ready
	@$(RUN) -m tests.kills live

properties: setup ## router, client and ledger in sessions where everything goes wrong; STEPS=100000 each
	@$(RUN) -m tests.properties --steps $(or $(STEPS),100000)

check: setup ## lint, types, generated code and locks as committed
	@sh check.sh

gen: setup ## generate the protobuf code, the calendar table, the authors' reference and the limit sets anew
	@$(RUN) proto/gen.py && $(RUN) -m services.research.calendar_table && \
		$(RUN) docs/tools/strategy_reference.py && $(RUN) docs/tools/limit_sets.py

bench: setup ## latency and throughput beside the physical limit
	@$(RUN) -m benchmarks

bench-counters: setup ## what a minute takes in calls, messages, rows, commits and syncs
	@$(RUN) -m benchmarks counters

bench-peers: $(PEERS) ## other engines beside the desk, in an environment of their own
	@$(RUN) -m benchmarks peers --python .venv-peers/bin/python
$(PEERS): $(STAMP) requirements/peers.lock
	@$(RUN) -m venv .venv-peers && .venv/bin/uv pip install -q --require-hashes \
		--python .venv-peers/bin/python -r requirements/peers.lock && touch $@

up: setup ## start the desk of config/ and keep it up until Ctrl-C
	@$(RUN) -m services.cli up
