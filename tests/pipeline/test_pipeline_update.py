"""Whatever happens to a history, an update gives what a rebuild gives, to the byte. Lessons that
both were given stay in both.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from repository import HOUR, Repository
from scripted import Scripted

from bugguard import encoders
from bugguard.history import revisions
from bugguard.pipeline import lessons, refresh
from bugguard.pipeline.sources import Lesson

FILES = ("app/prices.py", "app/orders.py", "src/reader.c")
LINES = 12
MESSAGES = (
    "fix: totals were wrong", "Fix crash in the reader (#7)", "不具合を修正", "Add totals",
    "Rename a value", 'Revert "Add totals"',
)  # fmt: skip

numbers = st.integers(0, 10_000)


def content(values: dict[int, int]) -> str:
    lines = (f"value_{line} = make_value({values.get(line, 0)}, {line})" for line in range(LINES))
    return "\n".join(lines) + "\n"


def built(place: refresh.Place, *, anew: bool) -> dict[str, bytes]:
    """Builds or updates; the current generation's files."""
    refresh.build(place, Lesson(), encoders.load("static"), anew=anew)
    name = (place.directory / "CURRENT").read_text("ascii").split()[0]
    return {file.name: file.read_bytes() for file in (place.directory / name).iterdir()}


class Histories(RuleBasedStateMachine):
    """Commits, branches, merges, rewritten history; in between, updates."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.path = Path(self._folder.name)
        self.repository = Repository(self.path / "r")
        self.branches = ["main"]
        self.made = 0  #: topic branches so far

    def teardown(self) -> None:
        try:
            self.update()
        finally:
            self._folder.cleanup()

    @initialize()
    def start(self) -> None:
        self.repository.commit(dict.fromkeys(FILES, content({})), "Start")

    @rule(file=st.sampled_from(FILES), line=st.integers(0, LINES - 1), value=st.integers(0, 3),
          message=st.sampled_from(MESSAGES), back=st.integers(0, 50))  # fmt: skip
    def commit(self, file: str, line: int, value: int, message: str, back: int) -> None:
        """A line gets another value; the clock may be wrong."""
        old = (self.repository.path / file).read_text().splitlines()
        old[line % len(old)] = f"value_{line} = make_value({value}, {line})"
        clock = self.repository.clock
        self.repository.clock -= back * HOUR
        self.repository.commit({file: "\n".join(old) + "\n"}, message)
        self.repository.clock = clock + HOUR

    @rule(steps=st.integers(0, 3))
    def branch(self, steps: int) -> None:
        self.made += 1
        name = f"topic{self.made}"
        start = f"HEAD~{min(steps, self._length() - 1)}"
        self.repository.git("checkout", "-q", "-b", name, start)
        self.branches.append(name)

    @rule(which=numbers)
    def switch(self, which: int) -> None:
        self.repository.git("checkout", "-q", self._other(which))

    @rule(which=numbers)
    def merge(self, which: int) -> None:
        other = self._other(which)
        self._try("merge", "-q", "--no-ff", "-X", "theirs", "-m", f"Merge {other}", other)

    @rule(which=numbers)
    def pick(self, which: int) -> None:
        self._try("cherry-pick", "--allow-empty", "-X", "theirs", self._other(which))

    @rule(steps=st.integers(1, 3))
    def rewrite(self, steps: int) -> None:
        self.update()  # so that there is something to forget
        self.repository.git("reset", "-q", "--hard", f"HEAD~{min(steps, self._length() - 1)}")

    @rule(which=numbers)
    @precondition(lambda self: len(self.branches) > 1)
    def drop_and_collect(self, which: int) -> None:
        """What no branch has is really gone."""
        self.update()
        gone = self.branches[1:][which % (len(self.branches) - 1)]
        self.repository.git("checkout", "-q", "--detach")
        self.repository.git("branch", "-q", "-D", gone)
        self.branches.remove(gone)
        self.repository.git("checkout", "-q", "-B", "main")
        self.repository.git("reflog", "expire", "--expire=now", "--all")
        self.repository.git("gc", "-q", "--prune=now")

    @rule(most=st.integers(1, 3))
    def teach(self, most: int) -> None:
        """Some fixes get lessons, each in its own words."""
        self.update()
        git = self.repository.open()
        for name in ("updated", "rebuilt"):
            place = refresh.Place(git, self.path / name, ())
            lessons.distil(place, encoders.load("static"), Scripted(), most=most)

    @rule()
    def update(self) -> None:
        git = self.repository.open()
        heads = revisions.heads(git, None)
        updated = built(refresh.Place(git, self.path / "updated", heads), anew=False)
        rebuilt = built(refresh.Place(git, self.path / "rebuilt", heads), anew=True)
        assert updated.keys() == rebuilt.keys()
        assert [name for name in rebuilt if updated[name] != rebuilt[name]] == []

    def _length(self) -> int:
        return int(self.repository.text("rev-list", "--count", "--first-parent", "HEAD"))

    def _other(self, which: int) -> str:
        return self.branches[which % len(self.branches)]

    def _try(self, command: str, *arguments: str) -> None:
        """What git refuses (a conflict that stays, nothing to do) is undone."""
        try:
            self.repository.git(command, *arguments)
            self.repository.clock += HOUR
        except subprocess.CalledProcessError:
            self.repository.git("reset", "-q", "--hard")


@pytest.mark.functional
class TestHistories(Histories.TestCase):  # type: ignore[misc,valid-type]
    settings = settings(
        max_examples=8,
        stateful_step_count=14,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
