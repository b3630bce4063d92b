"""A commit waits no longer than it is told to, and a refusal costs it next to nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from repository import Repository

from bugguard import encoders
from bugguard import index as store
from bugguard.pipeline import budget, learn, refresh
from bugguard.pipeline.budget import Budget, OutOfTimeError
from bugguard.pipeline.sources import Lesson
from bugguard.ports import Encoder


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the time that a budget sees; it stands still otherwise."""
    now = [100.0]
    monkeypatch.setattr(budget.time, "monotonic", lambda: now[0])
    return lambda seconds: now.__setitem__(0, 100.0 + seconds)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "r")
    for number in range(8):
        repository.commit({"a.py": f"number = make({number})\n"}, "fix: number was wrong")
    return repository


def place(repository: Repository) -> refresh.Place:
    directory = repository.path.parent / "index"
    return refresh.Place(repository.open(), directory, (repository.sha(),))


def never() -> Encoder:
    raise AssertionError("the encoder was loaded")


def test_work_that_does_not_fit_is_refused(clock: Callable[[float], None]) -> None:
    given = Budget(2.0)
    given.need(1_000)
    with pytest.raises(OutOfTimeError):
        given.need(1_001)
    clock(1.5)
    given.watch(1_000, 1_250)
    with pytest.raises(OutOfTimeError):
        given.watch(1_000, 1_251)
    clock(2.1)
    with pytest.raises(OutOfTimeError):
        given.need(0)


@pytest.mark.parametrize("history", ["missing", "other settings", "gone and came"])
def test_it_is_refused_before_anything_is_loaded(
    repository: Repository, clock: Callable[[float], None], monkeypatch: pytest.MonkeyPatch,
    history: str,
) -> None:  # fmt: skip
    """Eight commits are to be read, five of them to be forgotten in the last case."""
    lesson = Lesson()
    if history != "missing":
        refresh.build(place(repository), lesson, encoders.load("static"), anew=True)
    if history == "other settings":
        lesson = Lesson(file_bytes=1_000)
    if history == "gone and came":
        repository.git("reset", "-q", "--hard", "HEAD~5")
        for number in range(3):
            repository.commit({"b.py": f"number = make({number})\n"}, "fix: b was wrong")
    monkeypatch.setattr(refresh.store, "load", never)
    with pytest.raises(OutOfTimeError):
        refresh.within(Budget(7 / 500), place(repository), lesson, never)
    monkeypatch.undo()


def test_the_clock_runs_while_the_encoder_is_loaded(
    repository: Repository, clock: Callable[[float], None]
) -> None:
    def slow() -> Encoder:
        clock(3.0)
        return encoders.load("static")

    with pytest.raises(OutOfTimeError):
        refresh.within(Budget(2.0), place(repository), Lesson(), slow)
    assert not (repository.path.parent / "index" / "CURRENT").exists()


def test_what_is_forgotten_is_progress_too(repository: Repository) -> None:
    refresh.build(place(repository), Lesson(), encoders.load("static"), anew=True)
    repository.git("reset", "-q", "--hard", "HEAD~5")
    repository.commit({"b.py": "number = make(0)\n"}, "fix: b was wrong")
    calls: list[tuple[int, int]] = []

    def note(done: int, total: int) -> None:
        calls.append((done, total))

    refresh.build(place(repository), Lesson(), encoders.load("static"), anew=False, progress=note)
    assert calls[0] == (0, 6)
    assert (5, 6) in calls
    assert (6, 6) in calls


def test_the_clock_is_seen_before_each_long_step(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def told(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **options: Any) -> Any:
            steps.append(name)
            return step(*arguments, **options)

        return run

    monkeypatch.setattr(learn, "refine", told("refine", learn.refine))
    monkeypatch.setattr(learn, "assemble", told("assemble", learn.assemble))
    monkeypatch.setattr(refresh.store, "write", told("write", store.write), raising=False)
    encoder = encoders.load("static")
    tick = told("tick", lambda done, total: None)
    refresh.build(place(repository), Lesson(), encoder, anew=True, progress=tick)
    assert steps[-6:] == ["tick", "refine", "tick", "assemble", "tick", "write"]
