# make demo   install into .venv and score the bundled sample
# make test   install what the tests need and run everything that CI runs
# make check  style and types only
# make bench  measure against peers (not part of the tests); DATA=folder of public evaluation data

PYTHON ?= $(shell for p in python3 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null \
	&& echo $$p && break; done)
BIN := .venv/bin
SOURCES := setup.py pyproject.toml $(wildcard cswitch/_*.cpp cswitch/*/_*.cpp)
REPORT := cswitch-report.html

.PHONY: demo test check bench clean

demo: .venv/installed
	@sample=$$($(BIN)/python -c 'from cswitch import resources; print(resources.sample())') && \
	$(BIN)/cswitch score $$sample/references.txt $$sample/devanagari.txt $$sample/mixed.txt \
		$$sample/romanized.txt --lang hi_en --html $(REPORT)
	@echo "Report: $(CURDIR)/$(REPORT)"

test: check
	$(BIN)/pytest

check: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: .venv/installed-bench
	$(BIN)/python -m benchmarks $(DATA) --out build/benchmarks

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "cswitch needs Python 3.11 or 3.12: make PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python $(SOURCES)
	$(BIN)/pip install --quiet --editable .
	@touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/pip install --quiet --editable '.[dev]'
	@touch $@

.venv/installed-bench: .venv/installed-dev
	$(BIN)/pip install --quiet --editable '.[bench]'
	@touch $@

clean:
	rm -rf .venv build *.egg-info cswitch/*.so cswitch/*/*.so $(REPORT)
