"""Which tickets a commit has, why, and what they make of it."""

from __future__ import annotations

from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from bugguard.domain import Ticket
from bugguard.domain.tickets import TicketKey, TicketLink, TicketRecord, Tracked
from bugguard.history.fixes import FixRules, judge_message
from bugguard.history.tickets import Remote, TicketRules, find
from bugguard.pipeline.answering import answered
from bugguard.pipeline.leads import Leads
from bugguard.pipeline.sources import Lesson
from bugguard.pipeline.tickets import Join, Joined, judged
from bugguard.tickets.kinds import KindRules
from bugguard.tickets.store import Store

HOST = "gitlab.example/web/shop"
SHA, OTHER = "5" * 40, "6" * 40
REMOTES = {
    "gitlab": Remote.parse("git@gitlab.example:Web/Shop.git"),
    "github": Remote.parse("https://github.com/acme/shop"),
}
KINDS = KindRules(("bug",), ("feature", "duplicate"))


class Shelf:
    """Tickets put in one by one, and the join over them."""

    def __init__(self, path: Path, remote: str = "gitlab") -> None:
        self.path = path / "t.sqlite3"
        self.remote = REMOTES[remote]
        self.more: tuple[str, ...] = ()
        self.rules = TicketRules()
        self.bugs_only = False
        Store.open(self.path, write=True).close()

    def put(self, name: str, *labels: str, project: str = HOST, title: str = "",
            links: tuple[tuple[str, str], ...] = (), **more: object) -> None:  # fmt: skip
        key = TicketKey(project, name)
        more = {"source": "gitlab", "title": title or f"題 {name}", "labels": labels, **more}
        told = tuple(TicketLink(key, commit, why) for commit, why in links)
        with Store.open(self.path, write=True) as store, store.changing():
            store.put(Tracked(TicketRecord(key, **more), told))  # type: ignore[arg-type]

    @property
    def join(self) -> Join:
        leads = Leads(Store.open(self.path), self.remote, self.more)
        return Join(leads, self.rules, KINDS, self.bugs_only)

    def tickets(self, message: str, sha: str = SHA) -> list[Ticket]:
        return [one.ticket for one in self.join.tickets(sha, message)]

    def told(self, message: str, sha: str = SHA) -> list[tuple[str, str, str]]:
        return [(one.id, one.title, one.source) for one in self.tickets(message, sha)]

    def decided(self, message: str, sha: str = SHA, parents: int = 1) -> tuple[bool, bool, str]:
        told = Lesson(remote=self.remote, tickets=self.rules, join=self.join)
        decision = judged(told, sha, message, parents).decision
        return decision.learned, decision.lesser, decision.reason


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


@pytest.mark.parametrize(("message", "id_", "why"), [
    ("fix: totals (#12)", "#12", "subject"),
    ("fix: totals\n\nCloses #12", "#12", "message"),
    ("fix: totals\n\nCloses web/shop#12", "web/shop#12", "message"),
    ("fix: totals\n\nhttps://gitlab.example/web/shop/-/issues/12",
     "https://gitlab.example/web/shop/-/issues/12", "message"),
    ("fix: totals\n\nhttps://GitLab.example/Web/Shop/issues/12",
     "https://GitLab.example/Web/Shop/issues/12", "message"),
    ("fix: totals (GH-12)", "GH-12", "subject"),
])  # fmt: skip
def test_a_reference_is_resolved_to_its_record(
    shelf: Shelf, message: str, id_: str, why: str
) -> None:
    shelf.put("#12", title="合計が\x1b合わない")
    shelf.put("#12", project="gitlab.example/web/other", title="no")
    assert shelf.told(message) == [(id_, "合計が\x1b合わない", f"gitlab: {why}")]


