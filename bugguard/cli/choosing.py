"""``--staged``, ``--range``, ``--commit``, ``--patch``: which change a command looks at."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import click

from bugguard.cli.options import Decorated
from bugguard.cli.wiring import Session, environment
from bugguard.domain import Change
from bugguard.errors import DiffError
from bugguard.history import changes

_PATCH_CAP = 64 << 20  #: bytes


def change_options(staged: str) -> Callable[[Decorated], Decorated]:
    """The options, passed as ``staged``, ``range_``, ``commit`` and ``patch``.

    staged: the help of the first one, which may be the default.
    """
    patch = click.Path(dir_okay=False, allow_dash=True, path_type=Path)
    options = (
        click.option("--staged", is_flag=True, help=staged),
        click.option("--range", "range_", metavar="A..B", help="What B adds since it left A."),
        click.option(
            "--commit", metavar="REV", help="A commit, against the fixes that were before it."
        ),
        click.option(
            "--patch", metavar="FILE", type=patch, help="A patch file, or - for the standard input."
        ),
    )

    def decorate(function: Decorated) -> Decorated:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


class Chosen(NamedTuple):
    """What the options name; at most one of them is used."""

    staged: bool
    range: str | None
    commit: str | None
    patch: Path | None

    @classmethod
    def of(cls, staged: bool, range_: str | None, commit: str | None, patch: Path | None) -> Chosen:
        """Raises click.UsageError where several are used."""
        given = [staged, range_ is not None, commit is not None, patch is not None]
        if sum(given) > 1:
            raise click.UsageError("give only one of --staged, --range, --commit and --patch")
        return cls(staged, range_, commit, patch)

    def __bool__(self) -> bool:
        return self.staged or (self.range, self.commit, self.patch) != (None, None, None)

    def change(self, session: Session) -> Change:
        """The change; what is staged, where no option is used. Raises BugguardError."""
        git, limits = session.git, session.limits
        if self.range is not None:
            return changes.between(git, *changes.endpoints(git, self.range), limits)
        if self.commit is not None:
            return changes.commit(git, git.commit(self.commit), limits)
        if self.patch is not None:
            whole = str(self.patch) == "-"
            data = _stdin() if whole else changes.read_patch(self.patch, _PATCH_CAP)
            return changes.patch(str(self.patch), data, limits)
        return changes.staged(git, limits, environment())


def _stdin() -> bytes:
    if sys.stdin is None:
        raise DiffError("the standard input is closed: give the patch as a file.")
    data = sys.stdin.buffer.read(_PATCH_CAP + 1)
    if len(data) > _PATCH_CAP:
        raise DiffError(f"the patch is over {_PATCH_CAP >> 20} MiB: check it in parts.")
    return data
