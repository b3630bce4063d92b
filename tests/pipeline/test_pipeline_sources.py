"""Several repositories in one index, and one index in several parts.

Whatever happens to them, an update gives what a rebuild gives, to the byte, and so does a merge of
shards; a commit that several repositories have counts once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from repository import HOUR, Repository

from bugguard import encoders
from bugguard import index as store
from bugguard.domain.knowledge import Knowledge
from bugguard.domain.provenance import Shard
from bugguard.errors import PatternIndexError
from bugguard.history import revisions
from bugguard.patterns import sample
from bugguard.pipeline import refresh
from bugguard.pipeline.learn import learn
from bugguard.pipeline.merge import merged
from bugguard.pipeline.sources import History, Lesson

ENCODER = encoders.load("static")
LINES = 12
MESSAGES = ("fix: totals were wrong", "Fix crash in the reader (#7)", "Add totals", "Rename")


def text(values: dict[int, int]) -> str:
    return "".join(f"value_{n} = make_value({values.get(n, 0)}, {n})\n" for n in range(LINES))


def history(repository: Repository, name: str = "") -> History:
    git = repository.open()
    called = name or repository.path.name
    return History(git, revisions.heads(git, None), Lesson(called=called))


def place(directory: Path, repositories: Sequence[Repository]) -> tuple[refresh.Place, Lesson]:
    first, *others = map(history, repositories)
    return refresh.Place(first.git, directory, first.heads, tuple(others)), first.lesson


def files(directory: Path) -> dict[str, bytes]:
    name = (directory / "CURRENT").read_text("ascii").split()[0]
    return {file.name: file.read_bytes() for file in (directory / name).iterdir()}


def built(directory: Path, repositories: Sequence[Repository], *, anew: bool) -> dict[str, bytes]:
    where, lesson = place(directory, repositories)
    refresh.build(where, lesson, ENCODER, anew=anew)
    return files(directory)


def different(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    assert one.keys() == other.keys()
    return [name for name in one if one[name] != other[name]]


class Repositories(RuleBasedStateMachine):
    """A repository, its fork, and another one; commits go from one to the other and away again."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.path = Path(self._folder.name)
        self.all: list[Repository] = []

    def teardown(self) -> None:
        try:
            self.update()
        finally:
            self._folder.cleanup()

    @initialize()
    def start(self) -> None:
        first = Repository(self.path / "first")
        first.commit({"app/prices.py": text({})}, "Start")
        fork = Repository.clone(first.path, self.path / "fork")
        other = Repository(self.path / "other")
        other.commit({"app/orders.py": text({1: 7})}, "Begin")
        self.all = [first, fork, other]

    @rule(which=st.integers(0, 2), line=st.integers(0, LINES - 1), value=st.integers(0, 3),
          message=st.sampled_from(MESSAGES))  # fmt: skip
    def commit(self, which: int, line: int, value: int, message: str) -> None:
        repository = self.all[which]
        path = "app/orders.py" if which == 2 else "app/prices.py"
        old = (repository.path / path).read_text().splitlines()
        old[line] = f"value_{line} = make_value({value}, {line})"
        repository.commit({path: "\n".join(old) + "\n"}, message)

    @rule(back=st.booleans())
    def take(self, back: bool) -> None:
        """One of the two has all of the other's commits, which then are the first one's."""
        source, target = (self.all[1], self.all[0]) if back else (self.all[0], self.all[1])
        target.git("fetch", "-q", str(source.path), "main")
        target.git("checkout", "-q", "-B", "main", "FETCH_HEAD")

    @rule(which=st.integers(0, 2))
    def undo(self, which: int) -> None:
        if len(self.all[which].text("rev-list", "HEAD").split()) > 1:
            self.all[which].git("reset", "-q", "--hard", "HEAD~1")

    @rule()
    def update(self) -> None:
        updated = built(self.path / "updated", self.all, anew=False)
        rebuilt = built(self.path / "rebuilt", self.all, anew=True)
        assert different(updated, rebuilt) == []


