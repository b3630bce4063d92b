"""GitHub's tickets and what ties them to commits, through PyGithub, from a loopback server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import github
import pytest
from fake_github import (
    TOKEN,
    FakeGitHub,
    closed,
    commit,
    commits,
    issue,
    mentioned,
    merge,
    pull,
    referenced,
    when,
)
from fake_gitlab import EPOCH, sha
from loopback import Loopback, Reply
from tracking import Watch, is_sentence

from bugguard.domain.tickets import TicketKey, TicketLink, Tracked
from bugguard.errors import TrackerError
from bugguard.trackers import GitHubTickets, connect
from bugguard.trackers.base import SKEW
from bugguard.trackers.github import GitHub
from bugguard.trackers.github_client import addresses

HOME = "127.0.0.1/acme/shop"


@pytest.fixture
def fake() -> FakeGitHub:
    return FakeGitHub()


@pytest.fixture
def server(fake: FakeGitHub) -> Iterator[Loopback]:
    with Loopback(fake) as started:
        yield started


@pytest.fixture
def watch() -> Watch:
    return Watch()


def reader(
    server: Loopback, watch: Watch, project: str = "acme/shop", tags: Any = None, **asked: Any
) -> GitHub:
    access = watch.access(environ={"GH_ENTERPRISE_TOKEN": TOKEN}, validators=tags)
    tracker = connect(GitHubTickets(project, **{"url": server.url, **asked}), access)
    assert isinstance(tracker, GitHub)
    return tracker


def numbers(tracked: list[Tracked]) -> list[int]:
    return [int(one.record.key.id[1:]) for one in tracked]


def links(tracked: Tracked) -> list[tuple[str, str]]:
    return [(link.commit, link.why) for link in tracked.links]


def test_a_ticket_comes_as_it_stands(fake: FakeGitHub, server: Loopback, watch: Watch) -> None:
    title, words = "合計が二重になる 🐛", "手順\r\n1. 開く\n<img src=x onerror=alert(1)>"
    kinds = [{"name": "bug"}, {"name": "優先度/高"}]
    fake.issues = [
        issue(12, 40, title=title, body=words, labels=kinds, type={"name": "Bug"}),
        issue(13, 41, state_reason="not_planned", body=None, user=None),
        issue(14, 42, state_reason="duplicate"),
    ]
    fake.events = {"I_12": [closed(actor="鈴木")]}
    tracker = reader(server, watch)
    first, second, third = (one.record for one in tracker.tracked(None))
    assert first.key == TicketKey(HOME, "#12")
    assert tracker.project == HOME
    assert (first.title, first.text, first.labels) == (title, words, ("bug", "優先度/高"))
    assert first.url == "https://ghe.example/acme/shop/issues/12"
    assert (first.source, first.state, first.type, first.resolution) == (
        "github", "closed", "bug", "completed",
    )  # fmt: skip
    assert (first.created, first.closed, first.updated) == (EPOCH, EPOCH + 40, EPOCH + 40)
    assert first.people == ("author", "assignee", "鈴木")
    assert (second.text, second.people, second.resolution) == ("", ("assignee",), "not planned")
    assert third.resolution == "duplicate"
    assert not any("comments" in path for path in server.paths)


def test_what_is_not_said_to_be_utf_8_is_it(
    fake: FakeGitHub, server: Loopback, watch: Watch
) -> None:
    raw = json.dumps([issue(1, 1, title="合計が二重になる é")], ensure_ascii=False).encode()
    server.faults = [("/issues$", Reply(raw, headers={"Content-Type": "application/json"}))]
    [one] = reader(server, watch).tracked(None)
    assert one.record.title == "合計が二重になる é"


def test_a_pull_request_is_no_issue(fake: FakeGitHub, server: Loopback, watch: Watch) -> None:
    fake.issues = [issue(n, n, pull_request={"url": "x"}) for n in range(1, 60)]
    fake.issues.append(issue(60, 60))
    tracker = reader(server, watch)
    assert numbers(list(tracker.tracked(None))) == [60]
    assert tracker.notes == ()


# How a pull request reaches its branch, and what of it is in the history then.

OWN = [commit(31, "One"), commit(32, "Two")]
REBASED = [{**commit(32, "Two"), "oid": sha(42)}, {**commit(31, "One"), "oid": sha(41)}]
BEFORE = [commit(7, "Before")]


@pytest.mark.parametrize(
    ("merge_commit", "own", "expected"),
    [
        pytest.param(
            merge(50, 2, BEFORE), OWN,
            [
                (sha(50), "merge commit of #3, which closes it"),
                (sha(31), "commit of #3, which closes it"),
                (sha(32), "commit of #3, which closes it"),
            ],
            id="merged",
        ),
        pytest.param(
            merge(50, 1, [commit(50, "All (#3)"), *BEFORE]), OWN,
            [(sha(50), "squash commit of #3, which closes it")],
            id="squashed",
        ),
        pytest.param(
            merge(42, 1, [*REBASED, *BEFORE]), OWN,
            [
                (sha(41), "commit of #3, which closes it"),
                (sha(42), "commit of #3, which closes it"),
            ],
            id="rebased",
        ),
        pytest.param(
            merge(50, 1, []), OWN[:1],
            [(sha(50), "commit of #3, which closes it")],
            id="one commit, squashed or rebased",
        ),
        pytest.param(
            merge(32, 1, []), OWN,
            [
                (sha(31), "commit of #3, which closes it"),
                (sha(32), "commit of #3, which closes it"),
            ],
            id="pushed as they are",
        ),
        pytest.param(
            None, OWN,
            [
                (sha(31), "commit of #3, which closes it"),
                (sha(32), "commit of #3, which closes it"),
            ],
            id="nobody knows how",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("how", ["reference", "event"])
def test_the_commits_of_a_closing_request(
    fake: FakeGitHub,
    server: Loopback,
    watch: Watch,
    merge_commit: Any,
    own: list[dict[str, Any]],
    expected: list[tuple[str, str]],
    how: str,
) -> None:
    fake.issues = [issue(12, 40)]
    one = pull(3, mergeCommit=merge_commit, commits=commits(*own))
    if how == "reference":
        fake.closers = {"I_12": [one]}
    else:
        fake.events = {"I_12": [closed(one)]}
    [ticket] = reader(server, watch).tracked(None)
    assert links(ticket) == expected


def simple(number: int, where: str = "acme/shop", **other: Any) -> dict[str, Any]:
    """A pull request of one commit of the same number."""
    one = commit(number, other.pop("message", "Mend it"))
    return pull(number, where, mergeCommit=merge(number + 500, 2), commits=commits(one), **other)


def both(number: int, why: str, name: str = "") -> list[tuple[str, str]]:
    name = name or f"#{number}"
    return [
        (sha(number + 500), f"merge commit of {name}, {why}"),
        (sha(number), f"commit of {name}, {why}"),
    ]


def test_a_request_that_was_not_merged_ties_nothing(
    fake: FakeGitHub, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(12, 40)]
    fake.closers = {"I_12": [simple(3, merged=False)]}
    fake.events = {"I_12": [mentioned(simple(4, merged=False, body="Fixes #12")), closed(None)]}
    [one] = reader(server, watch).tracked(None)
    assert one.links == ()


@pytest.mark.parametrize(
    ("body", "message", "why"),
    [
        ("Fixes #12", "", "which says that it closes it"),
        ("fixed: acme/shop#12", "", "which says that it closes it"),
        ("Resolves http://127.0.0.1/acme/shop/issues/12", "", "which says that it closes it"),
        ("close GH-12", "", "which says that it closes it"),
        ("", "Mend\n\nCloses #12", "a commit of which says that it closes it"),
        ("Fixing #12", "", None),  # GitLab's word, not GitHub's
        ("Fixes other/shop#12", "fix #123", None),
        ("Fixes https://elsewhere.example/acme/shop/issues/12", "", None),
        ("prefixes #12", "", None),
    ],
)
def test_a_request_that_says_so(
    fake: FakeGitHub, server: Loopback, watch: Watch, body: str, message: str, why: str | None
) -> None:
    """Into another branch than the default one, say, where GitHub closes nothing itself."""
    fake.issues = [issue(12, 40)]
    fake.closers = {"I_12": [simple(2)]}
    fake.events = {"I_12": [mentioned(simple(3, body=body, message=message))]}
    [one] = reader(server, watch).tracked(None)
    assert links(one) == both(2, "which closes it") + (both(3, why) if why else [])


def test_commits_that_close_it_themselves(fake: FakeGitHub, server: Loopback, watch: Watch) -> None:
    fake.issues = [issue(12, 40)]
    fake.events = {
        "I_12": [
            closed({"__typename": "Commit", "oid": sha(5)}),
            closed({"__typename": "ProjectV2"}),
            referenced(commit(6, "Fixes #12")),
            referenced(commit(7, "About #12")),
            referenced(commit(8, "Fixes #12"), "fork/shop"),  # its own #12
            referenced(commit(9, "Fixes acme/shop#12"), "fork/shop"),
        ]
    }
    [one] = reader(server, watch).tracked(None)
    assert links(one) == [
        (sha(5), "commit that closes it"),
        (sha(6), "commit that says that it closes it"),
        (sha(9), "commit that says that it closes it"),
    ]


def test_a_mention_counts_only_where_nothing_closes(
    fake: FakeGitHub, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(n, 40) for n in range(1, 5)]
    late = simple(5, mergedAt=when(40 + 86_400 + 1))
    fake.events = {
        "I_1": [mentioned(simple(3)), mentioned(simple(6, "acme/api"))],
        "I_2": [mentioned(simple(3)), closed(simple(4))],
        "I_3": [mentioned(late), mentioned({"__typename": "Issue"})],
        "I_4": [mentioned(simple(6, "stranger/app"))],
    }
    found = [links(one) for one in reader(server, watch).tracked(None)]
    assert found == [
        both(3, "which mentions it") + both(6, "which mentions it", "acme/api#6"),
        both(4, "which closes it"),
        [],
        [],
    ]


def test_of_a_release_only_the_commits_that_name_the_ticket(
    fake: FakeGitHub, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(12, 40)]
    own = commits(commit(31, "Fixes #12"), commit(32), total=101)
    fake.closers = {"I_12": [pull(3, mergeCommit=merge(50, 2), commits=own)]}
    [one] = reader(server, watch).tracked(None)
    assert links(one) == [(sha(31), "commit of #3, which closes it")]
    own["totalCount"] = 100
    [one] = reader(server, watch).tracked(None)
    assert len(one.links) == 3


def test_a_request_without_commits_is_named_at_least(
    fake: FakeGitHub, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(12, 40)]
    fake.closers = {"I_12": [pull(3, mergeCommit=None, commits=commits())]}
    tracker = reader(server, watch)
    [one] = tracker.tracked(None)
    assert one.links == (TicketLink(one.record.key, "", "in #3, which closes it"),)
    assert tracker.notes == ("1 ticket is closed by a merge request whose commits are unknown.",)


def test_few_questions_are_asked(fake: FakeGitHub, server: Loopback, watch: Watch) -> None:
    fake.issues = [issue(number, number) for number in range(1, 101)]
    fake.closers = {f"I_{number}": [simple(number % 50 + 1)] for number in range(1, 101)}
    found = list(reader(server, watch).tracked(None))
    assert all(len(one.links) == 2 for one in found)
    posted = [one for one in server.requests if one.method == "POST"]
    assert len(posted) == 4 + 2  # 25 issues each; 50 pull requests, each once
    assert len(server.requests) == len(posted) + 2


# What is asked for.


def test_what_is_asked_by_default(fake: FakeGitHub, server: Loopback, watch: Watch) -> None:
    feature = [{"name": "feature"}]
    fake.issues = [issue(1, 1), issue(2, 2, labels=feature), issue(3, 3, state="open")]
    assert numbers(list(reader(server, watch).tracked(None))) == [1]
    [asked] = [one.query for one in server.requests if one.path.endswith("/issues")]
    assert asked == {
        "state": "closed", "labels": "bug", "sort": "updated", "direction": "asc",
        "per_page": "100",
    }  # fmt: skip


def test_labels_type_and_state(fake: FakeGitHub, server: Loopback, watch: Watch) -> None:
    kinds = [{"name": "kind/bug"}, {"name": "P1 高"}]
    fake.issues = [
        issue(1, 1, labels=kinds),
        issue(2, 2, labels=kinds[:1], type={"name": "Bug"}),
        issue(3, 3, labels=kinds, type={"name": "Bug"}, state="open"),
        issue(4, 4, labels=kinds, type={"name": "Bug"}),
    ]
    asked = {"labels": ("kind/bug", "P1 高"), "type": "Bug"}
    assert numbers(list(reader(server, watch, **asked).tracked(None))) == [4]
    everything = reader(server, watch, labels=(), state="all")
    assert numbers(list(everything.tracked(None))) == [1, 2, 3, 4]


def test_every_page_is_read(fake: FakeGitHub, server: Loopback, watch: Watch) -> None:
    fake.issues = [issue(number, 1000 - number) for number in range(1, 251)]
    assert numbers(list(reader(server, watch).tracked(None))) == list(range(250, 0, -1))


def test_an_issue_that_changes_meanwhile_hides_no_other(
    fake: FakeGitHub, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(number, number) for number in range(1, 301)]
    seen: list[int] = []
    for one in reader(server, watch).tracked(None):
        seen += numbers([one])
        if len(seen) == 50:
            for number in (3, 9):
                fake.issues[number]["updated_at"] = when(5000 + number)
    assert set(seen) == set(range(1, 301))
    assert len(seen) == 302


def test_many_of_one_moment_are_all_read(fake: FakeGitHub, server: Loopback, watch: Watch) -> None:
    fake.issues = [issue(number, 7 if number < 240 else 8) for number in range(1, 261)]
    assert numbers(list(reader(server, watch).tracked(None))) == list(range(1, 261))


def test_only_what_changed_since_is_asked_for(
    fake: FakeGitHub, server: Loopback, watch: Watch
) -> None:
    skew = int(SKEW)
    fake.issues = [
        issue(1, 100),
        issue(2, 5000 - skew - 1),
        issue(3, 5000 - skew),
        issue(4, 9000),
        issue(5, 9001, state="open"),
        issue(6, 9002, labels=[]),
        issue(7, 9003, labels=[], pull_request={}),
    ]
    tracker = reader(server, watch)
    assert numbers(list(tracker.tracked(EPOCH + 5000))) == [3, 4]
    assert tracker.withdrawn == {TicketKey(HOME, "#5"), TicketKey(HOME, "#6")}


def test_a_run_without_news_costs_nothing(fake: FakeGitHub, server: Loopback, watch: Watch) -> None:
    fake.issues = [issue(1, 5000), issue(2, 5001, state="open")]
    tags: dict[str, str] = {}
    since = EPOCH + 5000
    assert numbers(list(reader(server, watch, tags=tags).tracked(since))) == [1]
    assert len(tags) == 1
    before = len(server.requests)
    again = reader(server, watch, tags=tags)
    assert list(again.tracked(since)) == []
    assert again.withdrawn == frozenset()
    assert len(server.requests) == before + 2  # the repository, and 304
    fake.issues[1] = issue(2, 5002)
    assert numbers(list(reader(server, watch, tags=tags).tracked(since))) == [1, 2]


def test_what_was_cut_is_not_taken_for_read(
    fake: FakeGitHub, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(1, 5000)]
    tags: dict[str, str] = {}
    server.faults = [("graphql", Reply({"message": "no"}, 400))]
    with pytest.raises(TrackerError):
        list(reader(server, watch, tags=tags).tracked(EPOCH + 5000))
    assert tags == {}
    assert numbers(list(reader(server, watch, tags=tags).tracked(EPOCH + 5000))) == [1]


def test_the_tag_of_a_first_page_says_nothing_of_a_second(
    fake: FakeGitHub, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(number, 5000 + number) for number in range(1, 121)]
    tags: dict[str, str] = {}
    list(reader(server, watch, tags=tags).tracked(EPOCH + 5000))
    assert tags == {}
    fake.issues[119]["title"] = "Another"
    found = list(reader(server, watch, tags=tags).tracked(EPOCH + 5000))
    assert found[-1].record.title == "Another"


# Repositories, tokens and what GraphQL refuses.


def test_a_renamed_repository_is_followed_and_named(
    fake: FakeGitHub, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(1, 1)]
    tracker = reader(server, watch, "Acme/old".lower())
    [one] = tracker.tracked(None)
    assert one.record.key.project == tracker.project == HOME
    assert tracker.notes == ("The repository acme/old is now called acme/shop.",)


@pytest.mark.parametrize("project", ["shop", "a/b/c", "acme/", "/", "a b"])
def test_what_is_no_repository(server: Loopback, watch: Watch, project: str) -> None:
    with pytest.raises(TrackerError, match="write it like owner/name"):
        next(reader(server, watch, project).tracked(None))
    assert server.requests == []


def test_a_repository_that_is_not_there(server: Loopback, watch: Watch) -> None:
    with pytest.raises(TrackerError, match="has no repository acme/shoe, or the token") as caught:
        next(reader(server, watch, "acme/shoe").tracked(None))
    assert is_sentence(str(caught.value))


def test_without_a_token_only_messages_tie(
    fake: FakeGitHub, server: Loopback, watch: Watch
) -> None:
    fake.token = None
    fake.issues = [issue(1, 1)]
    fake.closers = {"I_1": [simple(3)]}
    access = watch.access()
    tracker = connect(GitHubTickets("acme/shop", server.url), access)
    [one] = tracker.tracked(None)
    assert one.links == ()
    assert "without a token only commit messages tie commits" in tracker.notes[0]
    assert not [request for request in server.requests if request.method == "POST"]


def test_issues_that_went_away_are_counted(
    fake: FakeGitHub, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(1, 1), issue(2, 2)]
    fake.gone = {"I_1"}
    tracker = reader(server, watch)
    assert numbers(list(tracker.tracked(None))) == [2]
    assert tracker.notes == ("1 ticket is gone or not to be seen any more.",)
    assert tracker.withdrawn == {TicketKey(HOME, "#1")}


@pytest.mark.parametrize(
    ("kind", "words"),
    [("INSUFFICIENT_SCOPES", "(403): a token needs"), ("FORBIDDEN", None), ("OTHER", None)],
)
def test_what_graphql_keeps_back(
    fake: FakeGitHub, server: Loopback, watch: Watch, kind: str, words: str | None
) -> None:
    fake.issues = [issue(1, 1), issue(2, 2)]
    fake.errors = [{"type": kind, "message": "Resource protected by organization SAML"}]
    tracker = reader(server, watch)
    if words:
        with pytest.raises(TrackerError) as caught:
            list(tracker.tracked(None))
        assert words in str(caught.value)
        return
    assert len(list(tracker.tracked(None))) == 2
    assert len(tracker.notes) == (kind == "FORBIDDEN")
    assert all("keeps something from the token" in note for note in tracker.notes)


def test_a_server_that_does_not_know_the_question(
    fake: FakeGitHub, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(1, 1)]
    said = "Field 'closedByPullRequestsReferences' doesn't exist on type 'Issue'"
    server.faults = [("graphql", Reply({"errors": [{"message": said}]}))]
    with pytest.raises(TrackerError) as caught:
        list(reader(server, watch).tracked(None))
    assert said in str(caught.value)
    assert is_sentence(str(caught.value))


def test_graphql_has_limits_of_its_own(fake: FakeGitHub, server: Loopback, watch: Watch) -> None:
    fake.issues = [issue(1, 1)]
    spent = {"data": None, "errors": [{"type": "RATE_LIMITED", "message": "API rate limit"}]}
    server.faults = [("graphql", Reply(spent, headers={"Retry-After": "30"}))]
    assert len(list(reader(server, watch).tracked(None))) == 1
    assert watch.waits == [31.0]


@pytest.mark.parametrize("nodes", [None, {}, [1], [{"id": 5}], [{"id": "I_1", "timelineItems": 1}]])
def test_odd_answers_of_graphql(
    fake: FakeGitHub, server: Loopback, watch: Watch, nodes: Any
) -> None:
    fake.issues = [issue(1, 1)]
    server.faults = [("graphql", Reply({"data": {"nodes": nodes}}))]
    try:
        found = list(reader(server, watch).tracked(None))
    except TrackerError:
        assert not isinstance(nodes, list)
    else:
        assert all(one.links == () for one in found)


@pytest.mark.parametrize(
    ("url", "site", "api"),
    [
        ("https://github.com", "https://github.com", "https://api.github.com"),
        ("https://www.github.com/", "https://github.com", "https://api.github.com"),
        ("https://api.github.com", "https://github.com", "https://api.github.com"),
        ("https://acme.ghe.com", "https://acme.ghe.com", "https://api.acme.ghe.com"),
        ("https://ghe.example", "https://ghe.example", "https://ghe.example/api/v3"),
        ("https://ghe.example/api/v3/", "https://ghe.example", "https://ghe.example/api/v3"),
        ("http://x:8080/git", "http://x:8080/git", "http://x:8080/git/api/v3"),
    ],
)
def test_where_the_api_is(url: str, site: str, api: str) -> None:
    assert addresses(url) == (site, api)


def test_an_enterprise_server_under_a_path(watch: Watch) -> None:
    fake = FakeGitHub(root="/git/api/v3", graphql="/git/api/graphql", issues=[issue(1, 1)])
    fake.closers = {"I_1": [simple(3)]}
    with Loopback(fake) as server:
        tracker = reader(server, watch, url=f"{server.url}/git")
        [one] = tracker.tracked(None)
    assert one.record.key.project == "127.0.0.1/git/acme/shop"
    assert links(one) == both(3, "which closes it")


def test_pygithub_is_left_as_it_was(server: Loopback, watch: Watch) -> None:
    reader(server, watch)
    plain = github.Github(base_url="http://127.0.0.1:9/api/v3", retry=None)
    with pytest.raises(Exception, match="Max retries"):
        plain.get_repo("a/b")
    assert server.requests == []
