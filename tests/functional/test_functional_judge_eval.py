"""``bugguard eval --labels FILE --judge``: a judge scored on labelled cases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from judging import by_form, judgement, named, sections, variables
from program import USAGE, bugguard
from server import Received, Server, error, say
from shop import GUARD, REPLACED, Fix, Shop

pytestmark = pytest.mark.functional


@pytest.fixture
def labels(shop: Shop, tmp_path: Path) -> Path:
    """A fix undone, one that is made superfluous, one that nothing is like; and an odd label."""

    def fix_of(fix: Fix) -> str:
        return shop.text("log", "--format=%H", f"--grep={fix.message[:30]}", "-1").strip()

    shop.stage(shop.undone(REPLACED))
    undone = shop.commit(message="Tidy up")
    shop.stage(shop.undone(GUARD))
    better = shop.commit(message="Read headers with a better reader")
    cases = [
        {"fix": fix_of(REPLACED), "change": undone, "label": "regression"},
        {"fix": fix_of(GUARD), "change": better, "label": "superseded"},
        {"fix": fix_of(GUARD), "change": undone, "label": "unrelated"},
        {"fix": fix_of(GUARD), "change": undone, "label": "doubtful"},
    ]
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(case) + "\n" for case in cases))
    (tmp_path / "ordinary.txt").write_text(better + "\n")
    return path


def quoting(verdict: str) -> object:
    def answer(request: Received) -> str:
        changed = sections(request)["change"].splitlines()
        line = next(line for line in changed if line[:1] in "+-" and not line.startswith("---"))
        return judgement(verdict, "So.", [("change", line[1:].strip())])

    return answer


def test_verdicts_are_counted_by_label(shop: Shop, labels: Path) -> None:
    with Server(say(quoting("repeats"))) as server:  # type: ignore[arg-type]
        told = variables(server, BUGGUARD_JUDGE="off")
        result = bugguard(shop, "eval", "--labels", labels, "--judge", "--json", **told)
        text = bugguard(shop, "eval", "--labels", labels, "--judge", **told)
        assert len(server.received) == 2, "what is not matched is not asked, nor anything twice"
    found = result.json
    row = {"n": 1, "repeats": 1, "unrelated": 0, "unsure": 0, "failed": 0, "not_matched": 0}
    assert found["labels"] == {
        "regression": row,
        "superseded": row,
        "unrelated": row | {"repeats": 0, "not_matched": 1},
    }
    assert (found["precision"], found["recall"]) == (0.5, 1.0)
    assert (found["cases"], found["calls"], found["tokens_a_case"]) == (3, 2, 73)
    assert [one["label"] for one in found["heard"]] == ["regression", "superseded", "unrelated"]
    assert "precision of repeats: 0.50\nrecall of repeats: 1.00\n" in text.out
    assert "2 answers known already" in text.out
    assert "1 case was not asked about: the fix is not among what was matched" in text.out


def test_a_judge_that_fails_is_counted_as_such(shop: Shop, labels: Path) -> None:
    with Server(error(404)) as server:
        told = variables(server)
        found = bugguard(shop, "eval", "--labels", labels, "--judge", "--json", **told).json
    assert [row["failed"] for row in found["labels"].values()] == [1, 1, 0]
    assert (found["precision"], found["recall"]) == (None, 0.0)
    assert found["failures"] == {"knows no such model or address (404)": 2}


def test_a_thorough_judge_is_asked_of_ordinary_commits_too(shop: Shop, labels: Path) -> None:
    ordinary = labels.with_name("ordinary.txt")
    script = by_form(judgement("unsure"), named(1))
    with Server(say(script)) as server:
        told = variables(server)
        found = bugguard(shop, "eval", "--labels", labels, "--ordinary", ordinary, "--judge",
                         "--thorough", "--json", **told).json  # fmt: skip
        assert any("past fixes\n1. " in request.text for request in server.received)
    assert found["labels"]["ordinary"]["found"] == 0
    assert found["labels"]["regression"]["found"] == 0


def test_a_sample_takes_some_of_each_label(shop: Shop, labels: Path) -> None:
    labels.write_text(labels.read_text() * 3)
    with Server(say(quoting("unsure"))) as server:  # type: ignore[arg-type]
        told = variables(server)
        found = bugguard(shop, "eval", "--labels", labels, "--judge", "--sample", "2", "--json",
                         **told).json  # fmt: skip
    assert [row["n"] for row in found["labels"].values()] == [2, 2, 2]


@pytest.mark.parametrize(
    "options", [["--judge"], ["--thorough"], ["--labels", "F", "--sample", "3"]]
)
def test_what_goes_with_what(shop: Shop, labels: Path, options: list[str]) -> None:
    given = [str(labels) if option == "F" else option for option in options]
    assert bugguard(shop, "eval", *given).code == USAGE


def test_without_a_judge_it_says_so(shop: Shop, labels: Path) -> None:
    result = bugguard(shop, "eval", "--labels", labels, "--judge")
    assert result.code == USAGE
    assert "the judge has no model" in result.complaint
