# What CI runs, and nothing else. Without just: the same lines by hand.

check: lint types contracts test

lint:
    ruff check .
    ruff format --check .

types:
    mypy

contracts:
    lint-imports

test:
    pytest -n auto

# Golden files are made anew by this, and reviewed as a diff.
golden:
    python tests/report/sample_report.py