def test_what_is_not_known_stays_as_the_message_has_it(shelf: Shelf) -> None:
    shelf.put("#12", project="gitlab.example/web/other")
    assert shelf.tickets("fix: totals (#12)\n\nSee !3, SHOP-1 and CVE-2021-1234") == [
        Ticket("#12", "", "https://gitlab.example/Web/Shop/-/issues/12", "subject"),
        Ticket("!3", "", "https://gitlab.example/Web/Shop/-/merge_requests/3", "message"),
        Ticket("SHOP-1", "", "", "message"),
        Ticket("CVE-2021-1234", "", "https://www.cve.org/CVERecord?id=CVE-2021-1234", "message"),
    ]


@pytest.mark.parametrize("message", [
    "Rework totals\n\nSee merge request !34", "Rework totals\n\nSee merge request web/shop!34",
    "Rework (!34)", "x\n\nhttps://gitlab.example/web/shop/-/merge_requests/34",
])  # fmt: skip
def test_a_merge_request_leads_to_the_issue_that_it_closed(shelf: Shelf, message: str) -> None:
    shelf.put("#12", title="合計", links=(("", "closed by !34"),))
    shelf.put("#13", title="no", links=(("", "closed by !3"), ("", "closed by !345")))
    where = "subject" if "(!34)" in message else "message"
    first, second = shelf.told(message)
    assert first == ("#12", "合計", f"gitlab: closed by !34 ({where})")
    assert second[1:] == ("", where)


def test_a_pull_requests_number_leads_to_the_issue_that_it_closed(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, "github")
    shelf.put("#12", project="github.com/acme/shop", title="total", source="github",
              links=(("", "closed by #56"),))  # fmt: skip
    assert shelf.told("Rework totals (#56)") == [
        ("#12", "total", "github: closed by #56 (subject)"), ("#56", "", "subject"),
    ]  # fmt: skip


def test_explicit_links_come_first_and_remember_why(shelf: Shelf) -> None:
    shelf.put("#12", title="合計", links=((SHA, "closed by !34"),))
    shelf.put("#13", title="題")
    assert shelf.told("fix: totals (#13)\n\nCloses #12") == [
        ("#12", "合計", "gitlab: closed by !34"), ("#13", "題", "gitlab: subject"),
    ]  # fmt: skip
    assert shelf.told("Tidy") == [("#12", "合計", "gitlab: closed by !34")]
    assert shelf.told("Tidy", OTHER) == []


def test_a_ticket_is_named_as_the_message_writes_it_or_could(shelf: Shelf) -> None:
    """For whoever looks it up or silences it."""
    shelf.put("#12", project="gitlab.example/ops/tools", links=((SHA, "closed by web/shop!34"),))
    shelf.put("SHOP-3", project="jira.example/shop", source="jira", links=((SHA, ""),))
    shelf.put("#4", project="redmine.example/shop", links=((SHA, "by hand"),))
    assert [(one[0], one[2]) for one in shelf.told("Tidy")] == [
        ("ops/tools#12", "gitlab: closed by web/shop!34"),
        ("SHOP-3", "jira: named by its tracker"),
        ("redmine.example/shop#4", "gitlab: by hand"),
    ]
    assert shelf.told("Tidy, see ops/tools#12")[0][0] == "ops/tools#12"


def test_keys_are_found_wherever_they_are_kept(shelf: Shelf) -> None:
    shelf.put("SHOP-3", project="jira.example/shop", title="合計", source="jira", type="bug")
    for message in ("SHOP-3: fix totals", "fix totals\n\nhttps://jira.example/browse/SHOP-3"):
        [(_, title, why)] = shelf.told(message)
        assert (title, why.partition(":")[0]) == ("合計", "jira")


def test_where_several_could_be_meant_none_is_quoted(shelf: Shelf) -> None:
    shelf.put("SHOP-3", project="jira.example/shop", title="合計", updated=1)
    shelf.put("SHOP-3", project="jira/shop", title="合計", updated=2, source="jira")
    assert [one[2] for one in shelf.told("SHOP-3: fix totals")] == ["jira: subject"]
    shelf.put("SHOP-3", project="old.example/shop", title="別の問題")
    assert shelf.told("SHOP-3: fix totals") == [("SHOP-3", "", "subject")]
    shelf.more = ("old.example/shop",)
    assert [one[1] for one in shelf.told("SHOP-3: fix totals")] == ["別の問題"]


