"""Options that several commands share, and what they lead to."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from bugguard.config import Dsn, Loaded, Location, load
from bugguard.history.git import Git

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Decorated = TypeVar("Decorated", bound=Callable[..., object])


def repo_option(function: Decorated) -> Decorated:
    """``--repo DIR``, passed as ``repo: Path | None``; None: the current directory."""
    return click.option(
        "--repo",
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="The repository, bare or not. Default: the one around the current directory.",
    )(function)


class LocationType(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # of late
    """An index's folder, or its address on a server: a ``Location``."""

    name = "location"

    def __init__(self, *, exists: bool = False) -> None:
        """exists: whether a folder must be there."""
        self._folder = click.Path(exists=exists, file_okay=False, path_type=Path)

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Location:
        if isinstance(value, (Path, Dsn)):
            return value
        text = str(value)
        if Dsn.is_one(text):
            return Dsn(text)
        return Path(self._folder.convert(text, param, ctx))

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return self._folder.shell_complete(ctx, param, incomplete)


def index_option(function: Decorated) -> Decorated:
    """``--index DIR``, passed as ``index: Location | None``; None: as the settings say."""
    return click.option(
        "--index",
        metavar="DIR|DSN",
        type=LocationType(),
        help="The index's folder or postgresql:// address. Default: inside the git directory.",
    )(function)


def baseline_option(function: Decorated) -> Decorated:
    """``--baseline FILE``, passed as ``baseline: Path | None``; None: as the settings say."""
    return click.option(
        "--baseline",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Findings that are known. Default: .bugguard-baseline.json at the repository's top.",
    )(function)


def open_repository(repo: Path | None) -> Git:
    """The repository that ``--repo`` names. Raises GitError."""
    return Git.discover(repo or Path(), os.environ, explicit=repo is not None)


def load_settings(git: Git | None, flags: Mapping[str, object]) -> Loaded:
    """The settings for a repository (None: without one's own), flags by dotted name.

    A bare repository has no files, hence no settings of its own. Raises ConfigError.
    """
    return load(git.work_tree if git else None, user_config(), os.environ, flags)


def user_folder() -> Path | None:
    """Where the user's own files are; None: nowhere that can be told.

    Never a relative path, which an empty XDG_CONFIG_HOME or a missing home makes: it would be in
    whatever repository is looked at, and its files would pass for the user's own.
    """
    folder = Path(click.get_app_dir("bugguard"))
    if not folder.is_absolute():
        folder = Path(os.path.expanduser("~")) / ".config" / "bugguard"  # noqa: PTH111, never raises
    return folder if folder.is_absolute() else None


def user_config() -> Path | None:
    """Where the user's own settings are."""
    folder = user_folder()
    return folder / "config.toml" if folder else None
