"""``bugguard eval``: labelled changes of a real history, each as of its own past."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from program import bugguard
from shop import REPLACED, Shop

pytestmark = pytest.mark.functional


def fix_of(shop: Shop, words: str) -> str:
    return shop.text("log", "--format=%H", f"--grep={words}", "-1").strip()


@pytest.fixture
def files(shop: Shop, tmp_path: Path) -> tuple[Path, Path]:
    """Labels: an undone fix, a look-alike that is the fix itself, and an ordinary commit."""
    replaced, guard = fix_of(shop, "vouchers took more"), fix_of(shop, "header that claims")
    shop.stage(shop.undone(REPLACED))
    undone = shop.commit(message="Tidy up")
    ordinary = shop.commit(
        {"shop/new.py": "def greet(name):\n    return f'hello {name}'\n"}, "Greet"
    )
    cases = [
        {"fix": replaced, "change": undone, "label": "regression", "why": "for people"},
        {"fix": guard, "change": ordinary, "label": "superseded"},
        {"fix": guard, "change": replaced, "label": "doubtful"},
    ]
    labels, commits = tmp_path / "labels.jsonl", tmp_path / "ordinary.txt"
    labels.write_text("".join(json.dumps(case) + "\n" for case in cases))
    commits.write_text(f"{ordinary}\n\n{undone}\n")
    return labels, commits


def test_the_contract(shop: Shop, files: tuple[Path, Path]) -> None:
    labels, ordinary = files
    result = bugguard(shop, "eval", "--labels", str(labels), "--ordinary", str(ordinary), "--json")
    assert result.code == 0
    told = result.json
    assert told.pop("seconds") >= 0
    ranks = {"top1": 1.0, "top3": 1.0, "top10": 1.0, "top50": 1.0}
    none = dict.fromkeys([*ranks, "reported", "escalated"], 0.0)
    assert told == {
        "positives": {
            "regression": {"n": 1, **ranks, "reported": 1.0, "escalated": 1.0},
            "recurrence": {"n": 0, **none},
        },
        "hard_negatives": {"n": 1, "reported": 0.0},
        "ordinary": {"n": 2, "alerted": 0.5, "escalated": 0.5},
        "threshold": 0.055,
        "encoder": "static",
    }


def test_a_threshold_of_one_reports_nothing(shop: Shop, files: tuple[Path, Path]) -> None:
    result = bugguard(shop, "eval", "--labels", str(files[0]), "--threshold", "1", "--json")
    assert result.json["positives"]["regression"]["reported"] == 0.0
    assert result.json["positives"]["regression"]["top1"] == 1.0


def test_the_band_never_begins_above_the_threshold(shop: Shop, files: tuple[Path, Path]) -> None:
    options = ("eval", "--labels", str(files[0]), "--ordinary", str(files[1]), "--json")
    wide = bugguard(shop, *options, "--threshold", "1", BUGGUARD_CHECK_ESCALATE="0").json
    assert wide["positives"]["regression"]["escalated"] == 1.0
    assert wide["positives"]["regression"]["reported"] == 0.0
    none = bugguard(shop, *options, "--threshold", "1", BUGGUARD_CHECK_ESCALATE="1").json
    assert none["ordinary"] == {"n": 2, "alerted": 0.0, "escalated": 0.0}
    clamped = bugguard(shop, *options, "--threshold", "0.001", BUGGUARD_CHECK_ESCALATE="1").json
    assert clamped["positives"]["regression"]["reported"] == 1.0
    assert clamped["positives"]["regression"]["escalated"] == 1.0


def test_for_people(shop: Shop, files: tuple[Path, Path]) -> None:
    result = bugguard(shop, "eval", "--labels", str(files[0]))
    assert "1 regression: top1 1.00" in result.out
    assert "1 look-alikes: reported 0.00" in result.out


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "labels.jsonl:1 is no case"),
        ('{"fix": "a"}', "labels.jsonl:1 is no case"),
        ('{"fix": 1, "change": "a", "label": "regression"}', "are to be strings"),
        (
            '{"fix": "a", "change": "0000000", "label": "regression"}',
            "there is no commit '0000000'",
        ),
        ("\udcff", "it is not UTF-8"),
    ],
)
def test_cases_that_are_none(shop: Shop, tmp_path: Path, content: str, says: str) -> None:
    labels = tmp_path / "labels.jsonl"
    labels.write_text(content, errors="surrogateescape")
    result = bugguard(shop, "eval", "--labels", str(labels))
    assert result.code == 2
    assert says in result.err
    assert "Traceback" not in result.err
