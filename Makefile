# Needs only `make` and Python 3.11 or newer; everything else goes into a local environment.
.POSIX:
.SUFFIXES:
.DEFAULT_GOAL := help
.PHONY: help run test test-all tests lint format layers notebooks bench fuzz sensitivity docs \
	gallery tutorial wheelhouse clean \
	ci ci-check ci-run ci-notebooks ci-tutorial ci-docs ci-compare ci-pages

PYTHON ?= python3
SCENARIO ?= national-2035
VENV = .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint .constraints.txt

help: ## Say what there is to make
	@echo 'make run        turn the embedded layers into runs/$(SCENARIO)/map.html (SCENARIO=name or file.toml)'
	@echo 'make test       lint, doctests and tests; browser tests are skipped where there is no Chromium'
	@echo 'make test-all   the same with the slow tests and more examples of each property'
	@echo 'make lint       ruff, mypy, the contracts of imports; eslint and TypeScript for page scripts'
	@echo 'make format     let ruff format and mend what it can, strip notebooks'
	@echo 'make layers     build data/reference again (SOURCES=dir FACTS=dir) and check it'
	@echo 'make notebooks  run the notebooks'
	@echo 'make bench      time the stages of a run and the program'
	@echo 'make fuzz       10,000 changed files of strangers: none may give a traceback or be read wrongly'
	@echo 'make sensitivity  docs/sensitivity.md: the plan with each assumption at its low and high end'
	@echo 'make docs       build the documentation into build/docs/index.html'
	@echo 'make gallery    figures and pictures of README and docs from runs/$(SCENARIO)'
	@echo 'make tutorial   docs/tutorial.md from its notebook'
	@echo 'make wheelhouse all packages in build/wheelhouse, for a machine without a network'
	@echo 'make ci         what CI does, stage by stage; BASE=main also compares with that revision'
	@echo 'make clean      remove the local environment, runs and caches'

run: $(VENV)/run.stamp ## The ranked national shortlist and its map
	@$(BIN)/siteopt run $(SCENARIO) --out runs/$(basename $(notdir $(SCENARIO)))

# Lint takes one core for a while, tests take all there are: both begin at once, when the tools
# that both use are there.
test: $(VENV)/dev.stamp ## Lint, doctests and every kind of proof
	@.page-lint/install
	@$(MAKE) --no-print-directory -j 2 lint tests

test-all: $(VENV)/dev.stamp ## The same, with slow tests and more examples of each property
	@.page-lint/install
	@$(MAKE) --no-print-directory -j 2 lint tests CHOICE=--hypothesis-profile=thorough

WORKERS ?= auto
CHOICE = -m 'not slow'
tests: $(VENV)/dev.stamp ## Doctests and tests without lint
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(CHOICE)

lint: $(VENV)/dev.stamp ## Style, types, imports; page scripts where there is node
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@.page-lint/check

format: $(VENV)/dev.stamp ## Mend style, take outputs out of notebooks
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/python notebooks/strip.py

SOURCES ?= ../shared/sources
FACTS ?= ../shared/facts
layers: $(VENV)/layers.stamp ## Embedded layers from their sources
	@$(BIN)/siteopt layers build --sources $(SOURCES) --facts $(FACTS)
	@$(BIN)/siteopt layers check

# Results of stages are kept in this folder between runs: what one notebook solved the next takes.
SITEOPT_CACHE ?= $(CURDIR)/.siteopt-cache
notebooks: $(VENV)/notebooks.stamp ## Every notebook from top to bottom, and how long each takes
	@SITEOPT_CACHE='$(SITEOPT_CACHE)' $(BIN)/python -m pytest -p nbmake --nbmake --nbmake-timeout=300 \
		--durations=0 -n 0 -p no:warnings notebooks

bench: $(VENV)/bench.stamp ## Figures that the README and docs quote
	@$(BIN)/python -m benchmarks

CASES ?= 10000
fuzz: $(VENV)/dev.stamp ## Changed files of every kind that a stranger can hand in; a table by kind
	@$(BIN)/python -m tests.fuzz --cases $(CASES) --processes 2

