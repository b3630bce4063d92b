"""A replay sees each commit as ``check --commit`` does, whichever way it reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from memory_index import LetterEncoder
from repository import Repository
from shop import FIXES, REPLACED, Shop

from bugguard import index as store
from bugguard.domain import Rule
from bugguard.history import changes
from bugguard.history.diff import Limits
from bugguard.pipeline.check import known_before
from bugguard.pipeline.learn import learn
from bugguard.pipeline.replay import Replay, Seen, Told
from bugguard.pipeline.sources import History, Lesson


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """With a fix taken back on a side branch, and the branch merged by hand."""
    shop = Shop.at(tmp_path / "shop")
    shop.git("checkout", "--quiet", "-b", "side", "HEAD~1")
    shop.commit(shop.undone(REPLACED), "Tidy up")
    shop.git("checkout", "--quiet", "main")
    shop.commit({"shop/greet.py": "def greet(name):\n    return name\n"}, "Greet")
    shop.git("merge", "--quiet", "--no-edit", "side")
    return shop


def replay_of(repository: Repository, folder: Path) -> Replay:
    git, encoder = repository.open(), LetterEncoder()
    head = git.head()
    assert head is not None
    learned = learn([History(git, (head,), Lesson())], encoder)
    store.write(folder, learned.knowledge)
    return Replay(git, store.open_index(folder), encoder, Limits())


def test_as_one_by_one(shop: Shop, tmp_path: Path) -> None:
    replay = replay_of(shop, tmp_path / "index")
    commits = shop.text("rev-list", "HEAD").split("\n")
    every = replay.see(commits)
    assert [seen.change for seen in every] == commits
    for seen in every:
        change = changes.commit(replay.git, seen.change, replay.limits)
        known = known_before(replay.git, change, replay.index)
        assert seen == replay.look(change, known, seen.change)
    [undone] = [seen for seen in every if seen.subject == "Tidy up"]
    assert undone.told[0].subject == REPLACED.message
    assert undone.told[0].rule is Rule.FIX_UNDONE


def test_a_commit_is_replayed_once(shop: Shop, tmp_path: Path) -> None:
    replay = replay_of(shop, tmp_path / "index")
    head = shop.sha()
    calls: list[tuple[int, int]] = []
    first, again = replay.see([head, head], lambda done, total: calls.append((done, total)))
    assert first is again
    assert calls == [(0, 1), (1, 1)]
    assert replay.see([head])[0] is first


def test_only_what_was_there_before_is_known(shop: Shop, tmp_path: Path) -> None:
    replay = replay_of(shop, tmp_path / "index")
    commits = shop.text("rev-list", "--reverse", "HEAD").split("\n")
    shas = replay.index.shas()
    for sha, known in replay.known(commits).items():
        past = set(shop.text("rev-list", f"{sha}^@").split("\n")) if sha != commits[0] else set()
        assert {fix for fix, is_known in zip(shas, known, strict=True) if is_known} == (
            past & set(shas)
        )
    assert len(shas) == len(FIXES)


def test_a_finding_hides_only_lesser_ones() -> None:
    told = tuple(Told(name, "", Rule.FIX_UNDONE, score) for name, score in [("a", 0.9), ("b", 0.2)])
    seen = Seen("c", "", {"a": 0.9, "b": 0.2, "x": 0.1}, told)
    assert [one.fix for one in seen.reported(0.2)] == ["a", "b"]
    assert [one.fix for one in seen.reported(0.21)] == ["a"]
    assert (seen.score("b"), seen.score("x"), seen.top) == (0.2, None, 0.9)
    assert Seen("c", "", {}, ()).top == 0.0
