"""The sample and the rules of a history that grows, shrinks and forks: update equals rebuild."""

from __future__ import annotations

from pathlib import Path

import pytest
from repository import Repository

from bugguard import encoders
from bugguard.index import load
from bugguard.patterns import rules, sample
from bugguard.pipeline import refresh
from bugguard.pipeline.learn import Learned
from bugguard.pipeline.sources import Lesson

MOST = 8


def commits(repository: Repository, first: int, end: int) -> None:
    """Ordinary commits that close what they open, and a fix in each tenth."""
    repository.load(
        (b"fix: close it" if n % 10 == 9 else b"Work", {b"m%d.py" % n: _content(n)})
        for n in range(first, end)
    )


def _content(n: int) -> bytes:
    close = b"" if n % 10 == 8 else b"close_walker(one_%d)\n" % n
    return b"one_%d = open_walker(tree_%d)\n%s" % (n, n, close)


def repaired(repository: Repository, n: int) -> None:
    name = b"m%d.py" % n
    repository.load([(b"fix: leak", {name: _content(n) + b"close_walker(one_%d)\n" % n})])


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "MOST", MOST)
    monkeypatch.setattr(rules, "LEAST_COMMITS", 1)
    monkeypatch.setattr(rules, "LEAST_SUPPORT", 1)
    monkeypatch.setattr(rules, "LEAST_SHARE", 0.5)
    monkeypatch.setattr(rules, "COMMON", 1.0)
    monkeypatch.setattr(rules, "_USUAL", 1.0)
    monkeypatch.setattr(rules, "MOST_FIRED", 0.5)


def learned(repository: Repository, tmp_path: Path, *, anew: bool) -> tuple[Learned, set[str]]:
    """What was learned, and the index's files with their contents in their generation's name."""
    directory = tmp_path / ("anew" if anew else "kept")
    place = refresh.Place(repository.open(), directory, (repository.sha("main"),))
    made = refresh.build(place, Lesson(), encoders.load("static"), anew=anew)
    return made, {(directory / "CURRENT").read_text()}


@pytest.mark.usefixtures("small")
def test_update_equals_rebuild_as_the_sample_thins_and_fills(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "r")
    commits(repository, 0, 7)
    tops = []
    for step in range(7):
        repaired(repository, 0)  # an empty commit but the first time
        commits(repository, 10 * step + 7, 10 * step + 17)
        tops.append(repository.sha("main"))
        assert (
            learned(repository, tmp_path, anew=False)[1]
            == learned(repository, tmp_path, anew=True)[1]
        )
    whole = load(tmp_path / "kept")
    assert 0 < len(whole.sample.commits) < 2 * MOST  # about MOST at most, of 80
    for top in (tops[-2], tops[2], tops[4], tops[0]):
        repository.git("update-ref", "refs/heads/main", top)
        update, name = learned(repository, tmp_path, anew=False)
        assert name == learned(repository, tmp_path, anew=True)[1]
    assert update.rebuilt == "the history is much shorter than it was"


@pytest.mark.usefixtures("small")
def test_rules_are_learned_from_a_history(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "r")
    commits(repository, 0, 9)
    repaired(repository, 8)
    made, _ = learned(repository, tmp_path, anew=False)
    assert [(rule.trigger[0], rule.guard) for rule in made.knowledge.rules] == [
        ("open_walker", ("close_walker",))
    ]
    assert load(tmp_path / "kept").rules == made.knowledge.rules
