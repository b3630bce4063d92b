# What CI runs, and nothing else. Without just: the same lines by hand.

check: lint types contracts guard test

lint:
    ruff check .
    ruff format --check .

types:
    mypy

contracts:
    lint-imports

# This repository guards itself, with its own committed index.
guard:
    bugguard index verify
    bugguard check --commit HEAD

test:
    pytest -n auto

# Golden files are made anew by this, and reviewed as a diff.
golden:
    python tests/report/sample_report.py
