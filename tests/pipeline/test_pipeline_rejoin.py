"""Whatever becomes of the tickets, an update gives what a rebuild gives, to the byte."""

from __future__ import annotations

import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from repository import Repository

from bugguard import encoders
from bugguard.domain.knowledge import Knowledge
from bugguard.domain.tickets import TicketKey, TicketLink, TicketRecord, Tracked
from bugguard.errors import PatternIndexError
from bugguard.history import revisions
from bugguard.history.tickets import Remote, TicketRules
from bugguard.index import load
from bugguard.pipeline import refresh
from bugguard.pipeline.leads import Leads
from bugguard.pipeline.sources import Lesson
from bugguard.pipeline.tickets import Join
from bugguard.tickets.kinds import KindRules
from bugguard.tickets.store import Store

HOST = "gitlab.example/web/shop"
REMOTE = Remote.parse("git@gitlab.example:web/shop.git")
KINDS = KindRules(("bug",), ("feature", "duplicate"))
FILES = ("app/prices.py", "app/orders.py", "docs/prices.md")
#: What is a fix by its words, by its ticket alone, by neither, and what names a merge request.
MESSAGES = (
    "fix: totals were wrong (#{n})", "Fix crash in the reader\n\nCloses #{n}", "fix: a leak",
    "Rework totals (#{n})", "Tidy the totals", "不具合を修正\n\nSee merge request web/shop!{n}",
    "Update totals", "Fix crash since #{n}", "chore: bump version to 1.{n}",
)  # fmt: skip
numbers = st.integers(1, 4)


def lesson(path: Path, *, bugs_only: bool = False) -> Lesson:
    leads = Leads(Store.open(path), REMOTE)
    join = Join(leads, TicketRules(), KINDS, bugs_only)
    return Lesson(remote=REMOTE, join=join)


def built(place: refresh.Place, told: Lesson, *, anew: bool) -> dict[str, bytes]:
    """Builds or updates; the current generation's files."""
    refresh.build(place, told, encoders.load("static"), anew=anew)
    name = (place.directory / "CURRENT").read_text("ascii").split()[0]
    return {file.name: file.read_bytes() for file in (place.directory / name).iterdir()}


