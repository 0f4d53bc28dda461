# Northstar. `make run` needs nothing but Python 3.11; everything it installs lies in .venv, everything it writes in var/.

PORT ?= 8000
EMULATOR_PORT ?= 12111
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install --require-hashes --no-deps
COMPILE := $(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

.PHONY: help install run test conformance check format bench screenshots coverage lock hooks clean

help: ## what there is
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*##/:/' | column -t -s:

install: .venv/runtime ## the virtual environment of the site

run: .venv/runtime ## the whole site: make run PORT=8000 EMULATOR_PORT=12111
	@exec $(BIN)/python manage.py run --port $(PORT) --emulator-port $(EMULATOR_PORT)

test: .venv/test ## all tests; ARGS="-k slots" for some of them
	$(BIN)/pytest -n 2 --dist loadfile $(ARGS)

conformance: .venv/test ## what Stripe and the emulator both do; with STRIPE_TEST_KEY in the environment, at Stripe
	$(BIN)/python -m pytest -c tests/conformance/alone.ini --rootdir . tests/conformance $(ARGS)

coverage: .venv/test ## all tests with branch coverage
	$(BIN)/pytest -n 2 --dist loadfile --cov --cov-report=term-missing:skip-covered $(ARGS)

check: .venv/test ## format, lint, types, import law, templates, migrations
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/lint-imports --no-logo
	git ls-files 'templates/*.html' | xargs $(BIN)/djade --check --target-version 5.2
	DJANGO_SETTINGS_MODULE=config.settings.test $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(BIN)/mypy .

format: .venv/test ## what a machine can put right
	$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --quiet --fix .
	git ls-files 'templates/*.html' | xargs $(BIN)/djade --target-version 5.2

bench: .venv/test ## one JSON line per measure
	@$(BIN)/python -m benchmarks $(ARGS)

screenshots: .venv/test ## pictures of every page into var/screenshots
	$(BIN)/python -m tests.browser.screenshots $(ARGS)

lock: .venv/test ## pin requirements/*.in again, with hashes and without an index address
	$(COMPILE) --upgrade requirements/runtime.in -o requirements/runtime.txt
	$(COMPILE) --upgrade -c requirements/runtime.txt requirements/test.in -o requirements/test.txt

hooks: .venv/test ## run the checks of changed files before each commit
	$(BIN)/pre-commit install

clean: ## forget the demo, its database and everything else under var/
	rm -rf var

# Made from the pinned files, and brought up to date when they change.
.venv/runtime: requirements/runtime.txt | .venv/bin/python
	@echo "Installing what the site needs (a minute, once)"
	@$(PIP) -r $<
	@touch $@

.venv/test: requirements/test.txt | .venv/bin/python
	@echo "Installing what the tests need (a minute, once)"
	@$(PIP) -r $<
	@touch $@ .venv/runtime

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Northstar needs Python 3.11 or newer: install it, or name it: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Python cannot make a virtual environment: install its venv module (Debian: python3-venv)." >&2; exit 1; }
