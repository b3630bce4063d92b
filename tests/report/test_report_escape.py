"""Nothing of a stranger's text may steer a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_report import finding

from bugguard.domain import Ticket
from bugguard.report import text
from bugguard.report.escape import clip, encodable, terminal, wrap
from bugguard.report.model import IndexFacts, Report, Stats

ANY = st.text(st.characters(exclude_categories=[]))
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c"


def dangerous(shown: str) -> list[str]:
    return [
        character
        for character in shown
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in BIDI
    ]


@given(ANY)
def test_terminal_lets_nothing_dangerous_through(stranger: str) -> None:
    shown = terminal(stranger)
    assert not dangerous(shown)
    shown.encode("utf-8", "strict")
    assert terminal(shown) == shown


@given(st.binary())
def test_every_byte_string_can_be_shown(data: bytes) -> None:
    assert not dangerous(terminal(data.decode("utf-8", "surrogateescape")))


@pytest.mark.parametrize(
    ("stranger", "shown"),
    [
        ("plain words, 日本語 🐛 é", "plain words, 日本語 🐛 é"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\r\nb\x00", "a\\r\\nb\\x00"),
        ("\x9b2J", "\\x9b2J"),
        ("\u202egnp", "\\u202egnp"),
        ("a\u2028b", "a\\u2028b"),
        (b"caf\xe9".decode("utf-8", "surrogateescape"), "caf\\xe9"),
        ("\ud800", "\\ud800"),
        ("\tx", "    x"),
    ],
)
def test_terminal_shows_escapes(stranger: str, shown: str) -> None:
    assert terminal(stranger) == shown


@given(ANY)
def test_encodable_can_always_be_encoded(stranger: str) -> None:
    encodable(stranger).encode("utf-8", "strict")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])), st.integers(1, 30))
def test_clip_keeps_a_beginning_and_says_so(words: str, columns: int) -> None:
    cut = clip(words, columns)
    assert cut == words or (cut.endswith("…") and words.startswith(cut[:-1]))
    wide = sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 for c in cut)
    assert wide <= columns


def test_clip_counts_wide_characters_twice() -> None:
    assert clip("日本語", 6) == "日本語"
    assert clip("日本語", 5) == "日本…"
    assert clip("日本語", 4) == "日…"
    assert clip("e\u0301e\u0301", 2) == "e\u0301e\u0301"


@given(ANY, ANY, ANY, ANY, ANY)
def test_a_text_report_has_no_dangerous_character(
    path: str, subject: str, ticket: str, code: str, reason: str
) -> None:
    hostile = finding(
        1,
        path=path,
        subject=subject,
        tickets=(Ticket(ticket, ticket, ticket, "message"),),
        past=(f"-{code}", f"+{code}"),
        yours=(f"+{code}",),
    )
    report = Report("0", IndexFacts(1, 1, "static", ""), (hostile,), Stats(1, 0.0), notes=(reason,))
    shown = text.render(report)
    assert set(dangerous(shown)) <= {"\n"}
    assert shown.count("\n") <= 13  # a long title takes three lines


@given(text=st.text(st.sampled_from("ab 端é、\u0301"), max_size=60), columns=st.integers(2, 20))
def test_wrapped_lines_fit_and_lose_nothing(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert lines
    for line in lines:
        assert sum(map(_width, line)) <= columns
        assert not line.endswith(" ")
    assert "".join("".join(lines).split(" ")) == "".join(text.split(" "))


def test_words_are_kept_whole_where_they_fit() -> None:
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("one twothreefour", 7) == ["one", "twothre", "efour"]
    assert wrap("端数がずれる", 5) == ["端数", "がず", "れる"]
    assert wrap("", 5) == [""]


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
