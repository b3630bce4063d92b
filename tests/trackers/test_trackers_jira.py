"""Jira's tickets, of Cloud and of Data Center, from a loopback server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fake_gitlab import EPOCH
from fake_jira import EMAIL, TOKEN, FakeJira, basic, issue, when
from loopback import Loopback
from tracking import Watch, is_sentence

from bugguard.domain.tickets import TicketKey, Tracked
from bugguard.errors import TrackerError
from bugguard.trackers import JiraTickets, connect
from bugguard.trackers.base import SKEW
from bugguard.trackers.jira import Jira

HOME = "127.0.0.1/shop"


@pytest.fixture(params=[True, False], ids=["cloud", "server"])
def fake(request: pytest.FixtureRequest) -> FakeJira:
    return FakeJira(cloud=request.param)


@pytest.fixture
def server(fake: FakeJira) -> Iterator[Loopback]:
    with Loopback(fake) as started:
        yield started


@pytest.fixture
def watch() -> Watch:
    return Watch()


def reader(server: Loopback, watch: Watch, project: str = "SHOP", **asked: Any) -> Jira:
    access = watch.access(environ={"JIRA_API_TOKEN": TOKEN})
    tracker = connect(JiraTickets(project, **{"url": server.url, **asked}), access)
    assert isinstance(tracker, Jira)
    return tracker


def keys(tracked: list[Tracked]) -> list[str]:
    return [one.record.key.id for one in tracked]


def test_a_ticket_comes_as_it_stands(fake: FakeJira, server: Loopback, watch: Watch) -> None:
    title = "合計が二重になる 🐛 <b>"
    document = {
        "type": "doc",
        "version": 1,
        "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": "手順は次の通り。"}]},
        ],
    }
    words = document if fake.cloud else "h2. 手順は次の通り。\n{code}x{code}"
    fake.issues = [
        issue(12, 40, summary=title, description=words, labels=["緊急"]),
        issue(13, 41, resolution={"name": "Won't Do"}, assignee=None, description=None),
        issue(14, 42, resolution={"name": "Duplicate"}, issuetype={"name": "Bug"}),
    ]
    tracker = reader(server, watch)
    found = list(tracker.tracked(None))
    first, second, third = (one.record for one in found)
    assert first.key == TicketKey(HOME, "SHOP-12")
    assert tracker.project == HOME
    assert first.title == title
    assert first.text == ("手順は次の通り。" if fake.cloud else words)
    assert first.url == f"{server.url}/browse/SHOP-12"
    assert (first.source, first.state, first.type, first.resolution) == (
        "jira", "closed", "bug", "fixed",
    )  # fmt: skip
    assert (first.created, first.closed, first.updated) == (EPOCH, EPOCH + 40, EPOCH + 40)
    assert (first.labels, first.people) == (("緊急",), ("Author", "Reporter", "Assignee"))
    assert (second.resolution, second.text, second.people) == (
        "won't do", "", ("Author", "Reporter"),
    )  # fmt: skip
    assert third.resolution == "duplicate"
    assert all(one.links == () for one in found)
    assert tracker.notes == ()


def test_what_is_asked_by_default(fake: FakeJira, server: Loopback, watch: Watch) -> None:
    doing = {"statusCategory": {"key": "indeterminate"}}
    fake.issues = [issue(1, 1), issue(2, 2, issuetype={"name": "Story"}), issue(3, 3, status=doing)]
    assert keys(list(reader(server, watch).tracked(None))) == ["SHOP-1"]
    assert fake.asked == [
        '(project = "SHOP" AND issuetype = Bug AND statusCategory = Done)'
        " ORDER BY updated ASC, key ASC"
    ]
    asked = server.requests[-1]
    assert "comment" not in asked.query["fields"]
    assert asked.path == ("/rest/api/3/search/jql" if fake.cloud else "/rest/api/2/search")


@pytest.mark.parametrize(
    ("jql", "sent"),
    [
        ("type = Bug", "(type = Bug)"),
        ("a = 1 OR b = 2 order by created DESC", "(a = 1 OR b = 2)"),
        ('summary ~ "order by phone"', '(summary ~ "order by phone")'),
        ("summary ~ 'say \\' ORDER BY' ORDER\nBY key", "(summary ~ 'say \\' ORDER BY')"),
        ("reorder = 1", "(reorder = 1)"),
    ],
)
def test_the_users_query(
    fake: FakeJira, server: Loopback, watch: Watch, jql: str, sent: str
) -> None:
    open_ = {"statusCategory": {"key": "new"}}
    fake.issues = [issue(1, 1, status=open_), issue(7, 2, "OPS")]
    found = list(reader(server, watch, jql=jql).tracked(None))
    assert fake.asked == [f"{sent} ORDER BY updated ASC, key ASC"]
    assert [one.record.state for one in found] == ["open", "closed"]
    assert found[1].record.key == TicketKey("127.0.0.1/ops", "OPS-7")  # as far as the query goes


@pytest.mark.parametrize("jql", ["ORDER BY key", " order  by updated"])
def test_a_query_that_asks_nothing(server: Loopback, watch: Watch, jql: str) -> None:
    with pytest.raises(TrackerError, match="has only an order"):
        list(reader(server, watch, jql=jql).tracked(None))


@pytest.mark.parametrize("project", ["", "my shop", 'X" OR project = "Y', "1A"])
def test_what_is_no_key(server: Loopback, watch: Watch, project: str) -> None:
    with pytest.raises(TrackerError, match="not the key of a Jira project"):
        reader(server, watch, project)


def test_a_project_that_is_not_there(fake: FakeJira, server: Loopback, watch: Watch) -> None:
    with pytest.raises(TrackerError) as caught:
        list(reader(server, watch, "NONE").tracked(None))
    said = str(caught.value)
    assert "The value 'NONE' does not exist" in said
    assert "JQL may have a fault" in said
    assert is_sentence(said)


def test_every_page_is_read(fake: FakeJira, server: Loopback, watch: Watch) -> None:
    fake.issues = [issue(number, (600 - number) * 7) for number in range(1, 251)]
    found = keys(list(reader(server, watch).tracked(None)))
    assert found == [f"SHOP-{number}" for number in range(250, 0, -1)]


def test_more_than_the_window_of_offsets(fake: FakeJira, server: Loopback, watch: Watch) -> None:
    fake.window = 200
    fake.issues = [issue(number, number * 30) for number in range(1, 501)]
    assert len(list(reader(server, watch).tracked(None))) == 500


def test_an_issue_that_changes_meanwhile_hides_no_other(
    fake: FakeJira, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(number, number * 30) for number in range(1, 301)]
    seen: list[str] = []
    for one in reader(server, watch).tracked(None):
        seen += keys([one])
        if len(seen) in (40, 140):
            for number in (len(seen) - 3, len(seen) - 9):
                fake.issues[number]["fields"]["updated"] = when(50_000 + number)
    assert set(seen) == {f"SHOP-{number}" for number in range(1, 301)}


def test_many_of_one_minute_are_all_read(fake: FakeJira, server: Loopback, watch: Watch) -> None:
    fake.issues = [issue(number, 600 + number // 10) for number in range(1, 401)]
    found = keys(list(reader(server, watch).tracked(None)))
    assert len(found) == len(set(found)) == 400
    assert len(fake.asked) <= 30


def test_only_what_changed_since_is_asked_for(
    fake: FakeJira, server: Loopback, watch: Watch
) -> None:
    """By the server's clock, which is years behind ours here."""
    skew = int(SKEW)
    fake.issues = [
        issue(1, 60),
        issue(2, 5000 - skew - 180),
        issue(3, 5000 - skew),
        issue(4, 9000),
        issue(5, 9001, issuetype={"name": "Story"}),
        issue(6, 9002, status={"statusCategory": {"key": "new"}}),
    ]
    tracker = reader(server, watch)
    assert keys(list(tracker.tracked(EPOCH + 5000))) == ["SHOP-3", "SHOP-4"]
    assert tracker.withdrawn == {TicketKey(HOME, "SHOP-5"), TicketKey(HOME, "SHOP-6")}


