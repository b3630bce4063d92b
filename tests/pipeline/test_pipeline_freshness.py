from __future__ import annotations

from pathlib import Path

import pytest
from repository import Repository

from bugguard.history.fixes import FixRules
from bugguard.pipeline.freshness import fixes_among, lag


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "r")
    repository.commit({"a.py": "value = 1\n"}, "Start")
    return repository


@pytest.mark.parametrize(("message", "learned"), [
    ("fix: totals were wrong", True),
    ("Handle empty orders", True),
    ("Add missing break", True),
    ("Work around the cache", True),
    ("文字化け", True),
    ("Use the default colour", False),
    ("Make a close button", False),
    ("Trace what the prefix is", False),
    ("URGENT totals", True),
    ("fix: wrong totals [skip]", False),
    ("Weigh orders, closes shop/91", True),
])  # fmt: skip
def test_a_fix_is_what_learning_takes_for_one(
    repository: Repository, message: str, learned: bool
) -> None:
    sha = repository.commit({"a.py": "value = 2\n"}, message)
    rules = FixRules(("^URGENT",), (r"\[skip\]",), (r"shop/\d+",))
    assert list(fixes_among(repository.open(), [sha], rules)) == ([sha] if learned else [])


def test_what_came_and_what_went(repository: Repository) -> None:
    start = repository.sha()
    old = repository.commit({"a.py": "value = 2\n"}, "Old")
    repository.git("reset", "-q", "--hard", start)
    new = [repository.commit({"a.py": f"value = {n}\n"}, "New") for n in (3, 4)]
    git = repository.open()
    behind = lag(git, [old], [new[-1]], None)
    assert (set(behind.came), behind.gone, behind.anew) == (set(new), [old], False)
    assert behind.commits == 3
    assert lag(git, [new[1], old], [old, new[1]], None).commits == 0
    assert lag(git, [], [new[1]], None).commits == 3
    assert lag(git, [start], [new[1]], repository.clock - 3600).came == [new[1]]


def test_when_the_old_heads_are_gone_all_is_to_be_read(repository: Repository) -> None:
    behind = lag(repository.open(), ["1" * 40], [repository.sha()], None)
    assert (behind.came, behind.gone, behind.anew) == ([repository.sha()], (), True)
