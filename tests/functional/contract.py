"""The JSON report's contract, version 1: fields may be added later, none changed or lost."""

from __future__ import annotations

import re
from typing import Any

SHA = re.compile(r"[0-9a-f]{40}")
FINGERPRINT = re.compile(r"[0-9a-f]{16}")
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

_TICKET = {"id": str, "title": str, "url": str, "source": str}
_FIX = {
    "sha": SHA, "date": DATE, "subject": str, "path": str, "tickets": [_TICKET],
    "buggy": [str], "fixed": [str],
}  # fmt: skip
_FINDING = {
    "fingerprint": FINGERPRINT, "rule": re.compile("BG00[123]"), "path": str,
    "line": int, "end_line": int, "score": float, "yours": [str], "fix": _FIX, "judgement": None,
}  # fmt: skip
_REPORT = {
    "version": int,
    "tool": {"name": str, "version": str},
    "index": {"patterns": int, "fixes": int, "encoder": str, "head": str},
    "findings": [_FINDING],
    "stats": {
        "hunks": int, "skipped": [{"path": str, "reason": str}], "seconds": float,
        "escalated": int, "llm_calls": int, "tokens": int,
    },
}  # fmt: skip


def assert_report(document: Any) -> None:
    """Fails, naming the place, where the document is not as programs rely on it."""
    _check(document, _REPORT, "report")
    assert document["version"] == 1
    assert document["tool"]["name"] == "bugguard"
    if "candidates" in document:
        _check(document["candidates"], [_FINDING], "candidates")
    for finding in (*document["findings"], *document.get("candidates", ())):
        assert 0 <= finding["score"] <= 1
        assert 1 <= finding["line"] <= finding["end_line"]
        assert finding["yours"]
        assert all(line[:1] in "+- " for line in finding["yours"])


def _check(value: Any, shape: Any, place: str) -> None:
    if isinstance(shape, dict):
        assert isinstance(value, dict), place
        assert shape.keys() <= value.keys(), f"{place}: {shape.keys() - value.keys()} missing"
        for name, inner in shape.items():
            _check(value[name], inner, f"{place}.{name}")
    elif isinstance(shape, list):
        assert isinstance(value, list), place
        for number, item in enumerate(value):
            _check(item, shape[0], f"{place}[{number}]")
    elif isinstance(shape, re.Pattern):
        assert isinstance(value, str), place
        assert shape.fullmatch(value), f"{place}: {value!r}"
    elif shape is None:
        assert value is None, place
    else:
        assert type(value) is shape, f"{place}: {value!r} is not {shape.__name__}"