def test_secured_issues_are_left_out_unless_asked_for(
    fake: FakeJira, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(1, 1), issue(2, 2, security={"id": "1", "name": "Internal"})]
    tracker = reader(server, watch)
    assert keys(list(tracker.tracked(None))) == ["SHOP-1"]
    assert tracker.notes == ("1 ticket is confidential and left out.",)
    assert tracker.withdrawn == {TicketKey(HOME, "SHOP-2")}
    found = list(reader(server, watch, confidential=True).tracked(None))
    assert [one.record.confidential for one in found] == [False, True]


@pytest.mark.parametrize("email", ["", EMAIL])
def test_how_the_token_is_sent(fake: FakeJira, server: Loopback, watch: Watch, email: str) -> None:
    fake.authorization = basic(email, TOKEN) if email else f"Bearer {TOKEN}"
    fake.issues = [issue(1, 1)]
    environ = {"JIRA_API_TOKEN": TOKEN, "JIRA_EMAIL": email}
    tracker = connect(JiraTickets("SHOP", server.url), watch.access(environ=environ))
    assert keys(list(tracker.tracked(None))) == ["SHOP-1"]


def test_a_login_that_failed_does_not_pass_for_a_stranger(
    fake: FakeJira, server: Loopback, watch: Watch
) -> None:
    fake.failed_login = True
    with pytest.raises(TrackerError, match="refuses the token of JIRA_API_TOKEN"):
        list(reader(server, watch).tracked(None))


def test_a_site_under_a_path(watch: Watch) -> None:
    fake = FakeJira(cloud=False, root="/jira", issues=[issue(1, 1)])
    with Loopback(fake) as server:
        tracker = reader(server, watch, url=f"{server.url}/jira")
        [one] = tracker.tracked(None)
        assert one.record.url == f"{server.url}/jira/browse/SHOP-1"
    assert one.record.key == TicketKey("127.0.0.1/jira/shop", "SHOP-1")