Repositories.TestCase.settings = settings(
    max_examples=12, stateful_step_count=10, deadline=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
TestRepositories = Repositories.TestCase


@pytest.fixture
def repositories(tmp_path: Path) -> list[Repository]:
    """A repository with five fixes, a fork with one more, and another one."""
    first = Repository(tmp_path / "first")
    first.commit({"app/prices.py": text({})}, "Start")
    for number in range(1, 6):
        first.commit(
            {"app/prices.py": text({number: 3})}, f"Fix wrong total of {number} (#{number})"
        )
    fork = Repository.clone(first.path, tmp_path / "fork")
    fork.commit({"app/prices.py": text({5: 3, 9: 4})}, "fix: the last total")
    other = Repository(tmp_path / "other")
    other.commit({"src/reader.c": "int read(void) {\n    return take(0);\n}\n"}, "Begin")
    other.commit({"src/reader.c": "int read(void) {\n    return take(limit);\n}\n"}, "Fix #1")
    return [first, fork, other]


def knowledge(*histories: History, shard: Shard | None = None) -> Knowledge:
    return learn(histories, ENCODER, shard=shard).knowledge


def same(one: Knowledge, other: Knowledge, directory: Path) -> bool:
    store.write(directory / "left", one)
    store.write(directory / "right", other)
    return files(directory / "left") == files(directory / "right")


def test_a_commit_that_two_have_is_the_first_ones(repositories: list[Repository]) -> None:
    first, fork, other = map(history, repositories)
    both = knowledge(first, fork, other)
    assert both.statistics.total == 9  # 6 of the first, 1 more of the fork, 2 of the other
    of = [fix.commit.repository for fix in both.fixes]
    assert sorted(of) == ["first"] * 5 + ["fork", "other"]
    turned = knowledge(fork, first, other)
    assert [fix.commit.repository for fix in turned.fixes].count("fork") == 6
    assert len(turned.fixes) == len(both.fixes)


def test_a_clone_counts_nothing_twice(repositories: list[Repository], tmp_path: Path) -> None:
    first = repositories[0]
    clone = Repository.clone(first.path, tmp_path / "clone")
    alone, twice = knowledge(history(first)), knowledge(history(first), history(clone))
    assert twice.fixes == alone.fixes
    assert twice.statistics.total == alone.statistics.total
    assert np.array_equal(twice.statistics.commits, alone.statistics.commits)
    assert np.array_equal(twice.statistics.standing, alone.statistics.standing)


def test_twin_two_histories_of_one_name_cannot_be_told_apart(
    repositories: list[Repository], tmp_path: Path
) -> None:
    double = Repository(tmp_path / "elsewhere" / "first")
    double.commit({"lib/ledger.py": "a = book(1)\n"}, "Begin")
    with pytest.raises(PatternIndexError, match="two repositories are called 'first'"):
        built(tmp_path / "index", [repositories[0], double], anew=True)
    parts = {"a": knowledge(history(repositories[0])), "b": knowledge(history(double))}
    with pytest.raises(PatternIndexError, match="two repositories are called 'first'"):
        merged(parts, ENCODER, {})


@pytest.mark.parametrize("of", [1, 2, 3, 7])
def test_shards_merged_are_the_whole(
    of: int, repositories: list[Repository], tmp_path: Path
) -> None:
    histories = [*map(history, repositories)]
    shards = {
        str(number): knowledge(*histories, shard=Shard(number, of)) for number in range(1, of + 1)
    }
    assert sum(one.statistics.total for one in shards.values()) == 9
    assert same(merged(shards, ENCODER, {}), knowledge(*histories), tmp_path)
    turned = dict(reversed(shards.items()))
    assert same(merged(turned, ENCODER, {}), knowledge(*histories), tmp_path)


def test_whole_indexes_merged_are_one_build(repositories: list[Repository], tmp_path: Path) -> None:
    first, _, other = map(history, repositories)
    parts = {"a": knowledge(first), "b": knowledge(other)}
    assert same(merged(parts, ENCODER, {}), knowledge(first, other), tmp_path)


def test_what_does_not_add_up(repositories: list[Repository]) -> None:
    first, fork, other = map(history, repositories)
    one, two = (knowledge(first, shard=Shard(number, 2)) for number in (1, 2))
    lacking = replace(two, provenance=replace(two.provenance, revision=3))
    elsewhere = knowledge(other, shard=Shard(2, 2))
    of_three = knowledge(first, shard=Shard(2, 3))
    for parts, said in [
        ({"a": one}, "shard 2/2 is missing"),
        ({"a": two}, "shard 1/2 is missing"),
        ({"a": one, "b": two, "c": two}, "shard 2/2 is given twice"),
        ({"a": one, "b": elsewhere}, "b and a are shards of different builds"),
        ({"a": one, "b": of_three}, "b and a are no shards of one whole"),
        ({"a": one, "b": knowledge(other)}, "b and a are no shards of one whole"),
        ({"a": one, "b": lacking}, "b was learned by the rules of another bugguard"),
        ({"a": knowledge(first), "b": knowledge(fork)}, "a and b have commits in common"),
    ]:
        with pytest.raises(PatternIndexError, match=said):
            merged(parts, ENCODER, {})


def test_an_update_needs_all_of_them(repositories: list[Repository], tmp_path: Path) -> None:
    built(tmp_path / "index", repositories, anew=True)
    was = files(tmp_path / "index")
    with pytest.raises(PatternIndexError, match="learned from fork and 1 more too: give --repo"):
        built(tmp_path / "index", repositories[:1], anew=False)
    assert files(tmp_path / "index") == was
    built(tmp_path / "index", repositories[:1], anew=True)
    assert store.open_index(tmp_path / "index").repositories == ("first",)


def test_one_more_is_learned_anew(repositories: list[Repository], tmp_path: Path) -> None:
    built(tmp_path / "index", repositories[:2], anew=True)
    where, lesson = place(tmp_path / "index", repositories)
    again = refresh.build(where, lesson, ENCODER, anew=False)
    assert again.rebuilt == "the repositories are others"
    assert files(tmp_path / "index") == built(tmp_path / "whole", repositories, anew=True)


def test_readers_find_whose_each_fix_is(repositories: list[Repository], tmp_path: Path) -> None:
    built(tmp_path / "index", repositories, anew=True)
    index = store.open_index(tmp_path / "index")
    assert index.repositories == ("first", "fork", "other")
    names = [index.fix(number).commit.repository for number in range(len(index.shas()))]
    assert [index.repositories[number] for number in index.origins().tolist()] == names


def test_a_place_s_old_generation_stays_but_in_a_work_tree(
    repositories: list[Repository], tmp_path: Path
) -> None:
    first = repositories[0]
    for directory, kept in (
        (tmp_path / "shared", 2), (first.path / ".git" / "bugguard", 2), (first.path / "index", 1)
    ):  # fmt: skip
        built(directory, [first], anew=True)
        first.clock += HOUR
        first.commit({"app/prices.py": text({int(first.clock / HOUR) % 7: 9})}, "fix: one more")
        built(directory, [first], anew=False)
        assert len([*directory.glob("gen-*")]) == kept


def test_the_sample_of_merged_shards_is_the_whole_s(
    repositories: list[Repository], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there are more commits than a sample takes."""
    monkeypatch.setattr(sample, "MOST", 1)
    histories = [*map(history, repositories)]
    whole = knowledge(*histories)
    assert len(whole.sample.commits) < whole.statistics.total
    shards = {str(number): knowledge(*histories, shard=Shard(number, 3)) for number in (1, 2, 3)}
    assert same(merged(shards, ENCODER, {}), whole, tmp_path)
    first, _, other = histories
    parts = {"a": knowledge(first), "b": knowledge(other)}
    assert same(merged(parts, ENCODER, {}), knowledge(first, other), tmp_path / "wholes")
