"""``bugguard judge test``: whether the judge that is set up answers as it should."""

from __future__ import annotations

import pytest
from judging import judgement, sections, variables
from program import CLEAN, USAGE, bugguard
from server import Received, Server, closed_port, error, knows_no, say
from shop import Shop

pytestmark = pytest.mark.functional

NO_JUDGE = 3


def right(request: Received) -> str:
    gone = "-    if not sales:" in sections(request)["change"]
    quotes = [("after", "return total / len(sales)" if gone else "if not sales:")]
    return judgement("repeats" if gone else "unrelated", "So.", quotes)


def test_it_says_what_works_and_sends_no_code_of_yours(shop: Shop) -> None:
    with Server(say(right)) as server:
        result = bugguard(shop, "judge", "test", **variables(server, BUGGUARD_JUDGE="off"))
    assert (result.code, result.err) == (CLEAN, "")
    assert f"judge       scripted-1 at {server.host}" in result.out
    assert "answers     2 questions in " in result.out
    assert "structured  json_schema works" in result.out
    assert result.out.count("a trial     right: ") == 2
    assert "took        200 tokens in, 20 out" in result.out
    assert "voucher" not in "".join(request.text for request in server.received)


def test_a_wrong_verdict_is_said(shop: Shop) -> None:
    with Server(say(judgement("repeats", quotes=[("after", "total / len(sales)")]))) as server:
        result = bugguard(shop, "judge", "test", **variables(server))
    assert result.code == CLEAN
    assert "a trial     says " in result.out


def test_a_server_without_structured_output_is_told_how_to_be_asked(shop: Shop) -> None:
    behaviour = knows_no("response_format=json_schema", then=say(right))
    with Server(behaviour) as server:
        result = bugguard(shop, "judge", "test", **variables(server))
    assert result.code == CLEAN
    assert "structured  json_object works" in result.out
    assert 'structured = "json_object"' in result.out


def test_a_server_that_ignores_the_form_fails_in_words(shop: Shop) -> None:
    with Server(say("I think it is fine.")) as server:
        result = bugguard(shop, "judge", "test", **variables(server))
    assert result.code == NO_JUDGE
    assert result.out.count("the judge answered in the wrong form") == 3


@pytest.mark.parametrize(
    ("behaviour", "says"),
    [(error(401), "refused the key (401)"), (error(404), "knows no such model")],
)
def test_what_does_not_work_is_said_once(shop: Shop, behaviour: object, says: str) -> None:
    with Server(behaviour) as server:  # type: ignore[arg-type]
        result = bugguard(shop, "judge", "test", **variables(server))
    assert result.code == NO_JUDGE
    assert result.out.count(says) == 1


def test_nobody_there(shop: Shop) -> None:
    with closed_port() as url:
        result = bugguard(shop, "judge", "test", **variables(url))
    assert result.code == NO_JUDGE
    assert "could not be reached at 127.0.0.1" in result.out


def test_a_judge_that_is_not_set_up(shop: Shop) -> None:
    result = bugguard(shop, "judge", "test")
    assert result.code == USAGE
    assert "the judge has no model: set BUGGUARD_JUDGE_MODEL" in result.complaint
