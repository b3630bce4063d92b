"""What is believed of a judge's answer: verdicts, quotes, prose and repairs, and nothing else."""

from __future__ import annotations

import copy
import time
from typing import Literal

import looking
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from injections import INJECTIONS, Injection
from past import FIX, MIXED, SHA, strangers

from bugguard.domain import BugPattern, Hunk, Judgement, Match, Rule, Section
from bugguard.judge.schema import Answer, Quote
from bugguard.judge.verifying.verify import CHANGE, NO_EXPLANATION, Verified, verify

PATH = "src/app.py"
CONTENT = """import os

# see #77 and https://docs.example/old
def first(items):
    return items[0]


def last(items):
    return items[len(items)]
"""
CHANGED = """ def last(items):
-    if not items:
-        return None
+    # keep it short
+    return items[len(items)]
"""
SHOWN = (
    Section("change", CHANGED),
    Section("after", CONTENT),
    Section("rest", "+++ README.md\n+One more line of prose\n"),
    Section("buggy", "def last(rows):\n\treturn rows[len(rows)]\n"),
    Section("fixed", "def last(rows):\n\treturn rows[-1]\n"),
    Section(
        "ticket",
        "Index out of range — “last” fails\n- it is -1 that we want\n空の一覧で例外になる",
    ),
)
MATCH = Match(
    Rule.BUG_REPEATED,
    Hunk(PATH, PATH, 8, 8, "", tuple(CHANGED.split("\n")[:-1])),
    BugPattern(SHA, 0, Hunk("old.py", "old.py", 1, 1, "", ("-a", "+b"))),
    FIX,
    0.5,
    8,
    9,
    ("+    return items[len(items)]",),
)
REPAIR = "@@ @@\n-    return items[len(items)]\n+    return items[-1]\n"
OURS = ("return items[len(items)]", "change")
THEIRS = ("return rows[len(rows)]", "buggy")


def answer(
    *quotes: tuple[str, str],
    verdict: Literal["repeats", "unrelated", "unsure"] = "repeats",
    explanation: str = "It indexes past the end.",
    fix: int = 1,
    suggestion: str | None = None,
) -> Answer:
    return Answer(
        explanation=explanation,
        evidence=[Quote(quote=quote, where=where) for quote, where in quotes],
        fix=fix,
        verdict=verdict,
        suggestion=suggestion,
    )


def verified(given_answer: Answer, shown: tuple[Section, ...] = SHOWN) -> Verified:
    return verify(given_answer, shown, MATCH, CONTENT, "some-model")


def quoted(quote: str, where: str = "change") -> tuple[tuple[str, str], ...]:
    return verified(answer((quote, where))).judgement.evidence


def test_an_answer_that_holds() -> None:
    given_answer = answer(OURS, THEIRS, suggestion=REPAIR, explanation="As in #4485: no guard.")
    judgement, removed, dropped = verify(given_answer, SHOWN, MATCH, CONTENT, "m-1", cached=True)
    assert judgement.verdict == "repeats"
    assert judgement.explanation == "As in #4485: no guard."
    assert judgement.evidence == (OURS, THEIRS)
    assert judgement.suggestion is not None
    assert judgement.suggestion.startswith("--- a/src/app.py\n+++ b/src/app.py\n@@ -6,4 +6,4 @@\n")
    assert (judgement.model, judgement.cached, removed, dropped) == ("m-1", True, 0, 0)


@pytest.mark.parametrize("number", [0, 2, -1, 4485])
def test_it_can_speak_of_no_other_fix(number: int) -> None:
    with pytest.raises(ValueError, match=r"^it speaks of a past fix that was not shown$"):
        verified(answer(OURS, fix=number))


@pytest.mark.parametrize(
    ("said", "quotes", "verdict"),
    [
        ("repeats", [OURS], "repeats"),
        ("repeats", [OURS, THEIRS], "repeats"),
        ("repeats", [("One more line", "rest")], "repeats"),
        ("repeats", [("def first(items):", "after")], "repeats"),
        ("repeats", [], "unsure"),
        ("repeats", [THEIRS], "unsure"),
        ("repeats", [("Index out of range", "ticket")], "unsure"),
        ("repeats", [("it never stood anywhere", "change")], "unsure"),
        ("repeats", [("return rows[len(rows)]", "change")], "unsure"),
        ("unrelated", [THEIRS], "unrelated"),
        ("unrelated", [OURS], "unrelated"),
        ("unrelated", [], "unsure"),
        ("unrelated", [("it never stood anywhere", "change")], "unsure"),
        ("unsure", [OURS, THEIRS], "unsure"),
        ("unsure", [], "unsure"),
    ],
)
def test_a_verdict_needs_evidence(
    said: Literal["repeats", "unrelated", "unsure"], quotes: list[tuple[str, str]], verdict: str
) -> None:
    assert verified(answer(*quotes, verdict=said)).judgement.verdict == verdict


