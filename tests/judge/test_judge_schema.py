"""The forms of answers: what fits, and what the one who answered is told of what does not."""

from __future__ import annotations

import json

import pytest

from bugguard.judge.asking.dialect import Dialect
from bugguard.judge.asking.exchange import Request
from bugguard.judge.schema import MOST_TEXT, Answer, Distilled, Named, parse

RIGHT = {
    "explanation": "Why.",
    "evidence": [{"where": "change", "quote": "x"}],
    "fix": 1,
    "verdict": "repeats",
    "suggestion": None,
}


def test_a_right_answer_is_read_with_or_without_a_fence() -> None:
    text = json.dumps(RIGHT)
    assert parse(Answer, text).verdict == "repeats"
    assert parse(Answer, f"```json\n{text}\n```\n") == parse(Answer, f"  {text}\n")
    assert parse(Answer, f"<think>Is it {{}}?</think>\n{text}").verdict == "repeats"
    with pytest.raises(ValueError):
        parse(Answer, f"<think>Is it {text}")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"verdict": "maybe"}, "verdict: "),
        ({"verdict": None}, "verdict: "),
        ({"fix": "1"}, "fix: "),
        ({"fix": 1.5}, "fix: "),
        ({"fix": True}, "fix: "),
        ({"evidence": "x"}, "evidence: "),
        ({"evidence": [{"where": "change"}]}, "evidence.0.quote: "),
        ({"see https://evil.example/x": 1}, "there is a key that is not asked for$"),
        ({"explanation": 3}, "explanation: "),
    ],
)
def test_a_wrong_answer_is_told_where(changed: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match="^" + says) as caught:
        parse(Answer, json.dumps(RIGHT | changed))
    assert len(str(caught.value)) <= 200
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "yes", "[]", "{", "null", "```", "{" * 100_000, "NaN"])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    for form in (Answer, Named, Distilled):
        with pytest.raises(ValueError):
            parse(form, text)


def test_a_missing_key_is_told() -> None:
    with pytest.raises(ValueError, match="verdict: Field required"):
        parse(Answer, json.dumps({key: RIGHT[key] for key in RIGHT if key != "verdict"}))


def test_a_flood_is_not_parsed() -> None:
    with pytest.raises(ValueError, match="far too long"):
        parse(Answer, " " * (MOST_TEXT + 1))


def test_strict_servers_take_the_schemas() -> None:
    """Every object names all its keys as required and allows no others; no bounds anywhere."""
    refused = {"maxLength", "minLength", "pattern", "maxItems", "minItems", "minimum", "maximum",
               "format", "default"}  # fmt: skip
    for form in (Answer, Named, Distilled):
        todo = [form.model_json_schema()]
        while todo:
            one = todo.pop()
            assert refused.isdisjoint(one)
            if one.get("type") == "object":
                assert one["additionalProperties"] is False
                assert set(one["required"]) == set(one["properties"])
            for inner in one.values():
                if isinstance(inner, dict):
                    todo.append(inner)
                    todo += [deep for deep in inner.values() if isinstance(deep, dict)]
    assert list(Answer.model_json_schema()["properties"])[:4] == [
        "explanation", "evidence", "fix", "verdict",
    ]  # fmt: skip


def test_servers_that_take_bounds_get_them_and_others_do_not() -> None:
    bounds = {"explanation": 600, "evidence": 4, "quote": 160, "suggestion": 800}
    request = Request([], "judgement", Answer.model_json_schema(), 5, lambda text: None, bounds)

    def sent(official: bool) -> dict[str, object]:
        dialect = Dialect(official=official, structured="json_schema")
        schema = dialect.parameters(request)["response_format"]["json_schema"]["schema"]
        assert isinstance(schema, dict)
        return schema

    assert sent(official=True) == Answer.model_json_schema()
    told = json.dumps(sent(official=False))
    for bound in ('"maxLength": 600', '"maxItems": 4', '"maxLength": 160', '"maxLength": 800'):
        assert told.count(bound) == 1
    assert told.count("maxLength") == 3, "where has no bound"