class Tickets(RuleBasedStateMachine):
    """Commits, tickets, links; in between, updates."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.path = Path(self._folder.name)
        self.store = self.path / "tickets.sqlite3"
        self.repository = Repository(self.path / "r")
        self.shas: list[str] = []
        self.lines = 0

    def teardown(self) -> None:
        try:
            self.update()
        finally:
            self._folder.cleanup()

    @initialize()
    def start(self) -> None:
        self.repository.commit(dict.fromkeys(FILES, "value_of_all = make_value(0)\n"), "Start")
        Store.open(self.store, write=True).close()

    @rule(file=st.sampled_from(FILES), message=st.sampled_from(MESSAGES), n=numbers)
    def commit(self, file: str, message: str, n: int) -> None:
        self.lines += 1
        text = (self.repository.path / file).read_text()
        line = f"value_{self.lines} = make_value_{self.lines}({n}, other_{self.lines % 3})\n"
        self.shas.append(self.repository.commit({file: text + line}, message.format(n=n)))

    @rule(steps=st.integers(1, 2))
    def rewrite(self, steps: int) -> None:
        steps = min(steps, int(self.repository.text("rev-list", "--count", "HEAD")) - 1)
        if steps:
            self.update()
            self.repository.git("reset", "-q", "--hard", f"HEAD~{steps}")

    @rule(n=numbers, label=st.sampled_from(("bug", "feature", "duplicate", "", "type::bug")),
          title=st.sampled_from(("合計が合わない", "Wrong total")), which=st.integers(0, 50),
          linked=st.booleans())  # fmt: skip
    def put(self, n: int, label: str, title: str, which: int, linked: bool) -> None:
        """A ticket comes or changes; perhaps with a commit, always with a merge request."""
        key = TicketKey(HOST, f"#{n}")
        links = [TicketLink(key, "", f"closed by !{n % 3 + 1}")]
        if linked and self.shas:
            links.append(TicketLink(key, self.shas[which % len(self.shas)], "closed by !9"))
        record = TicketRecord(key, "gitlab", title, labels=(label,) if label else ())
        with Store.open(self.store, write=True) as store, store.changing():
            store.put(Tracked(record, tuple(links)))

    @rule(n=numbers)
    def remove(self, n: int) -> None:
        with Store.open(self.store, write=True) as store, store.changing():
            store.remove(TicketKey(HOST, f"#{n}"))

    @rule()
    def update(self) -> None:
        git = self.repository.open()
        heads = revisions.heads(git, None)
        told = lesson(self.store)
        updated = built(refresh.Place(git, self.path / "updated", heads), told, anew=False)
        rebuilt = built(refresh.Place(git, self.path / "rebuilt", heads), told, anew=True)
        assert updated.keys() == rebuilt.keys()
        assert [name for name in rebuilt if updated[name] != rebuilt[name]] == []


@pytest.mark.functional
class TestTickets(Tickets.TestCase):  # type: ignore[misc,valid-type]
    settings = settings(
        max_examples=12,
        stateful_step_count=16,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "r")
    repository.commit({"app.py": "total_of_all = sum_of(1)\n"}, "Start")
    repository.commit({"app.py": "total_of_all = sum_of(2)\n"}, "fix: wrong total (#1)")
    repository.commit({"app.py": "total_of_all = sum_of(3)\n"}, "Tidy the totals")
    return repository


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "tickets.sqlite3"
    Store.open(path, write=True).close()
    return path


def put(path: Path, name: str, label: str, commit: str = "") -> None:
    key = TicketKey(HOST, name)
    links = (TicketLink(key, commit, "closed by !1"),) if commit else ()
    with Store.open(path, write=True) as store, store.changing():
        store.put(Tracked(TicketRecord(key, "gitlab", "合計", labels=(label,)), links))


def learned(repository: Repository, told: Lesson | None, *, anew: bool = False) -> Knowledge:
    git = repository.open()
    place = refresh.Place(git, repository.path.parent / "index", revisions.heads(git, None))
    refresh.build(place, told or Lesson(remote=REMOTE), encoders.load("static"), anew=anew)
    return load(place.directory)


def subjects(knowledge: Knowledge) -> list[str]:
    return [fix.commit.subject for fix in knowledge.fixes]


def test_only_what_turns_is_read_again(repository: Repository, store: Path) -> None:
    assert subjects(learned(repository, lesson(store))) == ["fix: wrong total (#1)"]
    put(store, "#1", "bug")
    git = repository.open()
    place = refresh.Place(git, repository.path.parent / "index", revisions.heads(git, None))
    told = refresh.build(place, lesson(store), encoders.load("static"), anew=False)
    assert (told.read, told.rebuilt, told.forgotten) == (0, None, 0)
    [fix] = told.knowledge.fixes
    assert [ticket.title for ticket in fix.commit.tickets] == ["合計"]


def test_tickets_turn_commits_into_fixes_and_back(repository: Repository, store: Path) -> None:
    told = lesson(store)
    assert subjects(learned(repository, told)) == ["fix: wrong total (#1)"]
    put(store, "#1", "feature")
    put(store, "#2", "bug", repository.sha())
    assert subjects(learned(repository, lesson(store))) == ["Tidy the totals"]
    put(store, "#1", "bug")
    put(store, "#2", "")
    assert subjects(learned(repository, lesson(store))) == ["fix: wrong total (#1)"]


def test_only_bugs(repository: Repository, store: Path) -> None:
    put(store, "#9", "bug")
    assert subjects(learned(repository, lesson(store, bugs_only=True))) == []
    put(store, "#1", "bug")
    told = learned(repository, lesson(store, bugs_only=True))
    assert subjects(told) == ["fix: wrong total (#1)"]
    assert subjects(learned(repository, lesson(store))) == ["fix: wrong total (#1)"]


def test_tickets_that_are_not_here_are_not_dropped_unasked(
    repository: Repository, store: Path
) -> None:
    """Another clone, a lost file: an update would silently take every title away."""
    put(store, "#1", "bug")
    learned(repository, lesson(store))
    with pytest.raises(PatternIndexError, match="learned with tickets that are not here"):
        learned(repository, None)
    assert learned(repository, None, anew=True).fixes[0].commit.tickets[0].title == ""
    assert subjects(learned(repository, None)) == ["fix: wrong total (#1)"]
