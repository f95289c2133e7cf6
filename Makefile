# Postroom. Two commands for a stranger: `make demo` and `make test`. Each installs what it needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
CORES := $(shell nproc 2>/dev/null || echo 2)
# Stories wait for real servers: with as many processes as cores, cores would be idle.
JOBS ?= $(shell echo $$(( $(CORES) + 2 )))

.PHONY: demo run test check bench soak pictures servers bench-tools clean

demo: $(VENV)/.run
	@$(BIN)/postroom --demo

run: $(VENV)/.run
	@$(BIN)/postroom --no-ui

# What is compiled is kept, whatever the environment says: each story starts the command again and again.
test soak: export PYTHONDONTWRITEBYTECODE :=

test: $(VENV)/.dev servers
	$(BIN)/pytest -n $(JOBS) --dist loadgroup -m "not soak" $(TESTS)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

soak: $(VENV)/.dev servers
	$(BIN)/pytest -m soak --timeout 7200 $(TESTS)

bench: $(VENV)/.bench servers bench-tools
	$(BIN)/python -m benchmarks

pictures: $(VENV)/.run
	@$(BIN)/python -m docs.pictures

# Real servers for the tests: named, and installed where apt may.
servers:
	@sh .ci/system-packages dovecot:dovecot-core dovecot:dovecot-imapd postfix:postfix initdb:postgresql tmux:tmux ssh:openssh-client

bench-tools:
	@sh .ci/system-packages mbsync:isync

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Postroom needs Python 3.11 or newer: say which with PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Python's venv module is missing: on Debian and Ubuntu install python3-venv"; exit 1; }

$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing Postroom into $(VENV) (once) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing Postroom and its tools into $(VENV) (once) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.run

$(VENV)/.bench: $(VENV)/.dev
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev,bench]'
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
