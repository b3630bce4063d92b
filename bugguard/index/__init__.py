"""The index: what was learned, kept on disk or on a server, and asked without reading it whole.

Readers come to :func:`open_index` at every commit and must not pay for what writers need, so each
name is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from bugguard.index.lessons import salvage
    from bugguard.index.loader import load, verify
    from bugguard.index.locks import lock
    from bugguard.index.manifest import Manifest
    from bugguard.index.postgres import open_served, push
    from bugguard.index.postgres.reader import ServedIndex
    from bugguard.index.reader import StoredIndex, open_index
    from bugguard.index.writer import prune, write

    AnyIndex: TypeAlias = StoredIndex | ServedIndex

_HOMES = {
    "Manifest": "manifest",
    "StoredIndex": "reader",
    "load": "loader",
    "lock": "locks",
    "open_index": "reader",
    "open_served": "postgres",
    "prune": "writer",
    "push": "postgres",
    "salvage": "lessons",
    "verify": "loader",
    "write": "writer",
}

__all__ = [
    "Manifest",
    "StoredIndex",
    "load",
    "lock",
    "open_index",
    "open_served",
    "prune",
    "push",
    "salvage",
    "verify",
    "write",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
