# What people do every day. Each target makes its own environment first.
PY := .venv/bin/python

.PHONY: run demo test lint types check bench contract

.venv/bin/kith: pyproject.toml
	python3 -m venv .venv
	.venv/bin/pip install --quiet -e '.[test]' -c constraints.txt
	touch .venv/bin/kith

run: .venv/bin/kith      ## start the server on http://127.0.0.1:8000
	.venv/bin/kith serve

demo: .venv/bin/kith     ## fill an empty, running server with a made-up community
	.venv/bin/kith demo

test: .venv/bin/kith     ## everything, in about five minutes
	$(PY) -m pytest

lint: .venv/bin/kith
	$(PY) -m ruff check . && $(PY) -m ruff format --check .

types: .venv/bin/kith
	$(PY) -m mypy

check: lint types test

bench: .venv/bin/kith    ## figures, as in bench/README.md
	.venv/bin/kith bench
