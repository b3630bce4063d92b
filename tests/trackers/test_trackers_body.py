"""Answers are read within bounds, and what is cut of them stays well-formed."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugguard.trackers import body
from bugguard.trackers.body import OversizedError, Shortener, gathered

TEXT = st.text(st.characters(exclude_categories=[]), max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def shortened(raw: bytes, step: int, most: int) -> bytes:
    shortener = Shortener(most)
    return b"".join(shortener.feed(raw[at : at + step]) for at in range(0, len(raw), step))


def encoded(value: Any, *, ascii_only: bool) -> bytes:
    return json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


@given(VALUES, st.integers(1, 9))
def test_what_is_short_stays_as_it_is(value: Any, step: int) -> None:
    raw = encoded(value, ascii_only=True)
    assert shortened(raw, step, 10_000) == raw


@given(VALUES, st.integers(1, 9), st.integers(0, 30), st.booleans())
def test_what_is_cut_is_well_formed(value: Any, step: int, most: int, ascii_only: bool) -> None:
    try:
        raw = encoded(value, ascii_only=ascii_only)
        json.loads(raw)
    except UnicodeDecodeError:  # lone surrogates as they stand are no JSON in UTF-8
        return
    cut = json.loads(shortened(raw, step, most))
    _is_shorter(cut, value, most)


def _is_shorter(cut: Any, whole: Any, most: int) -> None:
    if isinstance(whole, str):
        assert whole.startswith(cut) or _halved(cut, whole)
        assert len(json.dumps(cut)) - 2 <= 6 * most
    elif isinstance(whole, list):
        assert len(cut) == len(whole)
        for one, other in zip(cut, whole, strict=True):
            _is_shorter(one, other, most)
    elif not isinstance(whole, dict):  # the names of an object may become the same
        assert cut == whole


def _halved(cut: str, whole: str) -> bool:
    """A pair of escapes that make one character may lose its second half."""
    return bool(cut) and "\ud800" <= cut[-1] <= "\udbff" and whole.startswith(cut[:-1])


def test_only_large_answers_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "WHOLE", 1000)
    short, long = b'["%s"]' % (b"x" * 900), b'["%s"]' % (b"x" * 10**6)
    assert gathered([short[:10], short[10:]]) == short
    assert gathered([long[:900], long[900:5000], long[5000:]]) == b'["%s"]' % (b"x" * body.STRING)


@pytest.mark.parametrize("bound", ["MOST_READ", "MOST_KEPT"])
def test_nothing_is_read_without_end(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(body, bound, 10**6)
    taken = 0

    def endless() -> Any:
        nonlocal taken
        while True:
            taken += 10_000
            yield b"[" + b"1," * 4_999 + b"1"

    with pytest.raises(OversizedError):
        gathered(endless())
    assert taken <= 10**6 + 20_000


@pytest.mark.parametrize("unit", [b"\\\\", b"\\u3042", b"\xe3\x81\x82", b'\\"', b"x"])
def test_time_is_linear(unit: bytes) -> None:
    raw = b'["' + unit * (8 * 2**20 // len(unit)) + b'"]'
    begin = time.monotonic()
    found = json.loads(gathered(raw[at : at + 65536] for at in range(0, len(raw), 65536)))
    assert time.monotonic() - begin < 20
    whole = json.loads(b'"' + unit + b'"')
    assert found[0] == whole * len(found[0])
    assert len(found[0].encode()) >= 64 * 2**10
