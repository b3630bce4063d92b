"""``bugguard init``: learn this repository and have every commit checked."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from bugguard.cli import console
from bugguard.cli.learning import learn_now
from bugguard.cli.options import repo_option
from bugguard.cli.wiring import Session
from bugguard.config import Dsn
from bugguard.history import hooks
from bugguard.report.escape import terminal
from bugguard.report.words import count

_PRE_COMMIT = """\
this repository uses pre-commit: add this to .pre-commit-config.yaml, then run `pre-commit install`
  - repo: local
    hooks:
      - id: bugguard
        name: bugguard
        entry: bugguard hook
        language: system
        pass_filenames: false
        always_run: true
"""

_CONFIG = """\
# Settings of bugguard; `bugguard config show` lists them all with their defaults.
# What is set here wins over pyproject.toml and over everybody's own settings.

[check]
# A finding is reported from this score on, 0 to 1.
# threshold = 0.5

[learn]
# Regexes for what the built-in rules do not know of your team.
# fix_subjects = []
# not_fix_subjects = []
# ticket_patterns = []
# exclude = []
"""


@click.command()
@repo_option
@click.option("--no-hook", is_flag=True, help="Install no hook.")
def command(repo: Path | None, no_hook: bool) -> None:
    """Write a config, learn this repository, and install the commit hook.

    Can be run again at any time. A config or a hook that is there already is left alone.
    """
    session = Session.start(repo, {})
    for line in (_config(session), "" if no_hook else _hook(session)):
        if line:
            console.result(line.rstrip("\n") + "\n")
    if isinstance(session.location, Dsn):  # somebody else learns
        held = count(session.opened().patterns, "pattern")
        console.result(f"uses the index at {terminal(str(session.location))}: {held}\n")
        return
    console.result(learn_now([session], anew=False))


def _config(session: Session) -> str:
    root = session.git.work_tree
    if root is None:
        return ""
    path = root / ".bugguard.toml"
    project = root / "pyproject.toml"
    if path.exists() or path.is_symlink():
        return ""
    if project.is_file() and b"[tool.bugguard" in project.read_bytes():
        return ""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_CONFIG)
    except OSError as error:
        return f"no config was written ({error.strerror}); the defaults hold"
    return f"wrote {path.name}"


def _hook(session: Session) -> str:
    git = session.git
    if git.work_tree is None:
        return "a bare repository makes no commits: no hook was installed"
    if (git.work_tree / ".pre-commit-config.yaml").is_file():
        return _PRE_COMMIT
    outcome = hooks.install(git, _program())
    return terminal(outcome)


def _program() -> str:
    """This program's own path: the hook must find it outside of its virtual environment too."""
    started = Path(sys.argv[0])
    if started.stem == "bugguard" and started.is_file():
        return str(started.absolute())
    beside = Path(sys.executable).with_name("bugguard")
    if os.access(beside, os.X_OK):
        return str(beside)
    return shutil.which("bugguard") or "bugguard"