@pytest.mark.parametrize(
    ("quote", "where", "stands"),
    [
        ("return items[len(items)]", "change", OURS),
        ("return items[len(items)]", " CHANGE", OURS),
        ("return items[len(items)]", "after", ("return items[len(items)]", "after")),
        ("return items[len(items)]", "nowhere", OURS),
        ("return rows[-1]", "change", ("return rows[-1]", "fixed")),
        ("+    return items[len(items)]", "change", ("+    return items[len(items)]", "change")),
        ("+return items[len(items)]", "change", OURS),
        ("-    if not items:", "change", ("-    if not items:", "change")),
        ("  return\n rows[-1]  ", "fixed", ("return rows[-1]", "fixed")),
        (
            "def last(rows): return rows[-1]",
            "fixed",
            ("def last(rows):\n    return rows[-1]", "fixed"),
        ),
        (
            "if not items:\n    return None",
            "change",
            ("-    if not items:\n-        return None", "change"),
        ),
        (
            "-    if not items:\n-        return None",
            "change",
            ("-    if not items:\n-        return None", "change"),
        ),
        (
            "def last(items):\n    # keep it short",
            "change",
            (" def last(items):\n+    # keep it short", "change"),
        ),
        (
            "def last(items):\n    if not items:",
            "change",
            (" def last(items):\n-    if not items:", "change"),
        ),
        ("`return rows[-1]`", "fixed", ("return rows[-1]", "fixed")),
        ('"return rows[-1]"', "fixed", ("return rows[-1]", "fixed")),
        ("return rows[-1]...", "fixed", ("return rows[-1]", "fixed")),
        ("... return rows[-1]", "fixed", ("return rows[-1]", "fixed")),
        ("return items[len(ite…", "change", ("return items[len(ite", "change")),
        ("…urn items[len(items)]", "change", ("urn items[len(items)]", "change")),
        ("def last(rows):\\n\\treturn", "fixed", ("def last(rows):\n    return", "fixed")),
        (
            'Index out of range - "last" fails',
            "ticket",
            ("Index out of range — “last” fails", "ticket"),
        ),
        ("it is -1 that we want", "ticket", ("it is -1 that we want", "ticket")),
        ("- it is -1 that we want", "ticket", ("- it is -1 that we want", "ticket")),
        ("空の一覧で例外", "ticket", ("空の一覧で例外", "ticket")),
        ("return", "fixed", ("return", "fixed")),
        ("# keep it short", "change", ("# keep it short", "change")),
    ],
)
def test_quotes_that_stand(quote: str, where: str, stands: tuple[str, str]) -> None:
    assert quoted(quote, where) == (stands,)
    assert verified(answer((quote, where))).dropped == 0


@pytest.mark.parametrize(
    "quote",
    [
        "return items[len(items) - 1]",
        "Return items[len(items)]",
        "return items[len(items)] # keep it short",
        "eturn items[len(items)]",
        "return items ... short",
        "def last(items):\n    return items[len(items)]\n    # keep it short",
        "def last(items):\n    return None\n    return items[len(items)]",
        "short",
        "retur",
        ") + (;",
        "}",
        "",
        "...",
        "+     -",
        "items " * 100,
        "x" * 501,
        "return" + " " * 500 + "items[len(items)]",
    ],
)
def test_quotes_that_do_not_stand_or_say_nothing(quote: str) -> None:
    assert verified(answer((quote, "change"), OURS)) == verified(answer(OURS))._replace(dropped=1)


def test_a_quote_that_leaves_out_the_other_side_of_a_diff() -> None:
    shown = (Section("change", " a = start()\n-b = middle()\n+c = better()\n d = end()"),)
    for side in ("b = middle()", "c = better()"):
        text = f"a = start()\n{side}\nd = end()"
        ((quote, _),) = verified(answer((text, "change")), shown).judgement.evidence
        assert [line[1:] for line in quote.split("\n")] == text.split("\n")
    # A list in prose is no diff: nothing of it is passed over.
    prose = (Section("ticket", " we open it\n- we close it\n we leave"),)
    assert not verified(answer(("we open it\nwe leave", "ticket")), prose).judgement.evidence