sensitivity: $(VENV)/run.stamp ## Each assumption at its low and at its high end
	@SITEOPT_CACHE='$(SITEOPT_CACHE)' $(BIN)/siteopt sensitivity $(SCENARIO) --page docs/sensitivity.md

docs: $(VENV)/docs.stamp ## Pages that open from a folder; warnings count as errors
	@rm -rf build/docs
	@$(BIN)/python -m sphinx -E -W --keep-going -q -d build/doctrees -b html docs build/docs
	@echo 'build/docs/index.html'

gallery: $(VENV)/dev.stamp run ## Figures and pictures of a run, in README and docs
	@$(BIN)/python docs/site_builder/answer.py runs/$(SCENARIO)
	@$(BIN)/python -m tests.picture runs/$(SCENARIO)

tutorial: $(VENV)/notebooks.stamp ## The page with the outputs of its notebook
	@SITEOPT_CACHE='$(SITEOPT_CACHE)' $(BIN)/python docs/site_builder/tutorial.py

wheelhouse: ## Wheels for a machine without a network; PLATFORM=win_amd64 FOR_PYTHON=3.12 for another kind
	@PYTHON='$(PYTHON)' PLATFORM='$(PLATFORM)' FOR_PYTHON='$(FOR_PYTHON)' .ci/wheelhouse

# What CI does, on any machine.
BASE ?=
ci: ci-check ci-run ci-notebooks ci-tutorial ci-docs ## All stages; the comparison where BASE names a revision
	@if [ -n '$(BASE)' ]; then $(MAKE) --no-print-directory ci-compare; \
	else echo 'ci: nothing compared; BASE=main names a revision'; fi
	@$(MAKE) --no-print-directory ci-pages

TESTS ?= test
ci-check: $(VENV)/run.stamp ## Layers, lint, tests; TESTS=test-all takes the slow ones too
	@$(BIN)/siteopt layers check
	@$(MAKE) --no-print-directory $(TESTS)

ci-run: $(VENV)/run.stamp ## Every ready scenario into runs/
	@SITEOPT_CACHE='$(SITEOPT_CACHE)' SITEOPT=$(BIN)/siteopt .ci/scenarios

ci-compare: $(VENV)/run.stamp ## Every ready scenario against revision BASE
	@SITEOPT_CACHE='$(SITEOPT_CACHE)' SITEOPT=$(BIN)/siteopt .ci/compare '$(BASE)'

ci-notebooks: notebooks ## Every notebook

ci-tutorial: $(VENV)/notebooks.stamp ## Whether the tutorial still says what its notebook does
	@SITEOPT_CACHE='$(SITEOPT_CACHE)' $(BIN)/python docs/site_builder/tutorial.py --check

ci-docs: docs ## The documentation

ci-pages: ## Pages and maps in build/pages
	@$(PYTHON) .ci/pages.py build/docs runs build/pages

clean: ## Back to a fresh checkout
	rm -rf $(VENV) .page-lint/node_modules runs .siteopt-cache .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else "siteopt needs Python 3.11 or newer, but $(PYTHON) is %d.%d; say PYTHON=python3.12 or the like" % v[:2])'
	@echo 'Setting up $(VENV) (once, a minute or two) ...'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo '$(PYTHON) has no venv module; install it (Debian: python3-venv)' >&2; exit 1; }

$(VENV)/run.stamp: pyproject.toml .constraints.txt | $(VENV)/bin/python
	@$(PIP) --editable .
	@touch $@

$(VENV)/dev.stamp: pyproject.toml .constraints.txt $(VENV)/run.stamp
	@$(PIP) --editable '.[dev,layers,weather]'
	@touch $@

$(VENV)/bench.stamp: pyproject.toml .constraints.txt $(VENV)/dev.stamp
	@$(PIP) --editable '.[bench]'
	@touch $@

$(VENV)/layers.stamp: pyproject.toml .constraints.txt $(VENV)/run.stamp
	@$(PIP) --editable '.[layers]'
	@touch $@

$(VENV)/notebooks.stamp: pyproject.toml .constraints.txt $(VENV)/run.stamp
	@$(PIP) --editable '.[dev,notebooks]'
	@touch $@

$(VENV)/docs.stamp: pyproject.toml .constraints.txt $(VENV)/run.stamp
	@$(PIP) --editable '.[docs]'
	@touch $@
