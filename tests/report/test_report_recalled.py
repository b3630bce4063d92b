"""What is told of past fixes that were asked for."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
from hypothesis import given
from hypothesis import strategies as st
from strangers import NASTY

from bugguard.agents.schemas import SEARCH_OUT, SHOW_OUT
from bugguard.domain import BugPattern, FixCommit, Hunk, LearnedFix, Ticket
from bugguard.domain.lesson import Lesson
from bugguard.domain.recalled import Recalled
from bugguard.domain.tickets import TicketKey, TicketRecord
from bugguard.report.bounded import MOST_CHARACTERS, MOST_TEXT
from bugguard.report.recalled import Whole, listed, whole

SHA = "ab" * 20
TICKET = Ticket("#12", "Vouchers cost too much", "https://x.example/12", "github: subject")
LESSON = Lesson("Bound the rebate.", "model-1", "0" * 32)


def fix(
    *bodies: tuple[str, ...], message: str = "fix: bound it (#12)\n\nElse it pays.\n",
    tickets: tuple[Ticket, ...] = (TICKET,), path: str = "shop/prices.py",
    dropped: str | None = None,
) -> LearnedFix:  # fmt: skip
    patterns = tuple(
        BugPattern(SHA, n, Hunk(path, path, 7, 8, "def f():", body), dropped)
        for n, body in enumerate(bodies)
    )
    subject = message.partition("\n")[0]
    return LearnedFix(FixCommit(SHA, 1609459200, subject, message, tickets), patterns)


BODY = (" before", "-wrong()", "+right()", " after")


def test_a_list_as_people_see_it() -> None:
    one = fix(BODY)
    told = listed("voucher", [Recalled(one, one.patterns[0], ("voucher", "cost"), LESSON)], 40)
    assert told.text == (
        "abababab  2021-01-01  fix: bound it (#12)\n"
        "  #12  https://x.example/12\n"
        "  ticket #12: Vouchers cost too much\n"
        "  shop/prices.py:8\n"
        "     before\n"
        "    -wrong()\n"
        "    +right()\n"
        "     after\n"
        "  lesson, by a model: Bound the rebate.\n"
        "  in common: voucher, cost\n"
        "\n"
        "1 of 40 past fixes, the best first\n"
    )


def test_a_list_as_programs_have_it() -> None:
    one = fix(BODY)
    told = listed("voucher", [Recalled(one, one.patterns[0], ("voucher",), LESSON, True)], 40)
    jsonschema.validate(told.document, SEARCH_OUT)
    ticket = {"id": "#12", "title": TICKET.title, "url": TICKET.url, "source": TICKET.source}
    assert told.document == {
        "query": "voucher",
        "fixes": 40,
        "results": [
            {
                "fix": {
                    "sha": SHA, "date": "2021-01-01T00:00:00Z", "subject": "fix: bound it (#12)",
                    "repository": "", "tickets": [ticket],
                },
                "named": True,
                "words": ["voucher"],
                "path": "shop/prices.py",
                "line": 8,
                "hunk": list(BODY),
                "lesson": {"text": "Bound the rebate.", "model": "model-1"},
            }
        ],
        "left_out": {},
    }  # fmt: skip


def test_of_several_repositories_each_fix_says_whose_it_is() -> None:
    other = replace(fix(BODY), commit=replace(fix(BODY).commit, repository="x.example/o/r\x1b"))
    found = [Recalled(other, None, ()), Recalled(fix(BODY), None, ())]
    told = listed("x", found, 40, several=True)
    lines = told.text.split("\n")
    assert lines[1] == "  in x.example/o/r\\x1b"
    assert "  in a repository without a name" in lines
    assert [one["fix"]["repository"] for one in told.document["results"]] == [
        "x.example/o/r\\x1b", "",
    ]  # fmt: skip
    assert "  in " not in listed("x", found, 40).text


def test_nothing_found_is_said() -> None:
    told = listed("x", [], 40)
    assert told.text == "none of 40 past fixes\n"
    assert told.document["results"] == []


def test_of_a_long_hunk_the_change_is_shown() -> None:
    body = (*(f" before {n}" for n in range(50)), "-wrong()", "+right()", *(" after",) * 50)
    one = fix(body)
    told = listed("x", [Recalled(one, one.patterns[0], ())], 1)
    assert told.document["results"][0]["hunk"] == [
        " before 49", "-wrong()", "+right()", " after",
    ]  # fmt: skip
    wide = fix(tuple(f"-line {n}" for n in range(90)))
    told = listed("x", [Recalled(wide, wide.patterns[0], ())], 1)
    assert told.document["results"][0]["hunk"] == [f"-line {n}" for n in range(12)]


def test_a_fix_whole() -> None:
    one = fix(BODY, (" if a:", "+    b()"))
    key = TicketKey("x.example/shop", "#12")
    record = TicketRecord(key, "github", TICKET.title, labels=("bug",), state="closed")
    told = whole([Whole(one, LESSON, {"#12": (record, "Paid 5 € for nothing.")})])
    jsonschema.validate(told.document, SHOW_OUT)
    [shown] = told.document["fixes"]
    assert shown["message"] == one.commit.message
    assert shown["tickets"] == [
        {"id": "#12", "title": TICKET.title, "url": TICKET.url, "source": TICKET.source,
         "labels": ["bug"], "state": "closed", "text": "Paid 5 € for nothing."}
    ]  # fmt: skip
    assert shown["patterns"][0] == {
        "path": "shop/prices.py", "line": 8, "heading": "def f():", "set_aside": None,
        "buggy": ["before", "wrong()", "after"], "fixed": ["before", "right()", "after"],
    }  # fmt: skip
    assert shown["patterns"][1]["fixed"] == ["if a:", "    b()"]
    assert shown["lesson"] == {"text": "Bound the rebate.", "model": "model-1"}
    for line in ("ticket: #12  Vouchers cost too much", "-wrong()", "    Else it pays.",
                 "lesson (by model-1, not part of the record): Bound the rebate."):  # fmt: skip
        assert line in told.text


def test_what_is_set_aside_says_why() -> None:
    told = whole([Whole(fix(BODY, dropped="sweep"), None, {})])
    assert told.document["fixes"][0]["patterns"][0]["set_aside"] == "sweep"


def test_a_huge_fix_ends() -> None:
    bodies = [tuple(f"-{n} " + "x" * 500 for n in range(100)) for _ in range(60)]
    one = fix(*bodies, message="m" * 1_000_000)
    told = whole([Whole(one, None, {})] * 5, more=7)
    assert len(json.dumps(told.document)) < 3 * MOST_CHARACTERS
    left = told.document["left_out"]
    assert left["fixes"] == 7
    assert left["patterns"] > 0
    assert len(told.document["fixes"][0]["message"]) == MOST_TEXT
    assert told.document["fixes"][0]["patterns"]
    assert len(told.text) <= MOST_CHARACTERS


def test_a_list_of_huge_fixes_ends() -> None:
    one = fix(tuple("-" + "日" * 400 for _ in range(100)), message="m" * 1_000_000)
    told = listed("q" * 100_000, [Recalled(one, one.patterns[0], ("w" * 60,) * 200)] * 40, 99)
    kept = len(told.document["results"])
    assert 1 <= kept < 40
    assert told.document["left_out"]["results"] == 40 - kept
    assert len(json.dumps(told.document, ensure_ascii=False)) < 1.5 * MOST_CHARACTERS
    assert f"{kept} of 99 past fixes" in told.text


@given(st.sampled_from(NASTY), st.sampled_from(NASTY), st.sampled_from(NASTY))
def test_nothing_of_a_stranger_s_is_hidden_or_breaks_a_line(a: str, b: str, c: str) -> None:
    line = c.replace("\n", "")
    one = fix(
        ("-" + line, "+x"), message=a + "\n" + b, tickets=(Ticket(a, b, c, "github"),), path=b
    )
    asked = listed(a, [Recalled(one, one.patterns[0], (c,))], 1)
    shown = whole([Whole(one, None, {})])
    jsonschema.validate(asked.document, SEARCH_OUT)
    jsonschema.validate(shown.document, SHOW_OUT)
    for text in (asked.text, shown.text):
        assert not set(text) & set("\x1b\x00\x9b\r\u202e\u2028\udcff\ud800")
    for document in (asked.document, shown.document):
        json.dumps(document, ensure_ascii=False).encode("utf-8")
