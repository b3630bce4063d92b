"""The table of keys, made from the dataclasses, and the checking of one value."""

from __future__ import annotations

import math
import re
from dataclasses import fields
from typing import Any, NamedTuple

from bugguard.config.settings import Check, Hook, Judge, Learn, Scan, Settings, Tickets
from bugguard.errors import ConfigError

_Group = type[Learn] | type[Check] | type[Scan] | type[Hook] | type[Judge] | type[Tickets]
GROUPS: dict[str, _Group] = {
    "learn": Learn,
    "check": Check,
    "scan": Scan,
    "hook": Hook,
    "judge": Judge,
    "tickets": Tickets,
}

_WORDS = {"true": True, "yes": True, "on": True, "1": True}
_WORDS |= {"false": False, "no": False, "off": False, "0": False}


class Key(NamedTuple):
    """One setting."""

    name: str  #: ``index``, ``check.threshold``, ...
    kind: str  #: the field's annotation, as written in settings.py
    least: float = -math.inf
    most: float = math.inf
    choices: tuple[str, ...] = ()  #: empty: any
    pattern: str = ""  #: regex that a text, or each of a list, has to match whole; empty: any
    meaning: str = ""  #: what such a text is, in words
    variable: str = ""  #: the environment variable that sets it: ``BUGGUARD_CHECK_THRESHOLD``
    own: bool = False  #: whether a repository may not set it
    secret: bool = False  #: whether its value is never shown
    adds: bool = False  #: whether the values of all sources count together
    file: bool = False  #: of a path: whether it is a file's and no folder's

    @property
    def expects(self) -> str:
        """What a value must be, in words."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.meaning:
            return self.meaning
        return {
            "bool": "true or false",
            "int": f"a whole number {self._range}",
            "float": f"a number from {self.least:g} to {self.most:g}",
            "tuple[str, ...]": "a list of texts",
        }.get(self.kind, "a text that is not empty")

    @property
    def _range(self) -> str:
        if self.most == math.inf:
            return f"of at least {self.least:,}"
        return f"from {self.least:,} to {self.most:,}"

    def check(self, value: Any, where: str) -> object:
        """``value`` in the form that :class:`Settings` keeps; ConfigError if it does not fit."""
        fits = False
        if self.kind == "bool":
            fits = isinstance(value, bool)
        elif self.kind in ("int", "float"):
            number = (int, float) if self.kind == "float" else int
            fits = (
                isinstance(value, number)
                and not isinstance(value, bool)
                and self.least <= value <= self.most
            )
        elif self.kind == "tuple[str, ...]":
            fits = isinstance(value, (list, tuple)) and all(
                isinstance(item, str)
                and (not self.pattern or re.fullmatch(self.pattern, item) is not None)
                for item in value
            )
        else:
            fits = isinstance(value, str) and value != "" and "\0" not in value
            fits = fits and (not self.choices or value in self.choices)
            fits = fits and (not self.pattern or re.fullmatch(self.pattern, value) is not None)
        if not fits:
            told = f"{value!r}"
            # An address may hold a password.
            told = "another value" if self.secret or "://" in told else told[:60]
            raise ConfigError(f"{where}: {self.name} must be {self.expects}, not {told}")
        kept = {"float": float, "tuple[str, ...]": tuple}.get(self.kind)
        return kept(value) if kept else value

    def parse(self, text: str, where: str) -> object:
        """The same from text, as the environment gives it. A list has one item a line."""
        value: object = text
        try:
            if self.kind == "bool":
                value = _WORDS.get(text.strip().lower(), text)
            elif self.kind == "int":
                value = int(text)
            elif self.kind == "float":
                value = float(text)
            elif self.kind == "tuple[str, ...]":
                value = tuple(line for line in text.splitlines() if line.strip())
        except ValueError:
            value = text  # not a number: check() says what was expected
        return self.check(value, where)


def _table() -> dict[str, Key]:
    keys = {}
    for prefix, group in (("", Settings), *((f"{name}.", cls) for name, cls in GROUPS.items())):
        for field in fields(group):
            if field.name not in GROUPS:
                name = prefix + field.name
                variable = "BUGGUARD_" + name.replace(".", "_").upper()
                told: dict[str, Any] = {"variable": variable} | dict(field.metadata)
                keys[name] = Key(name, str(field.type), **told)
    return keys


KEYS = _table()
VARIABLES = {key.variable: key for key in KEYS.values()}


def build(values: dict[str, Any]) -> Settings:
    """Settings from checked values by dotted name; what is missing keeps its default."""
    nested: dict[str, dict[str, Any]] = {group: {} for group in GROUPS}
    top: dict[str, Any] = {}
    for name, value in values.items():
        group, dot, field = name.partition(".")
        if dot:
            nested[group][field] = value
        else:
            top[name] = value
    for group, cls in GROUPS.items():
        top[group] = cls(**nested[group])
    return Settings(**top)
