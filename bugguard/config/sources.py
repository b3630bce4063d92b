"""Where settings come from: TOML files, the environment, flags."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from bugguard.config.dsn import Dsn
from bugguard.config.keys import GROUPS, KEYS, VARIABLES, Key
from bugguard.errors import ConfigError

MAX_BYTES = 1_000_000


class Given(NamedTuple):
    """One value that a source gives."""

    key: str
    value: object  #: checked by :meth:`Key.check`
    where: str  #: file, variable or flag, for people
    base: Path | None  #: what a relative path is relative to; None: the working directory
    trusted: bool = True  #: False: the repository being checked says so


def from_repository(root: Path) -> Iterator[Given]:
    """``[tool.bugguard]`` of pyproject.toml, then .bugguard.toml."""
    data = _read(root / "pyproject.toml", "pyproject.toml")
    # Most repositories' pyproject.toml does not name us: the TOML parser is not even imported.
    if b"bugguard" in data:
        tool = _parse(data, "pyproject.toml").get("tool")
        if isinstance(tool, dict) and "bugguard" in tool:
            table = _table(tool["bugguard"], "pyproject.toml", "tool.bugguard")
            yield from _flatten(table, "pyproject.toml", root, trusted=False)
    data = _read(root / ".bugguard.toml", ".bugguard.toml")
    yield from _flatten(_parse(data, ".bugguard.toml"), ".bugguard.toml", root, trusted=False)


def from_user(path: Path, root: Path | None) -> Iterator[Given]:
    """The user's own file. A relative path in it is relative to each repository."""
    yield from _flatten(_parse(_read(path, str(path)), str(path)), str(path), root, trusted=True)


def from_environment(environ: Mapping[str, str]) -> Iterator[Given]:
    """``BUGGUARD_*``. An empty variable counts as not set."""
    for name in sorted(environ):
        if not name.startswith("BUGGUARD_") or not environ[name]:
            continue
        key = VARIABLES.get(name)
        if key is None:
            raise ConfigError(
                f"environment: {name} is not a setting of bugguard; {_nearest(name, VARIABLES)}"
            )
        yield Given(key.name, key.parse(environ[name], name), name, None)


def from_flags(flags: Mapping[str, object]) -> Iterator[Given]:
    """Dotted names to values; None and an empty tuple mean that the flag was not used."""
    for name, value in flags.items():
        if value is not None and value != ():
            plain = str(value) if isinstance(value, Path) else value
            plain = plain.secret if isinstance(plain, Dsn) else plain
            yield Given(name, KEYS[name].check(plain, "command line"), "command line", None)


def _read(path: Path, where: str) -> bytes:
    try:
        if not path.exists():
            return b""
        if not path.is_file():  # a FIFO would wait for ever, a device never end
            raise ConfigError(f"{where} is not a regular file; remove it or put a TOML file there")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            f"{where} cannot be read ({error.strerror}); mend its permissions or remove it"
        ) from error
    return data


def _parse(data: bytes, where: str) -> dict[str, object]:
    if not data:
        return {}
    if len(data) > MAX_BYTES:
        raise ConfigError(
            f"{where} is larger than 1 MB; bugguard reads no such settings, shorten it"
        )
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        parsed: dict[str, object] = toml.loads(data.decode())
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{where}:{line} is not UTF-8; save the file as UTF-8") from error
    except (ValueError, RecursionError) as error:  # TOMLDecodeError is a ValueError
        end = f"at line {len(data.splitlines())}, its end"
        reason = str(error).replace("at end of document", end)
        if isinstance(error, RecursionError):
            reason = "it is nested too deeply"
        raise ConfigError(f"{where} is not valid TOML: {reason}; mend it there") from error
    return parsed


def _table(value: object, where: str, name: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: {name} must be a table, not {value!r:.60}")
    return value


def _flatten(
    table: dict[str, object], where: str, base: Path | None, trusted: bool
) -> Iterator[Given]:
    for name, value in table.items():
        if name in GROUPS:
            for field, inner in _table(value, where, name).items():
                key = _known(f"{name}.{field}", where)
                yield Given(key.name, key.check(inner, where), where, base, trusted)
        else:
            key = _known(name, where)
            yield Given(key.name, key.check(value, where), where, base, trusted)


def _known(name: str, where: str) -> Key:
    key = KEYS.get(name)
    if key is None:
        raise ConfigError(
            f"{where}: {name!r:.80} is not a setting; {_nearest(name, [*KEYS, *GROUPS])}"
        )
    return key


def _nearest(name: str, names: Iterable[str]) -> str:
    from difflib import get_close_matches  # only errors need it

    # The last part may be right and its group forgotten: "threshold" for "check.threshold".
    near = [known for known in names if known.endswith(f".{name}")]
    near += get_close_matches(name[:80], names, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else "`bugguard config show` lists them all"
