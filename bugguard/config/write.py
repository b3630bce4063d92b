"""One setting written into a repository's own config, with all else as it was."""

from __future__ import annotations

import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from bugguard.config.sources import MAX_BYTES
from bugguard.errors import ConfigError

_BY_HAND = "set it by hand"


class Home(NamedTuple):
    """Where a repository's settings of ``check`` belong."""

    name: str  #: the file's
    target: Path  #: the file itself, where the name is a link
    tables: tuple[str, ...]  #: the names of the table in it


def home(root: Path) -> Home:
    """pyproject.toml if it has a table of ours, unless .bugguard.toml overrules it already.

    Raises ConfigError for a file that cannot be read, and for a link that leads out of the
    repository.
    """
    own = _parsed(_read(root, ".bugguard.toml"), ".bugguard.toml")
    tool = _parsed(_read(root, "pyproject.toml"), "pyproject.toml").get("tool")
    named = isinstance(tool, dict) and "bugguard" in tool
    check = own.get("check")
    overruled = isinstance(check, dict) and "threshold" in check
    if named and not overruled:
        name = "pyproject.toml"
        return Home(name, _target(root, name), ("tool", "bugguard", "check"))
    return Home(".bugguard.toml", _target(root, ".bugguard.toml"), ("check",))


def write_threshold(root: Path, threshold: float, evidence: str) -> str:
    """Sets ``check.threshold`` with ``evidence`` as its comment; returns the file's name.

    The file is written whole or not at all, and a link stays a link. Raises ConfigError where the
    file cannot be read, changed or written.
    """
    name, target, tables = home(root)
    before = _read(root, name)
    after = _changed(before, tables, threshold, evidence, name)
    _write(target, after, name)
    return name


def _changed(
    before: bytes, tables: tuple[str, ...], threshold: float, evidence: str, name: str
) -> bytes:
    import tomlkit  # nothing else needs it, and it is slow to import
    from tomlkit.exceptions import TOMLKitError

    wanted = _parsed(before, name)
    _deep(wanted, tables)["threshold"] = threshold
    try:
        document = tomlkit.parse(before.decode("utf-8"))
        table: Any = document
        for part in tables:
            if part not in table:
                table[part] = tomlkit.table()
            table = table[part]
        value = tomlkit.item(threshold)
        value.comment(evidence)
        table["threshold"] = value
        text = tomlkit.dumps(document)
        if b"\r\n" in before:
            text = text.replace("\r\n", "\n").replace("\n", "\r\n")
        after = text.encode("utf-8")
        fits = evidence in text and _parsed(after, name) == wanted
    except (TOMLKitError, ConfigError, TypeError, AttributeError, ValueError):
        fits, after = False, b""
    if not fits:
        # An inline table has no room for the evidence, and a strange file may be read in two ways.
        raise ConfigError(f"{name} cannot be changed safely; {_BY_HAND}: threshold = {threshold:g}")
    return after


def _deep(tables: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    for name in names:
        tables = tables.setdefault(name, {})
    return tables


def _target(root: Path, name: str) -> Path:
    top = Path(os.path.realpath(root))
    target = Path(os.path.realpath(root / name))
    inside = target.is_relative_to(top)
    inside = inside and ".git" not in [part.lower() for part in target.relative_to(top).parts]
    if not inside:  # a clone's link must not have any file of yours written
        raise ConfigError(f"{name} is a link that leads out of the repository; {_BY_HAND} there")
    return target


def _read(root: Path, name: str) -> bytes:
    try:
        data = (root / name).read_bytes() if (root / name).exists() else b""
    except OSError as error:
        raise ConfigError(
            f"{name} cannot be read ({error.strerror}); mend its permissions or remove it"
        ) from error
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{name} is larger than 1 MB; shorten it")
    return data


def _parsed(data: bytes, name: str) -> dict[str, Any]:
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        parsed: dict[str, Any] = toml.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{name} is not valid TOML; mend it there") from error
    return parsed


def _write(target: Path, data: bytes, name: str) -> None:
    temporary = None
    try:
        mode = target.stat().st_mode & 0o7777 if target.exists() else None
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is None:
            umask = os.umask(0)
            os.umask(umask)
            mode = 0o666 & ~umask
        Path(temporary).chmod(mode)
        Path(temporary).replace(target)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise ConfigError(
            f"{name} cannot be written ({error.strerror}); mend its permissions or {_BY_HAND}"
        ) from error
