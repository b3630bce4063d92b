"""``bugguard index lessons``: what a judge writes down of past fixes, and what is kept of it."""

from __future__ import annotations

import json

import pytest
from judging import by_form, judgement, named, sections, variables
from program import CLEAN, USAGE, bugguard
from server import Received, Server, error, say
from shop import FIXES, GUARD, Shop

pytestmark = pytest.mark.functional

NO_JUDGE = 3


def lesson(request: Received, text: str = "A limit was missing; look for `min` and #9999.") -> str:
    edit = sections(request)["edit"]
    added = next(line for line in edit.splitlines() if line.startswith("+"))
    return json.dumps(
        {
            "evidence": [{"where": "edit", "quote": added[1:].strip()}],
            "lesson": text,
            "trigger": ["malloc"],
            "guard": ["reader_remaining"],
        }
    )


def test_lessons_are_made_once_kept_shown_and_forgotten(shop: Shop) -> None:
    with Server(say(lesson)) as server:
        told = variables(server)
        made = bugguard(shop, "index", "lessons", **told)
        again = bugguard(shop, "index", "lessons", **told)
        assert len(server.received) == len(FIXES)
        assert bugguard(shop, "index", "build", **told).code == CLEAN
        assert "0 lessons of 0 past fixes kept" in bugguard(shop, "index", "lessons", **told).out
        assert len(server.received) == len(FIXES), "a rebuild keeps what was paid for"
    assert (made.code, made.err) == (CLEAN, "")
    assert made.out == "4 lessons of 4 past fixes kept\n0 past fixes have no lesson yet\n"
    assert again.code == CLEAN
    shown = bugguard(shop, "show", "#34").out
    assert "scripted-1" in shown
    assert "A limit was missing" in shown
    assert "9999" not in shown, "no ticket of the judge's own making"
    assert bugguard(shop, "index", "info", "--json").json["lessons"] == 4
    assert bugguard(shop, "index", "lessons", "--forget").out == "4 lessons removed\n"
    assert "A limit was missing" not in bugguard(shop, "show", "#34").out


def test_only_so_many_or_only_one(shop: Shop) -> None:
    with Server(say(lesson)) as server:
        told = variables(server)
        few = bugguard(shop, "index", "lessons", "--limit", "1", **told)
        assert "1 lesson of 1 past fix kept\n3 past fixes have no lesson yet" in few.out
        bugguard(shop, "index", "lessons", "--fix", "#34", **told)
        newest, chosen = (sections(request)["fix"] for request in server.received)
    assert newest == FIXES[-1].message
    assert chosen == GUARD.message
    assert bugguard(shop, "index", "lessons", "--fix", "#999", **told).code == USAGE


def test_a_lesson_without_evidence_is_none(shop: Shop) -> None:
    empty = {"lesson": "Beware.", "trigger": [], "guard": []}
    quote = [{"where": "edit", "quote": "stands nowhere at all"}]
    with Server(say(json.dumps(empty | {"evidence": quote}))) as server:
        result = bugguard(shop, "index", "lessons", "--limit", "1", **variables(server))
        assert len(server.received) == 2, "one try to mend it"
    assert result.code == NO_JUDGE
    assert "the judge answered in the wrong form" in result.out


def test_what_may_not_be_seen_is_not_sent(shop: Shop) -> None:
    with Server(say(lesson)) as server:
        told = variables(server, BUGGUARD_JUDGE_DENY=r"\.c$")
        result = bugguard(shop, "index", "lessons", **told)
        assert len(server.received) == 3
        assert "malloc" not in "".join(request.text for request in server.received)
    assert (
        "3 lessons of 4 past fixes kept, 1 without: the judge may not see its files" in result.out
    )


def test_a_judge_that_is_down_loses_nothing(shop: Shop) -> None:
    with Server(say(lesson)) as server:
        bugguard(shop, "index", "lessons", "--limit", "2", **variables(server))
    with Server(error(500)) as server:
        result = bugguard(shop, "index", "lessons", **variables(server))
    assert result.code == NO_JUDGE
    assert "the judge failed (500)" in result.out
    assert bugguard(shop, "index", "info", "--json").json["lessons"] == 2
    assert bugguard(shop, "index", "lessons").code == USAGE, "no judge is set up"


def test_a_survey_reads_lessons(shop: Shop) -> None:
    code = "\n\ndef gift(order, voucher):\n    amount = order.total\n    cheap = amount * voucher\n"
    with Server(say(lambda request: lesson(request, "Take no more than there is."))) as server:
        bugguard(shop, "index", "lessons", **variables(server))
    shop.stage({"shop/gifts.py": code + "    return amount - cheap\n"})
    with Server(say(by_form(judgement("unsure"), named()))) as server:
        bugguard(shop, "check", "--judge", "thorough", **variables(server))
        [survey] = server.received
    assert "1. Take no more than there is." in sections(survey)["past fixes"]
