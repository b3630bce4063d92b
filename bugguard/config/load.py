"""All sources together, later ones winning, with the origin of every value."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bugguard.config.dsn import Dsn
from bugguard.config.keys import KEYS, build
from bugguard.config.settings import Settings
from bugguard.config.sources import (
    Given,
    from_environment,
    from_flags,
    from_repository,
    from_user,
)
from bugguard.errors import ConfigError

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, and for each dotted name where its value comes from."""

    settings: Settings
    origins: dict[str, str]  #: ``default``, a file, a variable's name or ``command line``


def load(
    root: Path | None,
    user_config: Path | None,
    environ: Mapping[str, str],
    flags: Mapping[str, object],
) -> Loaded:
    """Defaults < user's file < pyproject.toml < .bugguard.toml < environment < flags.

    root: the repository's top folder; None: there is no repository to read settings from.
    flags: dotted names to values, e.g. ``{"check.threshold": 0.7}``; None: not given.
    Raises ConfigError for an unknown key, a value that does not fit, a file that is not TOML,
    and for what a repository may not choose (see :func:`_confined`).
    """
    given: list[Given] = []
    if user_config is not None:
        given += from_user(user_config, root)
    if root is not None:
        given += from_repository(root)
    given += from_environment(environ)
    given += from_flags(flags)
    values: dict[str, object] = {}
    origins = dict.fromkeys(KEYS, "default")
    for item in given:
        key = KEYS[item.key]
        if key.own and not item.trusted:
            raise ConfigError(
                f"{item.where}: {item.key} is refused, since only who runs bugguard may say who is "
                f"asked and at what cost; put it into your own config or into {key.variable}"
            )
        before, value = values.get(item.key), _placed(item, root)
        if key.adds and isinstance(before, tuple) and isinstance(value, tuple):
            values[item.key] = (*before, *value)
            origins[item.key] += f", {item.where}"
        else:
            values[item.key], origins[item.key] = value, item.where
    return Loaded(build(values), origins)


def _placed(item: Given, root: Path | None) -> object:
    """The value, with paths made absolute and confined where a repository gives them."""
    is_path = "Path" in KEYS[item.key].kind
    if not is_path and item.key != "encoder":
        return item.value
    text = str(item.value)
    served = Dsn(text) if item.key == "index" and Dsn.is_one(text) else None
    if root is not None and not item.trusted:
        _confined(item.key, text, item.where, root, str(served or text))
    if served is not None:
        return served
    base = (item.base or Path()).absolute()
    if is_path:
        return Path(_expanded(base, text))
    # A name that is a folder, seen from where it was written, is that folder; else a hub's name.
    folder = _expanded(base, text)
    return folder if text != "static" and _is_folder(folder) else text


def _confined(key: str, text: str, where: str, root: Path, told: str) -> None:
    """A repository may choose files, an index and an encoder inside itself, or a hub's model.

    Otherwise a hostile clone could have files written, or models loaded, anywhere on the machine,
    and servers asked in the user's name. told: the text without what is nobody's business.
    """
    path = Path(text)
    top = Path(os.path.realpath(root))
    resolved = Path(os.path.realpath(root / path))
    parts = {part.lower() for part in re.split(r"[/\\]", text)}
    inside = (
        not path.is_absolute()
        and ".." not in parts
        and not text.startswith(("~", "\\"))
        and ":" not in text  # a Windows drive
        and resolved.is_relative_to(top)
    )
    if key == "encoder":
        fits = inside and (_HUB_NAME.fullmatch(text) is not None or _is_folder(root / path))
        allowed = "static, a folder inside the repository or a plain model name"
    else:
        # A link may lead into .git as well as the text itself, and what is there is written to.
        parts |= {part.lower() for part in resolved.parts[len(top.parts) :]}
        fits = inside and resolved != top and ".git" not in parts
        allowed = f"a {'file' if KEYS[key].file else 'folder'} inside the repository"
    if not fits:
        raise ConfigError(
            f"{where}: {key} = {told!r:.80} is refused, since a repository may only choose"
            f" {allowed}; if you mean it, put it into your own config or the environment"
        )


# os.path where Path would raise: for an unknown ~user, for a name too long for the system.


def _expanded(base: Path, text: str) -> str:
    return os.path.normpath(base / os.path.expanduser(text))  # noqa: PTH111


def _is_folder(path: Path | str) -> bool:
    return os.path.isdir(path)  # noqa: PTH112
