"""The page of an evaluation, of all three kinds."""

from __future__ import annotations

import pytest
from evaluations import compared, history, labelled
from parsed import all_text, local, parsed, with_class

from bugguard.domain.evaluation import Tried
from bugguard.report.html import evaluated

HOSTILE = "bad\\x1b[2J<script>\\xff"


def rows(text: str, name: str) -> list[list[str]]:
    """The cells of a table, without its heads."""
    [table] = [one for one in parsed(text).iter("table") if one.get("aria-labelledby") == name]
    [body] = table.iter("tbody")
    return [[" ".join(all_text(cell).split()) for cell in row] for row in body]


def facts(text: str) -> dict[str, str]:
    [found] = list(with_class(parsed(text), "facts"))
    return {all_text(one[0]): all_text(one[1]) for one in found}


@pytest.mark.parametrize("found", [history(), labelled(), compared()])
def test_it_is_well_formed_and_nothing_is_markup(found: object) -> None:
    text = evaluated.render(found)  # type: ignore[arg-type]
    assert "<script>" in text
    assert text.count("<script>") == 1
    tree = parsed(text)
    ids = [one.get("id") for one in tree.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    for link in tree.iter("a"):
        assert link.get("href", "")[1:] in ids
    for element in tree.iter():
        assert "style" not in element.keys()  # noqa: SIM118


def test_history_tells_what_was_right_what_was_missed_and_what_is_not_known() -> None:
    text = evaluated.render(history())
    assert rows(text, "cases") == [
        ["missed", "–", "–", "11111111", "ffffffff", "cccccccc it was repaired likewise"],
        ["told, rightly", "0.900", "BG001", f"cccccccc {HOSTILE}", "ffffffff fix 0",
         "11111111 the fix was made again"],
        ["told, not known", "0.900", "BG001", f"cccccccc {HOSTILE}", "eeeeeeee fix 1", "–"],
    ]  # fmt: skip
    assert rows(text, "thresholds") == [
        ["0.010", "50.0%", "–", "–", "–"], ["0.055", "0.1%", "50.0%", "25.0%", "0.0%"],
    ]  # fmt: skip
    assert rows(text, "planted") == [["as it is", "100", "75.0%", "2.0%"]]
    assert facts(text) == {
        "commits replayed": "1,200", "alerts in 100 commits": "0.2",
        "warnings right by what history shows": "1 of 2",
        "bugs that came back were told": "1 of 2", "threshold": "0.055", "encoder": "static",
    }  # fmt: skip


def test_labelled_cases_are_all_there_with_what_came_of_them() -> None:
    text = evaluated.render(labelled())
    assert [(row[0], row[1]) for row in rows(text, "cases")] == [
        ("told, rightly", "regression"), ("missed", "regression"), ("missed", "recurrence"),
        ("false alarm", "superseded"), ("rightly silent", "not_a_bug"),
        ("counts as neither", "doubtful"), ("false alarm", "ordinary"),
    ]  # fmt: skip
    assert rows(text, "cases")[0][2:] == ["0.900", "1", f"cccccccc {HOSTILE}", "ffffffff a fix"]
    assert rows(text, "thresholds") == [
        ["0.010", "100.0%", "0.0%", "50.0%", "50.0%"], ["0.500", "50.0%", "0.0%", "50.0%", "25.0%"],
        ["0.950", "0.0%", "0.0%", "0.0%", "0.0%"],
    ]  # fmt: skip
    assert facts(text) == {
        "regression told": "1 of 2", "recurrence told": "0 of 1", "look-alikes reported": "1 of 2",
        "ordinary commits alerted": "1 of 4", "threshold": "0.5", "encoder": "static",
    }  # fmt: skip


def test_the_threshold_in_effect_is_marked_in_the_table_and_on_the_curve() -> None:
    tree = parsed(evaluated.render(labelled()))
    [current] = [one for one in tree.iter("tr") if one.get("aria-current")]
    assert all_text(current[0]) == "0.500"
    circles = [one for one in tree.iter() if local(one.tag) == "circle"]
    assert len(circles) == 6
    assert sum(one.get("class") == "current" for one in circles) == 2
    [drawing] = [one for one in tree.iter() if one.get("role") == "img"]
    assert "In effect: threshold 0.5: 50% of regression caught, 25.0% of ordinary" in (
        drawing.get("aria-label", "")
    )


def test_without_ordinary_commits_look_alikes_are_what_alerts() -> None:
    found = labelled(ordinary=())
    text = evaluated.render(found)
    assert "look-alikes reported</text>" in text
    assert "50% of regression caught, 50.0% of look-alikes reported" in text
    assert rows(text, "thresholds")[0] == ["0.010", "100.0%", "0.0%", "50.0%", "–"]


def test_nothing_at_all_is_said_to_be_nothing() -> None:
    text = evaluated.render(labelled(cases=(), ordinary=()))
    assert "None." in text
    assert 'role="img"' not in text


def test_a_comparison_lists_where_the_two_differ() -> None:
    text = evaluated.render(compared())
    assert rows(text, "kinds") == [
        ["regression", "2", "1", "1", "told"], ["ordinary", "1", "0", "1", "silent"],
    ]  # fmt: skip
    assert [row[0] for row in rows(text, "cases")] == [
        "gained: only B tells", "lost: only A tells", "new alarm of B",
    ]  # fmt: skip
    assert rows(text, "offered") == [["1", "3", "4"]]
    assert "A is better (threshold=0.1)" in text


def test_a_case_is_told_from_its_score_on() -> None:
    case = Tried("f", "", "c", "", "x", True, 0.5, None)
    assert case.told(0.5)
    assert not case.told(0.51)
    assert not case._replace(score=None).told(0.0)