def test_quotes_are_counted_and_kept_once() -> None:
    lines = [f"value_{number} = {number}" for number in range(12)]
    shown = (Section("change", "\n".join(lines)),)
    quotes = [(line, "change") for line in lines]
    kept = verified(answer(quotes[0], *quotes, ("no such thing", "change")), shown)
    assert kept.judgement.evidence == tuple(quotes[:6])
    assert kept.dropped == 1
    many = verified(answer(*[("no such thing", "change")] * 1000, *quotes), shown)
    assert many.judgement.evidence == ()
    assert many.dropped == 1012  # it is not asked on and on


def test_a_quote_is_what_was_shown_less_what_steers() -> None:
    shown = (Section("change", "+x = \x1b[2J'\u202egnp'\u200b\t# \x9b caf\udce9 one\r\n+y = 22"),)
    ((quote, _),) = verified(answer(("x = '", "change"), ("caf\udce9 one y = 22", "")), shown)[
        0
    ].evidence or (("", ""),)
    assert quote == "caf one\n+y = 22"


@pytest.mark.parametrize(
    ("text", "kept", "removed"),
    [
        ("total = add(a, b)  # see #9999", "total = add(a, b)  # see", 1),
        ("# #9999: total = add(a, b)", ": total = add(a, b)", 1),
        (
            "fetch('https://evil.example/x', retries, and_more_of_them)",
            "', retries, and_more_of_them)",
            1,
        ),
        ("total = add(a, b)  # see #4485", "total = add(a, b)  # see #4485", 0),
        ("items[index](event) < List<String>", "items[index](event) < List<String>", 0),
    ],
)
def test_a_quote_brings_no_reference_that_the_record_has_not(
    text: str, kept: str, removed: int
) -> None:
    found = verified(answer((text, "change")), (Section("change", text),))
    assert found.judgement.evidence == ((kept, "change"),)
    assert (found.removed, found.dropped) == (removed, 0)


@pytest.mark.parametrize(
    "text", ["issue 9999", "x = deadbee1", "fetch('https://evil.example/x', retries)"]
)
def test_a_quote_that_is_mostly_a_reference_is_dropped(text: str) -> None:
    found = verified(answer((text, "change")), (Section("change", text),))
    assert found.judgement.evidence == ()
    assert found.judgement.verdict == "unsure"
    assert (found.removed, found.dropped) == (1, 1)


@pytest.mark.parametrize(
    "explanation", ["", " \n ", "#9999", "…", "**", "[x](http://evil.example)"]
)
def test_an_explanation_that_says_nothing(explanation: str) -> None:
    assert verified(answer(OURS, explanation=explanation)).judgement.explanation == NO_EXPLANATION


def test_what_is_taken_out_of_the_explanation_is_counted() -> None:
    found = verified(answer(OURS, explanation="As in #9999, see www.evil.example or #4485."))
    assert found.judgement.explanation == "As in […], see […] or #4485."
    assert found.removed == 2


@pytest.mark.parametrize(
    ("added", "removed"),
    [
        ("    return items[-1]", 0),
        ("    return items[-1]  # as in #4485", 0),
        ("    return items[-1]  # as in #77", 0),
        ("    return fetch('https://docs.example/old')", 0),
        ("    return items[-1]  # as in #7", 1),
        ("    return items[-1]  # as in #9999 and issue 12", 2),
        ("    return fetch('https://docs.example/older')", 1),
        ("    return fetch('https://docs')", 1),
        ("    return fetch('https://evil.example/x')", 1),
        ("    return items[-1]  # issue\n+    # 9999", 1),
        ("    return items[-1]  // issue\n+    // 9999", 1),
        ("    return '&num;9999'", 1),
        ("    return items[-1]  # ＃９９９９", 1),
        ("    return '%239999'", 1),
        ("    return 'deadbee1'", 1),
    ],
)
def test_a_repair_brings_no_reference_that_neither_record_nor_file_has(
    added: str, removed: int
) -> None:
    repair = REPAIR.replace("    return items[-1]", added)
    found = verified(answer(OURS, suggestion=repair))
    assert found.removed == removed
    assert (found.judgement.suggestion is None) == bool(removed)


def test_a_repair_needs_the_file() -> None:
    given_answer = answer(OURS, suggestion=REPAIR)
    assert verify(given_answer, SHOWN, MATCH, None, "m").judgement.suggestion is None
    assert verify(given_answer, SHOWN, MATCH, "x = 1\n", "m").judgement.suggestion is None
    assert verified(answer(OURS, suggestion="")).judgement.suggestion is None


def test_hard_quotes_take_no_long() -> None:
    started = time.perf_counter()
    shown = tuple(Section(where, "aaaa aa\n" * 20_000) for where in ("change", "buggy", "ticket"))
    quotes = [("aaa aa aaa", "change"), ("aaaa aa " * 50 + "b", "change")] * 1000
    verified(answer(*quotes), shown)
    assert time.perf_counter() - started < 15


