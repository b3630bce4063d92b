"""What a history shows of changes that brought a bug back."""

from __future__ import annotations

from pathlib import Path

import pytest
from repository import Repository

from bugguard import encoders
from bugguard import index as store
from bugguard.pipeline.mined import Mined, mine
from bugguard.pipeline.refresh import Place, build
from bugguard.pipeline.sources import Lesson

BUGGY = """def load(path, options):
    handle = open_archive(path, options)
    entries = handle.read_entries()
    return collect_entries(entries)
"""
FIXED = BUGGY.replace(
    "    entries = handle.read_entries()\n",
    "    with closing_archive(handle) as archive:\n"
    "        entries = archive.read_entries(verify_checksums=True)\n",
)
OTHER = "def greet(visitor_name):\n    return compose_greeting(visitor_name)\n"


class History:
    def __init__(self, path: Path) -> None:
        self.repository = Repository(path / "r")
        self.index = path / "index"
        self.commits: list[str] = []

    def commit(self, files: dict[str, str | None], message: str) -> str:
        # Made on different days: what follows within the hour counts as the same work.
        self.repository.clock += 24 * 3600
        self.commits.append(self.repository.commit(files, message))
        return self.commits[-1]

    def mined(self, *, repeats: bool = True) -> list[Mined]:
        git = self.repository.open()
        place = Place(git, self.index, (self.commits[-1],))
        build(place, Lesson(), encoders.load("static"), anew=True)
        opened = store.open_index(self.index)
        return mine(git, opened, self.commits, Lesson(), repeats=repeats)


@pytest.fixture
def history(tmp_path: Path) -> History:
    made = History(tmp_path)
    made.commit({"load.py": BUGGY, "greet.py": OTHER}, "Start")
    return made


def test_a_fix_undone_and_made_again(history: History) -> None:
    fix = history.commit({"load.py": FIXED}, "Fix leak of archive handles (#12)")
    change = history.commit({"load.py": BUGGY}, "Simplify loading")
    later = history.commit({"load.py": FIXED}, "Fix leak of archive handles again")
    assert history.mined() == [Mined(fix, change, later, "undone")]


def test_twin_undone_and_never_made_again(history: History) -> None:
    history.commit({"load.py": FIXED}, "Fix leak of archive handles (#12)")
    history.commit({"load.py": BUGGY}, "Simplify loading")
    history.commit({"greet.py": OTHER + "\n\nGREETING = 'hello'\n"}, "Fix the greeting's name")
    assert history.mined() == []


def test_twin_made_again_by_no_repair(history: History) -> None:
    history.commit({"load.py": FIXED}, "Fix leak of archive handles (#12)")
    history.commit({"load.py": BUGGY}, "Simplify loading")
    history.commit({"load.py": FIXED}, "Tidy up loading")
    assert history.mined() == []


def test_a_bug_repeated_elsewhere(history: History) -> None:
    fix = history.commit({"load.py": FIXED}, "Fix leak of archive handles (#12)")
    copied = BUGGY.replace("def load(", "def reload(")
    change = history.commit({"reload.py": copied}, "Reload archives")
    repaired = FIXED.replace("def load(", "def reload(")
    later = history.commit({"reload.py": repaired}, "Fix leak when archives are reloaded")
    assert history.mined() == [Mined(fix, change, later, "repeated")]
    assert history.mined(repeats=False) == []


def test_twin_the_copy_was_there_before_the_fix(history: History) -> None:
    copied = BUGGY.replace("def load(", "def reload(")
    history.commit({"reload.py": copied}, "Reload archives")
    history.commit({"load.py": FIXED}, "Fix leak of archive handles (#12)")
    repaired = FIXED.replace("def load(", "def reload(")
    history.commit({"reload.py": repaired}, "Fix leak when archives are reloaded")
    assert history.mined() == []
