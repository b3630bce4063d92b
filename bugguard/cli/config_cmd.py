"""``bugguard config show``: the settings in force, as TOML that can be kept."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bugguard.cli import console
from bugguard.cli.options import index_option, load_settings, open_repository, repo_option
from bugguard.config import Dsn, Loaded, Location
from bugguard.config.keys import GROUPS, KEYS
from bugguard.errors import GitError
from bugguard.report.escape import terminal


@click.group(name="config")
def command() -> None:
    """Show the settings and where they are set."""


@command.command()
@repo_option
@index_option
@click.option("--origin", is_flag=True, help="Say where each value comes from.")
def show(repo: Path | None, index: Location | None, origin: bool) -> None:
    """Print every setting in force, as TOML."""
    try:
        git = open_repository(repo)
    except GitError:
        if repo is not None:
            raise
        git = None  # outside of a repository the user's own settings are still worth a look
    console.result(_toml(load_settings(git, {"index": index}), origin))


def _toml(loaded: Loaded, origin: bool) -> str:
    lines: list[str] = []
    section = ""
    for name in KEYS:
        group, _, field = name.rpartition(".")
        if group != section:
            section = group
            lines += ["", f"[{group}]"]
        holder = getattr(loaded.settings, group) if group in GROUPS else loaded.settings
        value = getattr(holder, field)
        text = f"{field} = {_value(value)}" if value is not None else f"# {field} is not set"
        if value is not None and KEYS[name].secret:
            text = f"# {field} is set, and not shown"
        lines.append(text + (f"  # {terminal(loaded.origins[name])}" if origin else ""))
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    """A TOML value. JSON's strings, numbers, booleans and lists of strings are TOML's too."""
    if isinstance(value, tuple):
        value = list(value)
    plain = str(value) if isinstance(value, (Path, Dsn)) else value
    return terminal(json.dumps(plain, ensure_ascii=False))
