"""A scan in memory: what is looked at again, and what of it is reported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from memory_index import MemoryIndex, hunk

from bugguard.domain.edit import Edit
from bugguard.history.standing import Listed
from bugguard.index.scanned import Scanned
from bugguard.match.siblings import Place, Siblings
from bugguard.pipeline.scan import MOST_OF_A_FIX, Bounds, scan
from bugguard.report.model import Report

BUGGY = """\
def drain(queue, consumer):
    while True:
        message = queue.poll(timeout=None)
        consumer.handle(message)
        queue.acknowledge(message)
"""
FIXED = BUGGY.replace("timeout=None", "timeout=IDLE_SECONDS + queue.grace_period")
FIX = ("a" * 40, "Fix endless wait when the queue is closed (#1)", hunk(BUGGY, FIXED))


class Memory:
    """Files that are nowhere."""

    counted = True

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files

    def listed(self) -> Sequence[Listed]:
        return [Listed(path, "docs" if path.endswith(".md") else None) for path in self.files]

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | str]]:
        for path in paths:
            text = self.files[path]
            yield path, "unreadable" if text == "?" else text.encode()


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of files that are looked at whole."""
    paths: list[str] = []
    find = Siblings.find

    def noted(self: Siblings, file: Edit) -> list[Place]:
        paths.append(file.hunk.path)
        return find(self, file)

    monkeypatch.setattr(Siblings, "find", noted)
    return paths


def report(
    files: dict[str, str],
    directory: Path | None = None,
    basis: str = "1",
    threshold: float = 0.3,
    fixes: tuple[tuple[str, str, str], ...] = (FIX,),
) -> Report:
    ordinary = [hunk("", BUGGY, "old.py")] * 2
    index = MemoryIndex(*fixes, ordinary=ordinary)
    bounds = Bounds(threshold, candidates=100)
    told, problems = scan(Memory(files), index, bounds, Scanned(directory, basis), "head")  # type: ignore[arg-type]
    assert problems == ()
    return told


def paths(told: Report) -> list[str]:
    return [one.match.hunk.path for one in told.findings]


def test_only_what_changed_is_looked_at_again(tmp_path: Path, looked: list[str]) -> None:
    files = {f"f{n}.py": f"number = compute({n})\n" for n in range(5)} | {"s.py": BUGGY}
    assert paths(report(files, tmp_path)) == ["s.py"]
    assert sorted(looked) == sorted(files)
    looked.clear()
    assert paths(report(files, tmp_path)) == ["s.py"]
    assert looked == []
    assert paths(report(files | {"f1.py": BUGGY}, tmp_path)) == ["f1.py", "s.py"]
    assert looked == ["f1.py"]
    looked.clear()
    assert paths(report(files | {"s.py": FIXED}, tmp_path)) == []
    assert looked == ["s.py"]
    looked.clear()
    assert paths(report({"s.py": BUGGY, "moved.py": BUGGY}, tmp_path)) == ["moved.py", "s.py"]
    assert looked == ["moved.py"]


def test_another_index_forgets_all(tmp_path: Path, looked: list[str]) -> None:
    files = {"f.py": "number = compute(1)\n", "s.py": BUGGY}
    report(files, tmp_path)
    looked.clear()
    report(files, tmp_path, basis="2")
    assert looked == list(files)


def test_nothing_is_kept_where_there_is_no_place_for_it(looked: list[str]) -> None:
    for _ in range(2):
        report({"s.py": BUGGY})
    assert looked == ["s.py", "s.py"]


def test_a_lower_threshold_tells_more_of_what_is_cached(tmp_path: Path) -> None:
    files = {"s.py": BUGGY}
    assert paths(report(files, tmp_path, threshold=0.99)) == []
    assert paths(report(files, tmp_path, threshold=0.3)) == ["s.py"]


def test_files_not_looked_at_are_listed_with_the_reason() -> None:
    told = report({"s.py": BUGGY, "a.md": BUGGY, "x.py": "?"})
    assert told.stats.files == 1
    assert [tuple(vars_of) for vars_of in ((s.path, s.reason) for s in told.stats.skipped)] == [
        ("a.md", "docs"),
        ("x.py", "unreadable"),
    ]


def test_one_finding_for_a_fix_and_a_place() -> None:
    other = "def other(shelf):\n    shelf.sort_by_title()\n    return shelf.first_book()\n" * 8
    told = report({"s.py": BUGGY + other + BUGGY.replace("drain", "drain_more")})
    assert [one.match.line for one in told.findings] == [3, 32]
    assert len({one.fingerprint for one in told.findings}) == 2


def test_two_parts_of_a_fix_that_are_alike_tell_one_place_once() -> None:
    twice = FIX[2] + hunk(BUGGY, FIXED, start=60).split("\n", 2)[2]
    told = report({"s.py": BUGGY}, fixes=((*FIX[:2], twice),))
    assert paths(told) == ["s.py"]
    assert told.candidates == ()


def test_what_stands_in_many_files_is_no_forgotten_place_any_more() -> None:
    few = {f"f{n}.py": BUGGY for n in range(MOST_OF_A_FIX)}
    assert len(paths(report(few))) == MOST_OF_A_FIX
    many = few | {"one_more.py": BUGGY}
    told = report(many)
    assert paths(told) == []
    assert told.candidates is not None
    assert len(told.candidates) == len(many)
