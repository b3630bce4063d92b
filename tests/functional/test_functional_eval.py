"""``bugguard eval``: labelled changes of a real history, each as of its own past."""

from __future__ import annotations

import json
import re
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


def test_a_page_of_labelled_cases(shop: Shop, files: tuple[Path, Path], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    options = ("eval", "--labels", str(files[0]), "--ordinary", str(files[1]))
    result = bugguard(shop, *options, "--html", page)
    assert result == bugguard(shop, *options)
    told = page.read_text("utf-8")
    rows = [re.sub("<[^>]+>", " ", row).split() for row in re.findall("<tr data-.*?</tr>", told)]
    assert [row[:2] for row in rows] == [
        ["told,", "rightly"], ["rightly", "silent"], ["counts", "as"], ["false", "alarm"],
    ]  # fmt: skip
    assert rows[0][2] == "regression"
    assert rows[0][6:8] == ["Tidy", "up"]
    assert "vouchers" in rows[0]
    assert "100% of regression caught, 50.0% of ordinary commits alerted" in told


def test_a_page_of_the_last_commits(shop: Shop, files: tuple[Path, Path], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    result = bugguard(shop, "eval", "--last", "3", "--html", page, "--json")
    assert result.json["commits"] == 3
    told = page.read_text("utf-8")
    assert "<dt>commits replayed</dt><dd>3</dd>" in told
    assert told.count("<tr data-") == result.json["warned"]
    assert "planted" in told


def test_a_page_of_two_settings(shop: Shop, files: tuple[Path, Path], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    options = ("--compare", "threshold=1", "threshold=0.01", "--labels", str(files[0]))
    assert bugguard(shop, "eval", *options, "--html", page).code == 0
    assert "gained: only B tells" in page.read_text("utf-8")


def test_a_page_that_cannot_be_written(shop: Shop, files: tuple[Path, Path]) -> None:
    place = "nowhere/page.html"
    result = bugguard(shop, "eval", "--labels", str(files[0]), "--html", place)
    assert (result.code, result.out) == (2, "")
    assert place in result.complaint


@pytest.mark.parametrize("option", ["--calibrate", "--judge"])
def test_what_has_no_page(shop: Shop, files: tuple[Path, Path], option: str) -> None:
    labels = ("--labels", str(files[0])) if option == "--judge" else ()
    result = bugguard(shop, "eval", option, *labels, "--html", "page.html")
    assert result.code == 2
    assert f"{option} does not go with --html" in result.err


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
