# Everything a newcomer needs: `make run`. Everything a contributor needs: `make test`, `make check`.
# Only Python >= 3.11 and make have to be there; the rest goes into $(VENV).

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
TEST_SETTINGS := DJANGO_SETTINGS_MODULE=gongkai.config.settings_test

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test duties check check-types check-style bench messages lock clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "gongkai needs Python 3.11 or newer. Say which one: make run PYTHON=python3.12"; exit 1; }
	@echo "Creating the environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }

# The marker says that the locked packages of this set are in the environment.
$(VENV)/.base: requirements/base.txt pyproject.toml | $(BIN)/python
	@echo "Installing the locked packages (base)"
	@$(PIP_INSTALL) --no-deps --require-hashes -r requirements/base.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m pip check
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.base
	@echo "Installing the locked packages (test)"
	@$(PIP_INSTALL) --no-deps --require-hashes -r requirements/test.txt
	@touch $@

$(VENV)/.development: requirements/development.txt $(VENV)/.base
	@echo "Installing the locked packages (development)"
	@$(PIP_INSTALL) --no-deps --require-hashes -r requirements/development.txt
	@touch $@

run: $(VENV)/.base ## Start the demo on 127.0.0.1:8000
	@$(BIN)/gongkai serve --demo

test: $(VENV)/.test ## Run the tests on SQLite, then on PostgreSQL where there is one
	@$(BIN)/python tools/run_tests.py $(ARGUMENTS)

duties: | $(BIN)/python ## Which duties of the requirements matrix the last `make test` proved
	@$(BIN)/python tools/duties.py

check: $(VENV)/.development ## Style, types, templates, floors, migrations, translations
	@$(MAKE) --no-print-directory --jobs 2 --output-sync check-types check-style

# Types take as long as everything else.
check-types: $(VENV)/.development
	$(BIN)/mypy src

check-style: $(VENV)/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --lint --quiet src
	$(BIN)/lint-imports
	$(TEST_SETTINGS) $(BIN)/python -m django makemigrations --check --dry-run
	@$(BIN)/python tools/check_translations.py

bench: $(VENV)/.test ## Measure, and print the tables
	@$(BIN)/python benchmarks/run.py $(ARGUMENTS)

messages: $(VENV)/.base ## Collect the sentences to translate and compile the translations (needs gettext)
	cd src/gongkai && $(abspath $(BIN))/python -m django makemessages --locale en --no-obsolete --no-wrap --add-location file
	cd src/gongkai && $(abspath $(BIN))/python -m django compilemessages

LOCK := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --annotation-style=line --newline=lf \
	--no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --build-deps-for=editable

lock: $(VENV)/.development ## Pin all packages anew (add UPGRADE=--upgrade for newer releases)
	$(LOCK) $(UPGRADE) --output-file requirements/base.txt pyproject.toml
	$(LOCK) $(UPGRADE) --extra test --constraint requirements/base.txt --output-file requirements/test.txt pyproject.toml
	$(LOCK) $(UPGRADE) --extra test --extra development --constraint requirements/test.txt \
		--output-file requirements/development.txt pyproject.toml

clean: ## Remove the environment, caches and test leftovers; data in var/ stays
	rm -rf $(VENV) build dist test-artifacts .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf src/*.egg-info
