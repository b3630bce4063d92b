"""Strict reading of JSON objects: every function raises ValueError where the type is another."""

from __future__ import annotations

import json
import re
from typing import Any

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


def to_line(record: dict[str, Any]) -> bytes:
    """One line of JSON in ASCII, so that any text survives, lone surrogates included."""
    return _encode(record).encode("ascii") + b"\n"


def parse_object(text: bytes) -> dict[str, Any]:
    """A JSON object from its ASCII text."""
    try:
        value = json.loads(text.decode("ascii"))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def get_object(record: dict[str, Any], key: str) -> dict[str, Any]:
    value = record.get(key)
    if not isinstance(value, dict):
        raise ValueError(f"{key} is not an object")
    return value


def get_objects(record: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = record.get(key)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError(f"{key} is not a list of objects")
    return value


def get_text(record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    if not isinstance(value, str):
        raise ValueError(f"{key} is not text")
    return value


def get_optional_text(record: dict[str, Any], key: str) -> str | None:
    return None if record.get(key) is None else get_text(record, key)


def get_texts(record: dict[str, Any], key: str) -> tuple[str, ...]:
    value = record.get(key)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{key} is not a list of texts")
    return tuple(value)


def get_integer(record: dict[str, Any], key: str) -> int:
    value = record.get(key)
    if type(value) is not int:  # a bool is an int to isinstance
        raise ValueError(f"{key} is not an integer")
    return value


def get_flag(record: dict[str, Any], key: str) -> bool:
    value = record.get(key)
    if not isinstance(value, bool):
        raise ValueError(f"{key} is neither true nor false")
    return value


def get_count(record: dict[str, Any], key: str) -> int:
    value = get_integer(record, key)
    if value < 0:
        raise ValueError(f"{key} is negative")
    return value


def check_sha(text: str) -> str:
    """``text`` itself; anything else could become an option on git's command line."""
    if not _SHA.fullmatch(text):
        raise ValueError("a commit's name is not a sha")
    return text


def get_shas(record: dict[str, Any], key: str) -> tuple[str, ...]:
    return tuple(check_sha(text) for text in get_texts(record, key))
