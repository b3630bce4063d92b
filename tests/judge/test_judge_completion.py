"""What servers send is anything: reading it comes to an answer or to a clause, and to no error."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

import pytest
import server as scripted
from hypothesis import given
from hypothesis import strategies as st

from bugguard.judge.asking.completion import Completion, read
from bugguard.judge.asking.dialect import Dialect, complaint, overflows
from bugguard.judge.asking.exchange import Fault, Request, one_line, tokens
from bugguard.judge.asking.trouble import RefusedError, of, retry_after

TEXT = st.text(st.characters(exclude_categories=[]))
NUMBERS = st.integers() | st.floats() | st.booleans() | st.none()
NAMES = st.sampled_from(
    ["choices", "message", "content", "refusal", "finish_reason", "usage", "prompt_tokens", "error"]
)
JSON = st.recursive(
    NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | TEXT, inner, max_size=4),
    max_leaves=12,
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Any bytes, any JSON, and completions with a part or two that are anything."""
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return draw(st.binary())
    if kind == 1:
        return json.dumps(draw(JSON)).encode()
    made: Any = scripted.completion("{}")
    for _ in range(draw(st.integers(0, 2))):
        place: Any = made
        with suppress(LookupError, TypeError):  # where it was made into something else already
            for step in draw(st.sampled_from([[], ["choices", 0], ["choices", 0, "message"]])):
                place = place[step]
        if isinstance(place, dict):
            place[draw(NAMES)] = draw(JSON)
    raw = json.dumps(made).encode()
    return raw if kind == 2 else raw[: draw(st.integers(0, len(raw)))]


@given(bodies())
def test_any_body_is_an_answer_or_a_clause(body: bytes) -> None:
    got = read(body, one_line)
    assert isinstance(got, Completion)
    if isinstance(got.said, Fault):
        assert got.said.reason.isprintable()
        assert 0 < len(got.said.reason) < 200
        assert got.said.detail.isprintable()
    else:
        assert got.said.strip()
        got.said.encode()
    for count in (got.tokens_in, got.tokens_out):
        assert count is None or 0 <= count <= 10_000_000


def test_a_right_body_is_an_answer() -> None:
    body = json.dumps(scripted.completion("{}")).encode()
    assert read(body, one_line) == Completion("{}", 100, 10)


@given(st.integers(100, 999), bodies(), st.dictionaries(st.just("retry-after"), TEXT))
def test_any_refusal_is_a_clause(status: int, body: bytes, headers: dict[str, str]) -> None:
    met = of(RefusedError(status, headers, body), "judge.example", one_line)
    for fault in (met.fault, *([met.late] if met.late else [])):
        assert fault.reason.isprintable()
        assert 0 < len(fault.reason) < 200
        assert fault.detail.isprintable()
    assert 0 <= met.tries <= 2
    assert met.pause >= 0


@pytest.mark.parametrize(
    ("given_header", "seconds"),
    [("0", 0), ("7", 7), (" 1.5 ", 1.5), ("9" * 50, 10_000_000)]
    + [(text, None) for text in ("", "-1", "soon", "1e3", "nan", "٣", "Mon, 99 Foo", "1" * 99)]
    + [("Fri, 31 Dec 1999 23:59:59 GMT", 0), ("Fri, 31 Dec 9999 23:59:59 GMT", 10_000_000)],
)
def test_how_long_to_wait(given_header: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": given_header}) == seconds


def test_a_moment_to_wait_for() -> None:
    given_header = scripted.http_date(100)
    before = time.time()
    waited = retry_after({"retry-after": given_header})
    assert waited is not None
    assert 0 < waited <= 100 + (time.time() - before)


@pytest.mark.parametrize(
    "message",
    [
        "Trying to keep the first 9000 tokens when context the overflows. However, the model is "
        "loaded with context length of only 4096 tokens",
        "This model's maximum context length is 16384 tokens. However, you requested 122946 tokens",
        "max_tokens must be at least 1, got -186.",
        "prompt too long; exceeded max context length by 12 tokens",
        "input is too large to process. increase the physical batch size",
        "Context size has been exceeded.",
    ],
)
def test_words_for_too_small_a_context(message: str) -> None:
    for shape in ({"error": {"message": message}}, {"message": message}, {"error": message}):
        assert overflows(complaint(json.dumps(shape).encode()))


@pytest.mark.parametrize(
    "message", ["max_tokens is too large", "invalid model", "the prompt is empty", "context"]
)
def test_other_words_are_not(message: str) -> None:
    assert not overflows(complaint(json.dumps({"error": {"message": message}}).encode()))


def request() -> Request:
    return Request([], "answer", {}, 5, lambda _text: None)


def test_what_comes_late_teaches_nothing_back() -> None:
    dialect = Dialect(official=False, structured="json_schema")
    said = complaint(b'{"error": "response_format"}')
    first = dialect.parameters(request())
    assert dialect.learn(first, said)
    assert dialect.learn(dialect.parameters(request()), said)
    assert dialect.structured == "text"
    assert dialect.learn(first, said)  # to another request of the first kind: ask once more
    assert dialect.structured == "text"
    assert not dialect.learn(dialect.parameters(request()), said)


def test_of_two_parameters_the_one_named_first_is_meant() -> None:
    dialect = Dialect(official=True, structured="text")
    said = complaint(b'{"error": {"param": "temperature", "message": "max_completion_tokens"}}')
    assert dialect.learn(dialect.parameters(request()), said)
    assert dialect.parameters(request()) == {"max_completion_tokens": 5}


@given(TEXT, st.integers(1, 300))
def test_any_text_is_one_safe_line(text: str, most: int) -> None:
    shown = one_line(text, most)
    assert shown.isprintable()
    assert len(shown) <= most


@given(TEXT)
def test_tokens_are_never_fewer_than_a_byte_share(text: str) -> None:
    size = len(text.encode("utf-8", "replace"))
    assert size / 4 <= tokens(text) < size / 4 + 1
    assert tokens(text, 3) >= tokens(text)
