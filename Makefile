# Every target sets up what it needs in .venv; nothing else on the machine is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXTRAS ?=
KILLS ?= 300
DATABASE ?= sqlite
NODES ?= 1
MINUTES ?= 10
LITELLM := tests/providers/litellm/requirements.txt
LIMIT := $(shell command -v timeout >/dev/null && echo timeout --kill-after=10 900)
RECENT := import sys; sys.exit(None if sys.version_info >= (3, 11) else 'Python 3.11 or later is needed; if you have one, \
name it: make PYTHON=python3.12 …')

.PHONY: help play run test proofs examples postgres prove check format crash crash-webhook contract judges soak bench pictures requirements sbom setup clean

help:
	@echo "make play    chat with the bot in the browser; no token, no key"
	@echo "make run     run the bot with the settings in .env; EXTRAS=tools with MCP servers and the web, EXTRAS=all with speech too"
	@echo "make test    run the test suite"
	@echo "make proofs  run what takes too long for the test suite"
	@echo "make postgres  run the tests of storage and some walks on PostgreSQL; ALL=1: all that have a database"
	@echo "make examples  run the bots and tests of docs/playground"
	@echo "make prove   try more seeds and more points of death than the suite does"
	@echo "make check   format, lint, types"
	@echo "make crash   kill the bot KILLS=300 times and count what was lost; DATABASE=postgres on a server of its own,"
	@echo "             NODES=3 with three processes that take over from each other"
	@echo "make crash-webhook  the same while updates are posted to its webhook"
	@echo "make contract  hold every provider to its contract, print the table"
	@echo "make judges  ask the providers through LiteLLM's proxy"
	@echo "make soak    talk to it for MINUTES=10 with faults"
	@echo "make bench   measure delivery and rendering"
	@echo "make sbom    write what a release is made of"
	@echo "make setup   only the .venv"

# Bytecode is kept, also where the machine is told not to: each start, each run of tests would compile all modules anew.
play: $(VENV)/.runtime
	@exec env PYTHONDONTWRITEBYTECODE= $(BIN)/python -m bot play

run: $(VENV)/.runtime$(if $(EXTRAS),-$(EXTRAS))
	@exec env PYTHONDONTWRITEBYTECODE= $(BIN)/python -m bot run

test: $(VENV)/.dev
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --crew 8

# What takes too long for `make test`, which shows each promise once: the mark `proof` (tests/thorough.py).
proofs: $(VENV)/.dev
	PROOFS=only PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --crew 5

# On PostgreSQL: the tests of storage, the walks that depend on rows most, and what only a PostgreSQL does; ALL=1: each test
# that has a database. Needs the server's programs (Debian: postgresql).
WALKS_ON_POSTGRES := answer edits forget kill outbox restart updates webhook
postgres: $(VENV)/.dev
	POSTGRES=1 PROOFS=too PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --crew 4 -k "postgres" tests/on_postgres \
		$(if $(ALL),tests/bot tests/walks,tests/bot/storage $(WALKS_ON_POSTGRES:%=tests/walks/test_%.py))

# The bots of docs/playground, one a library, and five libraries through a whole dialogue.
examples: $(VENV)/.dev
	EXAMPLES=1 $(BIN)/python -m pytest --crew 2 tests/telegram_playground/test_library_pages.py tests/telegram_playground/test_clients.py

# What the two above try for a few seeds and points only, for all of them (tests/thorough.py).
prove: $(VENV)/.dev
	THOROUGH=1 PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --crew 5

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	tests/telegram_playground/page/lint

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Kills the bot's process again and again and reads what the people saw.
crash: $(VENV)/.dev
	$(BIN)/python -m tests.crash --kills $(KILLS) --database $(DATABASE) --nodes $(NODES)

# The same while updates are posted to its webhook, with a sixth of the kills.
crash-webhook: $(VENV)/.dev
	$(BIN)/python -m tests.crash.hook --kills $$(( ($(KILLS) + 5) / 6 )) --database $(DATABASE)

# Holds every provider and every wrapper to its promises, with 1,000 answers each.
contract: $(VENV)/.dev
	$(BIN)/python -m tests.providers.contract

# Asks our providers through other people's proxy, which has an environment of its own: it wants other versions than we do.
judges: $(VENV)/.dev
	@if test $(VENV)/.litellm -nt $(LITELLM) || { echo "setting up $(VENV)/litellm, in 15 minutes at the most"; \
		rm -rf $(VENV)/litellm && $(LIMIT) sh -c '$(PYTHON) -m venv $(VENV)/litellm && \
		$(VENV)/litellm/bin/pip install --quiet --no-input --no-compile --no-deps --disable-pip-version-check -r $(LITELLM)' \
		&& touch $(VENV)/.litellm; }; \
	then JUDGES=1 $(BIN)/python -m pytest -rs tests/providers/test_litellm.py; \
	else rm -rf $(VENV)/litellm; echo "LiteLLM cannot be installed here, so it judges nothing"; fi

soak: $(VENV)/.dev
	$(BIN)/python -m tests.soak --minutes $(MINUTES)

bench: $(VENV)/.dev
	$(BIN)/python -m bench
	$(BIN)/python -m bench.rows
	$(BIN)/python -m bench.lean $(if $(BEFORE),--before $(BEFORE))

# Makes the pictures of the README and of docs/commands.md from the real page; needs Chromium.
pictures: $(VENV)/.dev
	$(BIN)/python -m docs.pictures
	$(BIN)/python -m docs.screens

# A service that may write in data/ alone cannot keep bytecode.
setup: $(VENV)/.dev
	@$(BIN)/python -m compileall -q bot providers telegram_playground migrations

# Compiles the pinned requirements anew from pyproject.toml; needs uv.
requirements:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade --quiet \
		--custom-compile-command "make requirements" pyproject.toml --extra files --extra postgres -o requirements.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade --quiet -c requirements.txt \
		--custom-compile-command "make requirements" pyproject.toml --extra files --extra postgres --extra mcp --extra web \
		-o requirements-tools.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade --quiet -c requirements-tools.txt \
		--custom-compile-command "make requirements" pyproject.toml --all-extras -o requirements-all.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade --quiet \
		--custom-compile-command "make requirements" pyproject.toml --extra files --extra postgres --group dev -o requirements-dev.txt

# What a release is made of, from the pinned requirements: dist/sbom.json, CycloneDX.
sbom:
	@$(PYTHON) deploy/sbom.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist tests/artifacts

$(VENV)/.runtime: requirements.txt
	@echo "setting up $(VENV) from $<"
	@test -x $(BIN)/pip || { $(PYTHON) -c "$(RECENT)" && $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/.runtime-%: requirements-%.txt
	@echo "setting up $(VENV) from $<"
	@test -x $(BIN)/pip || { $(PYTHON) -c "$(RECENT)" && $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@ $(VENV)/.runtime

$(VENV)/.dev: requirements-dev.txt
	@echo "setting up $(VENV) from $<"
	@test -x $(BIN)/pip || { $(PYTHON) -c "$(RECENT)" && $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@ $(VENV)/.runtime