# Whatever a model says


def check(found: Verified, said: str) -> None:
    """All that has to hold of any judgement, whatever the answer was."""
    judgement = found.judgement
    assert isinstance(judgement, Judgement)
    assert judgement.verdict in ("repeats", "unrelated", "unsure")
    assert judgement.verdict in (said, "unsure")
    if judgement.verdict != "unsure":
        assert judgement.evidence
    if judgement.verdict == "repeats":
        assert any(where in CHANGE for _, where in judgement.evidence)
    assert not strangers(judgement.explanation)
    assert not looking.controls(judgement.explanation)
    assert any(character.isalnum() for character in judgement.explanation)
    assert len(judgement.explanation) <= 1200
    assert len(judgement.evidence) == len(set(judgement.evidence)) <= 6
    for quote, where in judgement.evidence:
        assert where in {section.where for section in SHOWN}
        assert len(quote) <= 500
        assert not looking.controls(quote)
        assert not strangers(quote) - looking.MARKUP  # in code it is none
    if judgement.suggestion is not None:
        added = [line[1:] for line in judgement.suggestion.split("\n")[2:] if line[:1] == "+"]
        new = strangers("\n".join(added)) - looking.tickets(CONTENT) - looking.links(CONTENT)
        assert not new - looking.MARKUP
        assert not [one for one in looking.controls("\n".join(added)) if one != "\t"]
    assert (judgement.model, judgement.cached) == ("some-model", False)
    assert found.removed >= 0
    assert found.dropped >= 0


@pytest.mark.parametrize("injection", INJECTIONS, ids=lambda injection: injection.name)
@pytest.mark.parametrize("verdict", ["repeats", "unrelated"])
def test_no_injection_gets_past(
    injection: Injection, verdict: Literal["repeats", "unrelated"]
) -> None:
    text = injection.text
    patched = "@@ @@\n-    return items[len(items)]\n" + "".join(
        f"+    {line}\n" for line in text.split("\n")
    )
    # As a model's words: everywhere at once, and beside a quote that holds.
    for suggestion in (text, patched):
        for quotes in ([(text, "change")], [(text, text), OURS], [(OURS[0], text)]):
            given_answer = answer(*quotes, verdict=verdict, explanation=text, suggestion=suggestion)
            found = verified(given_answer)
            check(found, verdict)
            assert found.judgement.verdict == ("unsure" if OURS[0] not in str(quotes) else verdict)
    # As what was shown, and quoted by a model that obeys it.
    for where in ("change", "ticket"):
        shown = (*SHOWN, Section(where, text))
        quotes = [(line, where) for line in text.split("\n")[:50]]
        check(verified(answer((text, where), *quotes, verdict=verdict), shown), verdict)


FRAGMENTS = st.one_of(
    MIXED,
    st.sampled_from([line for section in SHOWN for line in section.text.split("\n")]),
    st.sampled_from([injection.text[:300] for injection in INJECTIONS]),
    st.builds(
        lambda text, start, size: text[start : start + size],
        st.sampled_from([section.text for section in SHOWN]),
        st.integers(0, 60),
        st.integers(0, 60),
    ),
)
TEXTS = st.lists(FRAGMENTS, max_size=4).map("\n".join) | FRAGMENTS
ANSWERS = st.builds(
    Answer,
    explanation=TEXTS,
    evidence=st.lists(
        st.builds(
            Quote,
            where=st.sampled_from([section.where for section in SHOWN]) | FRAGMENTS,
            quote=TEXTS,
        ),
        max_size=9,
    ),
    fix=st.just(1),
    verdict=st.sampled_from(["repeats", "unrelated", "unsure"]),
    suggestion=st.none()
    | TEXTS
    | TEXTS.map(lambda text: REPAIR + "".join(f"+{line}\n" for line in text.split("\n"))),
)


@settings(max_examples=400, deadline=None)
@given(ANSWERS)
@example(answer(OURS, suggestion=REPAIR + "+# see #9999\n"))
def test_whatever_a_model_says(said: Answer) -> None:
    before = copy.deepcopy(MATCH)
    check(verified(said), said.verdict)
    assert before == MATCH


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_a_quote_stands_in_what_was_shown(text: str, quote: str) -> None:
    shown = (Section("change", text), Section("ticket", CONTENT))
    for kept, where in verified(answer((quote, "change")), shown).judgement.evidence:
        source = text if where == "change" else CONTENT
        bare = "".join(c for c in source if c not in looking.controls(source) and not c.isspace())
        lines = ["".join(line.split()) for line in kept.split("\n")]
        assert all(line in bare for line in lines)
