# Everything a person or a machine does with this repository. `make help` lists it.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SCALE ?= 1
WORKERS ?= 2
STAMP := $(VENV)/.installed

.PHONY: help install demo run check test bench sheet tour audit format clean

help:
	@echo "make demo     two phones on one page, no token needed"
	@echo "make run      the bot on Telegram"
	@echo "make test     every test, on SQLite and PostgreSQL"
	@echo "make check    lint, types, import rules, rules for words"
	@echo "make bench    the benchmark tables"
	@echo "make tour     the README's pictures, made from the demo"
	@echo "make audit    known weaknesses of packages, and secrets committed by mistake"
	@echo "make sheet    renews the golden pictures and docs/contact-sheet.jpg"
	@echo "make install  .venv only"

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Python is missing. Install python3 (3.11 or newer), then try again."; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "This Python is too old. Install 3.11 or newer, then: make install PYTHON=python3.11"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing. On Debian or Ubuntu: sudo apt install python3-venv"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]' \
		|| { echo "Installing failed. If pip found no wheel for a package, use a Python between 3.11 and 3.14 on x86-64 or ARM64, with network access to a package index."; exit 2; }
	@touch $(STAMP)

demo: $(STAMP)
	@$(BIN)/python -m bot demo

run: $(STAMP)
	@$(BIN)/python -m bot run

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/unit/test_words.py

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: $(STAMP)
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest -q -n $(WORKERS) --dist loadfile tests/unit tests/contract tests/flows
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --fail-under=95
	SCALE=$(SCALE) $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile tests/crash tests/care tests/browser tests/year

bench: $(STAMP)
	@SCALE=$(SCALE) $(BIN)/python -m tests.bench
	@SCALE=$(SCALE) $(BIN)/python -m tests.bench.units
	@SCALE=$(SCALE) $(BIN)/python -m tests.bench.instrument
	@SCALE=$(SCALE) $(BIN)/python -m tests.bench.starters
	@SCALE=$(SCALE) $(BIN)/python -m tests.bench.crash
	@SCALE=$(SCALE) $(BIN)/python -m tests.bench.workers
	@SCALE=$(SCALE) $(BIN)/python -m tests.bench.pictures
	@SCALE=$(SCALE) $(BIN)/python -m tests.bench.planning
	@SCALE=$(SCALE) $(BIN)/python -m tests.bench.fanout
	@SCALE=$(SCALE) $(BIN)/python -m tests.bench.year
	@SCALE=$(SCALE) $(BIN)/python -m tests.bench.noninterference
	@SCALE=$(SCALE) $(BIN)/python -m tests.bench.races
	@SCALE=$(SCALE) $(BIN)/python -m tests.bench.hostile

tour: $(STAMP)
	@command -v chromium >/dev/null 2>&1 || { echo "The tour needs Debian's chromium: apt install chromium"; exit 2; }
	@$(BIN)/python -m tests.browser.tour

# The baseline holds what is no secret: made-up tokens of tests, and the alphabet of the short codes.
audit: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[audit]'
	git ls-files -z | xargs -0 $(BIN)/detect-secrets-hook --baseline .secrets.baseline
	$(BIN)/pip-audit --strict --progress-spinner off --no-deps --disable-pip --requirement constraints.txt \
		|| { echo "A package has a known weakness, or could not be asked about: see above."; exit 1; }

sheet: $(STAMP)
	@$(BIN)/python -m tests.sheet

clean:
	rm -rf $(VENV) build dist *.egg-info .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