def test_a_renamed_project_is_found_by_its_other_names(shelf: Shelf) -> None:
    shelf.put("#12", project="gitlab.example/shops/web", title="新しい名前")
    assert shelf.told("fix (#12)") == [("#12", "", "subject")]
    shelf.more = ("gitlab.example/none", "https://gitlab.example:8443/Shops/Web.git")
    assert [one[1] for one in shelf.told("fix (#12)")] == ["新しい名前"]
    shelf.put("#12", title="自分の")
    assert [one[1] for one in shelf.told("fix (#12)")] == ["自分の"]


def test_without_a_remote_only_configured_projects_are_asked(shelf: Shelf) -> None:
    shelf.put("#12", title="合計")
    shelf.remote = None
    assert shelf.told("fix (#12)") == [("#12", "", "subject")]
    shelf.more = (HOST,)
    assert [one[1] for one in shelf.told("fix (#12)")] == ["合計"]


def test_a_teams_own_references(shelf: Shelf) -> None:
    shelf.rules = TicketRules((r"BUG\d+", r"票\d+"))
    shelf.put("BUG77", project="tracker.example/shop", title="合計")
    shelf.put("#12", title="題")
    assert [one[1] for one in shelf.told("BUG77 and 票12 fixed")] == ["合計", "題"]


@pytest.mark.parametrize(("message", "answers"), [
    ("fix: totals (#12)", True), ("#12 fix totals", True), ("Fixes #12: totals", True),
    ("[SHOP-1] #12 - fix", True), ("fix totals\n\nCloses #12", True), ("fix\n\nTicket: #12", True),
    ("fix\n\nfixes: #12", True), ("fix\n\n不具合 resolves the issue #12", True),
    ("Fix crash since #12", False), ("Fix crash introduced in #12", False),
    ("Fix regression from #12", False), ("Fix what broke (see #12)", False),
    ("fix totals\n\nAs #12 said, all was wrong.", False), ("fix\n\nRefs #12", False),
    ("Follow-up to #12: fix", False), ("fix\n\n#12 and other things", False),
    ("#12以降の不具合を修正", True),
])  # fmt: skip
def test_what_a_commit_answers_and_what_it_mentions(message: str, answers: bool) -> None:
    assert ("#12" in answered(message, find(message))) is answers


@given(st.text("fixescl #12,(see)since-\n", max_size=200))
def test_only_what_is_named_is_answered(message: str) -> None:
    references = find(message)
    assert answered(message, references) <= {one.text for one in references}


FIX = "fix: totals (#12)"


@pytest.mark.parametrize(("labels", "learned"), [
    ((), True), (("bug",), True), (("area",), True), (("feature",), False),
    (("duplicate", "bug"), False), (("feature", "bug"), True),
])  # fmt: skip
def test_a_fix_of_no_bug_is_no_fix(shelf: Shelf, labels: tuple[str, ...], learned: bool) -> None:
    shelf.put("#12", *labels)
    assert shelf.decided(FIX)[0] is learned
    assert shelf.decided("fix: totals\n\nCloses #12")[0] is learned
    assert shelf.decided("fix: totals")[0]


def test_nor_is_one_that_its_merge_request_says_answers_a_feature(shelf: Shelf) -> None:
    shelf.put("#12", "feature", links=((SHA, "closed by !34"), ("", "closed by !35")))
    assert shelf.decided("fix: totals") == (False, False, "not-a-bug-ticket")
    assert shelf.decided("fix: totals\n\nSee merge request !35", OTHER)[0] is False
    assert shelf.decided("fix: totals", OTHER)[0]


def test_a_feature_that_is_only_mentioned_takes_no_fix_away(shelf: Shelf) -> None:
    shelf.put("#12", "feature")
    shelf.put("#13", "bug")
    assert shelf.decided("Fix crash since #12")[0]
    assert shelf.decided("fix: totals (#13)\n\nCloses #12")[0]
    assert shelf.decided("fix: totals (#99)\n\nCloses #12")[0] is False


def test_a_lesser_repair_that_a_feature_asked_for_goes_too(shelf: Shelf) -> None:
    message = "Remove the old limit\n\nCloses #12"
    assert shelf.decided(message)[1]
    shelf.put("#12", "feature")
    assert shelf.decided(message) == (False, False, "not-a-bug-ticket")


@pytest.mark.parametrize(("message", "learned", "lesser"), [
    ("Use another rounding", True, False), ("Add a bound to the loop", True, False),
    ("More fixes", True, False), ("Refactor totals", False, True), ("chore: totals", False, True),
    ("chore: bump version to 1.2.3", False, False), ("docs: totals", False, False),
    ("test: totals", False, False), ('Revert "Add totals"', False, False),
    ("Bump lodash from 1.2.3 to 1.2.4", False, False),
])  # fmt: skip
def test_a_bugs_own_merge_request_makes_a_fix(
    shelf: Shelf, message: str, learned: bool, lesser: bool
) -> None:
    before = shelf.decided(message)
    shelf.put("#12", "bug", links=((SHA, "closed by !34"),))
    assert shelf.decided(message)[:2] == (learned, lesser)
    assert shelf.decided(message, OTHER) == before
    shelf.put("#12", "area", links=((SHA, "closed by !34"),))
    assert shelf.decided(message) == before


def test_a_bug_that_is_only_named_makes_no_fix(shelf: Shelf) -> None:
    shelf.put("#12", "bug", links=(("", "closed by !34"),))
    assert shelf.decided("Use another rounding (#12)")[0] is False
    assert shelf.decided("Use another rounding\n\nSee merge request !34")[0] is False


def test_a_merge_stays_one(shelf: Shelf) -> None:
    shelf.put("#12", "bug", links=((SHA, "merge commit of !34"),))
    assert shelf.decided("Merge branch 'x'", parents=2) == (False, False, "merge")


def test_what_the_settings_say_of_a_subject_stands(shelf: Shelf) -> None:
    shelf.put("#12", "feature")
    shelf.put("#13", "bug", links=((SHA, "closed by !34"),))
    rules = FixRules(("^HOTFIX",), ("^skip",))
    told = Lesson(remote=shelf.remote, join=shelf.join, fixes=rules)
    assert judged(told, OTHER, "HOTFIX (#12)", 1).decision.learned
    assert not judged(told, SHA, "skip this", 1).decision.remembered


def test_only_bugs(shelf: Shelf) -> None:
    shelf.bugs_only = True
    shelf.put("#12", "bug")
    shelf.put("#13", "area")
    assert shelf.decided(FIX)[0]
    assert shelf.decided("fix: totals\n\nRefs #12")[0]
    for message in ("fix: totals", "fix: totals (#13)", "fix: totals (#99)"):
        assert shelf.decided(message) == (False, False, "bugs-only")
    assert shelf.decided("Use another rounding (#12)")[2] == "no-fix-word"


@given(st.text(max_size=80), st.integers(0, 2))
def test_tickets_that_are_none_change_nothing(message: str, parents: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        shelf.put("#123456", "feature")
        told = Lesson(remote=shelf.remote, join=shelf.join)
        plain = Lesson(remote=shelf.remote)
        assert judged(told, SHA, message, parents) == judged(plain, SHA, message, parents)
        assert judged(plain, SHA, message, parents).decision == judge_message(message, parents)


def test_the_digest_names_all_that_counts(shelf: Shelf) -> None:
    assert shelf.join.digest == ""
    shelf.put("#12", "bug")
    one = shelf.join.digest
    assert shelf.join.digest == one
    shelf.more = ("gitlab.example/a/b",)
    two = shelf.join.digest
    shelf.put("#12", "feature")
    assert len({one, two, shelf.join.digest}) == 3


def test_what_is_joined_says_so() -> None:
    joined = Joined(Ticket("#1", "", "", "subject"), None)
    assert (joined.answers, joined.explicit) == (True, False)
