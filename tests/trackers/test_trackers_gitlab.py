"""GitLab's tickets and what ties them to commits, through python-gitlab, from a loopback server."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from fake_gitlab import EPOCH, TOKEN, FakeGitLab, commit, issue, merged, person, sha, when
from loopback import Loopback, Reply, Request
from tracking import Watch, is_sentence

from bugguard.domain.tickets import TicketKey, TicketLink, Tracked
from bugguard.errors import TrackerError
from bugguard.trackers import GitLabTickets, connect
from bugguard.trackers.base import SKEW
from bugguard.trackers.gitlab import GitLab
from bugguard.trackers.reading import CUT, TEXT_BYTES, TITLE_BYTES

HOME = "127.0.0.1/g/sub/shop"


@pytest.fixture
def fake() -> FakeGitLab:
    return FakeGitLab()


@pytest.fixture
def server(fake: FakeGitLab) -> Iterator[Loopback]:
    with Loopback(fake) as started:
        yield started


@pytest.fixture
def watch() -> Watch:
    return Watch()


def reader(server: Loopback, watch: Watch, project: str = "g/sub/shop", **asked: Any) -> GitLab:
    access = watch.access(environ={"GITLAB_TOKEN": TOKEN})
    given = {"url": server.url, **asked}
    tracker = connect(GitLabTickets(project, **given), access)
    assert isinstance(tracker, GitLab)
    return tracker


def numbers(tracked: list[Tracked]) -> list[int]:
    return [int(one.record.key.id[1:]) for one in tracked]


def links(tracked: Tracked) -> list[tuple[str, str]]:
    return [(link.commit, link.why) for link in tracked.links]


def test_a_ticket_comes_as_it_stands(fake: FakeGitLab, server: Loopback, watch: Watch) -> None:
    title = "カートの合計が税込みで二重に計算される 🐛🇯🇵"
    words = "再現手順:\n1. カートに入れる\n\t<b>太字</b> & «emoji» 👨‍👩‍👧"
    labels = ["bug", "優先度::高", "🔥"]
    fake.issues = [issue(12, 40, title=title, description=words, labels=labels)]
    tracker = reader(server, watch)
    [one] = tracker.tracked(None)
    record = one.record
    assert record.key == TicketKey(HOME, "#12")
    assert tracker.project == HOME
    assert (record.title, record.text, record.labels) == (title, words, tuple(labels))
    assert record.url == "https://gitlab.example/g/sub/shop/-/issues/12"
    assert (record.source, record.state, record.type, record.resolution) == (
        "gitlab", "closed", "", "",
    )  # fmt: skip
    assert (record.created, record.closed, record.updated) == (EPOCH, EPOCH + 40, EPOCH + 40)
    assert record.people == ("Author", "Assignee", "Closer")
    assert record.confidential is False
    assert one.links == ()
    assert tracker.notes == ()


def test_its_kind_and_how_it_ended(fake: FakeGitLab, server: Loopback, watch: Watch) -> None:
    same = {"closed_as_duplicate_of": "https://gitlab.example/api/v4/projects/7/issues/1"}
    fake.issues = [
        issue(1, 1, issue_type="incident", closed_by=None, author=None, assignees=[]),
        issue(2, 2, _links=same),
        issue(3, 3, state="opened", closed_at=None),
    ]
    found = [one.record for one in reader(server, watch, state="all").tracked(None)]
    assert [one.type for one in found] == ["incident", "", ""]
    assert [one.resolution for one in found] == ["", "duplicate", ""]
    assert [one.state for one in found] == ["closed", "closed", "open"]
    assert found[0].people == ()
    assert found[2].closed is None


# How a merge request reaches its branch, and what of it is in the history then.


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        pytest.param(
            {"squash_commit_sha": sha(1)},
            [(sha(1), "squash commit of !3, which closes it")],
            id="squashed and fast-forwarded",
        ),
        pytest.param(
            {"squash_commit_sha": sha(1), "merge_commit_sha": sha(2)},
            [
                (sha(1), "squash commit of !3, which closes it"),
                (sha(2), "merge commit of !3, which closes it"),
            ],
            id="squashed and merged",
        ),
        pytest.param(
            {"merge_commit_sha": sha(2)},
            [
                (sha(2), "merge commit of !3, which closes it"),
                (sha(31), "commit of !3, which closes it"),
                (sha(32), "commit of !3, which closes it"),
            ],
            id="merged",
        ),
        pytest.param(
            {},
            [
                (sha(31), "commit of !3, which closes it"),
                (sha(32), "commit of !3, which closes it"),
            ],
            id="rebased or fast-forwarded",
        ),
    ],
)
def test_the_commits_of_a_closing_request(
    fake: FakeGitLab,
    server: Loopback,
    watch: Watch,
    request_: dict[str, Any],
    expected: list[tuple[str, str]],
) -> None:
    fake.issues = [issue(12, 40)]
    fake.closers = {12: [merged(3, **request_)]}
    fake.commits = {(7, 3): [commit(31), commit(32)]}
    [one] = reader(server, watch).tracked(None)
    assert links(one) == expected
    assert all(link.ticket == one.record.key for link in one.links)


@pytest.mark.parametrize("state", ["opened", "closed", "locked"])
def test_a_request_that_was_not_merged_ties_nothing(
    fake: FakeGitLab, server: Loopback, watch: Watch, state: str
) -> None:
    fake.issues = [issue(12, 40)]
    fake.closers = {12: [merged(3, squash_commit_sha=sha(1), state=state)]}
    fake.related = {12: [merged(4, squash_commit_sha=sha(2), state=state)]}
    [one] = reader(server, watch).tracked(None)
    assert one.links == ()


@pytest.mark.parametrize(
    ("description", "message", "why"),
    [
        ("Closes #12", "", "which says that it closes it"),
        ("This fixes: #11, #12 and #13.", "", "which says that it closes it"),
        ("Resolves g/sub/shop#12", "", "which says that it closes it"),
        ("", "Mend it\n\nCloses #12", "a commit of which says that it closes it"),
        ("Closes #123", "", None),
        ("Closes other/shop#12", "Part of #12", None),
        ("Do not close #12 yet? See #12", "", "which says that it closes it"),
    ],
)
def test_a_related_request_that_says_so(
    fake: FakeGitLab,
    server: Loopback,
    watch: Watch,
    description: str,
    message: str,
    why: str | None,
) -> None:
    """Into another branch than the default one, say, where GitLab closes nothing itself."""
    fake.issues = [issue(12, 40)]
    fake.closers = {12: [merged(2, squash_commit_sha=sha(1))]}
    fake.related = {12: [merged(3, description=description)]}
    fake.commits = {(7, 3): [commit(31, message)]}
    [one] = reader(server, watch).tracked(None)
    expected = [(sha(1), "squash commit of !2, which closes it")]
    assert links(one) == expected + ([(sha(31), f"commit of !3, {why}")] if why else [])


def test_a_mention_counts_only_where_nothing_closes(
    fake: FakeGitLab, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(1, 40), issue(2, 50), issue(3, 60), issue(4, 70, state="opened")]
    fake.issues[3]["closed_at"] = None
    mention = merged(8, squash_commit_sha=sha(8), description="About #1")
    late = merged(9, squash_commit_sha=sha(9), merged_at=when(60 + 86_400 + 1))
    fake.closers = {2: [merged(5, squash_commit_sha=sha(5))]}
    fake.related = {1: [mention], 2: [mention], 3: [late], 4: [mention]}
    found = list(reader(server, watch, state="all").tracked(None))
    assert [links(one) for one in found] == [
        [(sha(8), "squash commit of !8, which mentions it")],
        [(sha(5), "squash commit of !5, which closes it")],
        [],
        [],
    ]


def test_a_request_of_another_project_is_named_whole(
    fake: FakeGitLab, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(12, 40)]
    other = merged(3, 9, "g/api", description="Closes g/sub/shop#12")
    same_number = merged(4, 9, "g/api", description="Closes #12")  # its own #12
    fake.closers = {12: [merged(1, squash_commit_sha=sha(1))]}
    fake.related = {12: [other, same_number]}
    fake.commits = {(9, 3): [commit(31)], (9, 4): [commit(41)], (7, 3): [commit(99)]}
    [one] = reader(server, watch).tracked(None)
    assert links(one)[1:] == [(sha(31), "commit of g/api!3, which says that it closes it")]


def test_of_a_release_only_the_commits_that_name_the_ticket(
    fake: FakeGitLab, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(12, 40), issue(13, 50)]
    release = merged(3, merge_commit_sha=sha(5_000))
    fake.closers = {12: [release], 13: [release]}
    some = [commit(1000 + place) for place in range(100)]
    fake.commits = {(7, 3): [commit(31, "Fix #12"), *some]}
    found = list(reader(server, watch).tracked(None))
    assert [links(one) for one in found] == [[(sha(31), "commit of !3, which closes it")], []]
    fake.commits[7, 3].pop()  # a hundred are a fix yet
    found = list(reader(server, watch).tracked(None))
    assert [len(one.links) for one in found] == [101, 101]


def test_a_request_without_commits_is_named_at_least(
    fake: FakeGitLab, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(12, 40)]
    fake.closers = {12: [merged(3)]}
    tracker = reader(server, watch)
    [one] = tracker.tracked(None)
    assert one.links == (TicketLink(one.record.key, "", "in !3, which closes it"),)
    assert tracker.notes == ("1 ticket is closed by a merge request whose commits are unknown.",)


def test_a_request_that_closes_many_is_read_once(
    fake: FakeGitLab, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(number, number) for number in range(1, 6)]
    fake.closers = {number: [merged(3)] for number in range(1, 6)}
    fake.commits = {(7, 3): [commit(31)]}
    assert [links(one) for one in reader(server, watch).tracked(None)] == [
        [(sha(31), "commit of !3, which closes it")]
    ] * 5
    assert sum("merge_requests/3/commits" in path for path in server.paths) == 1


# What is asked for.


def test_what_is_asked_by_default(fake: FakeGitLab, server: Loopback, watch: Watch) -> None:
    fake.issues = [
        issue(1, 1),
        issue(2, 2, labels=["feature"]),
        issue(3, 3, state="opened"),
        issue(4, 4, labels=["bug", "feature"]),
    ]
    assert numbers(list(reader(server, watch).tracked(None))) == [1, 4]
    [asked] = [one.query for one in server.requests if one.path.endswith("/issues")]
    assert asked == {
        "state": "closed", "labels": "bug", "scope": "all", "order_by": "updated_at",
        "sort": "asc", "per_page": "100",
    }  # fmt: skip


def test_labels_type_milestone_and_state(fake: FakeGitLab, server: Loopback, watch: Watch) -> None:
    mile = {"title": "v1 日本"}
    fake.issues = [
        issue(1, 1, labels=["a"]),
        issue(2, 2, labels=["a", "b"], milestone=mile, issue_type="incident"),
        issue(3, 3, labels=["a", "b"], milestone=mile),
        issue(4, 4, labels=["a", "b"], issue_type="incident"),
        issue(5, 5, labels=["a", "b"], milestone=mile, issue_type="incident", state="opened"),
    ]
    asked = {"labels": ("a", "b"), "type": "incident", "milestone": "v1 日本"}
    assert numbers(list(reader(server, watch, **asked).tracked(None))) == [2]
    everything = reader(server, watch, labels=(), state="all", scope="assigned_to_me")
    assert numbers(list(everything.tracked(None))) == [1, 2, 3, 4, 5]
    assert server.requests[-11].query["scope"] == "assigned_to_me"


def test_neither_comments_nor_confidential_issues_are_taken(
    fake: FakeGitLab, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(1, 1), issue(2, 2, confidential=True, title="key leaked"), issue(3, 3)]
    tracker = reader(server, watch)
    assert numbers(list(tracker.tracked(None))) == [1, 3]
    assert tracker.notes == ("1 ticket is confidential and left out.",)
    assert not any("issues/2" in path for path in server.paths)
    asked = list(reader(server, watch, confidential=True).tracked(None))
    assert [one.record.confidential for one in asked] == [False, True, False]
    assert not [path for path in server.paths if "note" in path or "discussion" in path]


def test_an_issue_that_does_not_say_counts_as_confidential(
    fake: FakeGitLab, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(1, 1)]
    del fake.issues[0]["confidential"]
    assert list(reader(server, watch).tracked(None)) == []


def test_moved_and_deleted_issues_are_counted(
    fake: FakeGitLab, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(1, 1, moved_to_id=5), issue(2, 2), issue(3, 3), issue(4, 4)]
    gone = Reply({"message": "404 Issue Not Found"}, 404)
    server.faults = [("issues/2/closed_by", gone), ("issues/3/related", gone)]
    tracker = reader(server, watch)
    assert numbers(list(tracker.tracked(None))) == [4]
    assert tracker.notes == (
        "2 tickets are gone or not to be seen any more.",
        "1 ticket is moved to another project.",
    )
    assert tracker.withdrawn == {TicketKey(HOME, f"#{number}") for number in (1, 2, 3)}


# Pages, changes while they are read, and what is new.


def test_every_page_is_read(fake: FakeGitLab, server: Loopback, watch: Watch) -> None:
    fake.issues = [issue(number, 1000 - number) for number in range(1, 251)]
    found = numbers(list(reader(server, watch).tracked(None)))
    assert found == list(range(250, 0, -1))
    fake.related = {1: [merged(number, squash_commit_sha=sha(number)) for number in range(1, 151)]}
    [*_, last] = reader(server, watch).tracked(None)
    assert len(last.links) == 150


def test_an_issue_that_changes_meanwhile_hides_no_other(
    fake: FakeGitLab, server: Loopback, watch: Watch
) -> None:
    """It moves to the end of the listing, and what follows it moves up a place."""
    fake.issues = [issue(number, number) for number in range(1, 301)]
    seen: list[int] = []
    for one in reader(server, watch).tracked(None):
        seen.append(numbers([one])[0])
        if len(seen) in (50, 150):
            for number in (len(seen) - 1, len(seen) - 7):
                fake.issues[number]["updated_at"] = when(5000 + number)
    assert set(seen) == set(range(1, 301))
    assert sorted({number for number in seen if seen.count(number) > 1}) == [44, 50, 144, 150]


def test_a_next_page_by_a_name_of_the_servers_own(
    fake: FakeGitLab, server: Loopback, watch: Watch
) -> None:
    """Which only its own network knows; our address for it is kept."""
    fake.issues = [issue(number, 5) for number in range(1, 151)]
    usual = server.answer

    def answer(request: Request) -> Reply:
        reply = usual(request)
        if "Link" in reply.headers:
            reply.headers["Link"] = reply.headers["Link"].replace("127.0.0.1", "gitlab.internal")
        return reply

    server.answer = answer
    assert numbers(list(reader(server, watch).tracked(None))) == list(range(1, 151))


def test_a_proxy_that_strips_headers_hides_no_page(
    fake: FakeGitLab, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(number, number) for number in range(1, 151)]
    usual = server.answer

    def answer(request: Request) -> Reply:
        reply = usual(request)
        reply.headers = {key: one for key, one in reply.headers.items() if key[0] != "x"}
        return reply

    server.answer = answer
    assert numbers(list(reader(server, watch).tracked(None))) == list(range(1, 151))


def test_many_of_one_moment_are_all_read(fake: FakeGitLab, server: Loopback, watch: Watch) -> None:
    fake.issues = [issue(number, 7 if number < 240 else 8) for number in range(1, 261)]
    assert numbers(list(reader(server, watch).tracked(None))) == list(range(1, 261))


def test_only_what_changed_since_is_asked_for(
    fake: FakeGitLab, server: Loopback, watch: Watch
) -> None:
    skew = int(SKEW)
    assert skew >= 120  # a clock may be wrong by minutes
    fake.issues = [issue(1, 100), issue(2, 5000 - skew - 1), issue(3, 5000 - skew), issue(4, 9000)]
    tracker = reader(server, watch)
    assert numbers(list(tracker.tracked(EPOCH + 5000))) == [3, 4]
    assert not tracker.withdrawn


def test_what_is_not_wanted_any_more_is_withdrawn(
    fake: FakeGitLab, server: Loopback, watch: Watch
) -> None:
    fake.issues = [
        issue(1, 5000),
        issue(2, 5001, state="opened", closed_at=None),
        issue(3, 5002, labels=["feature"]),
        issue(4, 5003, confidential=True),
        issue(5, 100, labels=["feature"]),  # long known not to be one
    ]
    tracker = reader(server, watch)
    assert numbers(list(tracker.tracked(EPOCH + 4000))) == [1]
    assert tracker.withdrawn == {TicketKey(HOME, f"#{number}") for number in (2, 3, 4)}


def test_what_was_cut_goes_on_where_it_stopped(
    fake: FakeGitLab, server: Loopback, watch: Watch
) -> None:
    fake.issues = [issue(number, number) for number in range(1, 131)]
    fake.closers = {
        number: [merged(number, squash_commit_sha=sha(number))] for number in range(131)
    }
    server.faults = [("issues/77/related", Reply({"message": "gone mad"}, 400))]
    kept: dict[TicketKey, Tracked] = {}

    def take(since: int | None) -> None:
        kept.update((one.record.key, one) for one in reader(server, watch).tracked(since))

    with pytest.raises(TrackerError) as caught:
        take(None)
    assert is_sentence(str(caught.value))
    assert len(kept) == 76
    assert all(len(one.links) == 1 for one in kept.values())
    take(max(one.record.updated or 0 for one in kept.values()))
    assert len(kept) == 130


# Projects.


def test_a_renamed_project_is_followed_and_named(
    fake: FakeGitLab, server: Loopback, watch: Watch
) -> None:
    """The redirection names another scheme and port, as a server behind a proxy does."""
    fake.redirect_to = "http://127.0.0.1:9"
    fake.issues = [issue(1, 1)]
    tracker = reader(server, watch, "old/shop")
    assert tracker.project == HOME
    [one] = tracker.tracked(None)
    assert one.record.key.project == HOME
    said = "The project old/shop is now called g/sub/shop."
    assert tracker.notes == (said,)
    assert watch.told == [said]


def test_a_redirection_to_another_host_gets_no_token(
    fake: FakeGitLab, server: Loopback, watch: Watch
) -> None:
    with Loopback(lambda request: Reply({"id": 7, "path_with_namespace": "g/sub/shop"})) as other:
        fake.redirect_to = f"http://localhost:{other.port}"
        with pytest.raises(TrackerError, match="sends on to another server") as caught:
            list(reader(server, watch, "old/shop").tracked(None))
        assert other.requests == []
    assert is_sentence(str(caught.value))


def test_a_server_under_a_path(watch: Watch) -> None:
    fake = FakeGitLab(root="/dev/gitlab", issues=[issue(1, 1)])
    fake.closers = {1: [merged(3, description="")]}
    fake.commits = {(7, 3): [commit(31)]}
    with Loopback(fake) as server:
        tracker = reader(server, watch, url=f"{server.url}/dev/gitlab/")
        [one] = tracker.tracked(None)
    assert one.record.key.project == "127.0.0.1/dev/gitlab/g/sub/shop"
    assert len(one.links) == 1


@pytest.mark.parametrize("name", ["shop", "Shop", "7"])
def test_a_name_alone_or_a_number(
    fake: FakeGitLab, server: Loopback, watch: Watch, name: str
) -> None:
    fake.others = ["g/shop-api", "g/workshop"]
    assert reader(server, watch, name).project == HOME


@pytest.mark.parametrize(
    ("name", "others", "words"),
    [
        ("shop", ["team/shop"], "2 projects called shop (g/sub/shop, team/shop)"),
        ("shoe", [], "has no project shoe"),
        ("g/shoe", [], "has no project g/shoe"),
        (" / ", [], "No GitLab project is named"),
    ],
)
def test_a_project_that_is_not_there(
    fake: FakeGitLab, server: Loopback, watch: Watch, name: str, others: list[str], words: str
) -> None:
    fake.others = others
    with pytest.raises(TrackerError) as caught:
        next(reader(server, watch, name).tracked(None))
    assert words in str(caught.value)
    assert is_sentence(str(caught.value))


# Malice and size.


def test_a_malicious_title_is_kept_and_cut(
    fake: FakeGitLab, server: Loopback, watch: Watch
) -> None:
    title = "\x1b[31m\u202egnp.exe <script>alert(1)</script> ' OR 1=1 \x00 \ud800"
    url = "javascript:alert(1)"
    fake.issues = [
        issue(1, 1, title=title, web_url=url, labels=["bug", "x" * 10**6, 7, None, ["y"]]),
        issue(2, 2, title="危" * (10 * 2**20 // 3)),
        issue(3, 3, title=" \n "),
    ]
    tracker = reader(server, watch)
    first, second = (one.record for one in tracker.tracked(None))
    assert first.title == title.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")
    assert first.url == ""
    assert [len(one.encode()) for one in first.labels] == [3, 512]
    assert second.title.endswith(CUT)
    assert len(second.title.encode()) <= TITLE_BYTES
    assert tracker.notes == ("1 ticket is without a number or a title.",)


def test_a_huge_description_does_not_eat_the_memory(server: Loopback, watch: Watch) -> None:
    words = "説" + 'a\\n\\u3042\\"' * (50 * 2**20 // 12)
    head, tail = json.dumps([issue(1, 1), issue(2, 2)]).split('"What is wrong in 1"')
    page = f'{head}"{words}"{tail}'.encode()
    usual = server.answer

    def answer(request: Request) -> Reply:
        return Reply(page) if request.path.endswith("/issues") else usual(request)

    server.answer = answer
    tracker = reader(server, watch)
    assert tracker.project == HOME  # whatever is imported is imported
    tracemalloc.start()
    found = [one.record for one in tracker.tracked(None)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [one.key.id for one in found] == ["#1", "#2"]
    assert found[0].text.startswith('説a\nあ"a\nあ"')
    assert found[0].text.endswith(CUT)
    assert TEXT_BYTES - 8 <= len(found[0].text.encode()) <= TEXT_BYTES
    assert found[1].text == "What is wrong in 2"
    assert peak < 20 * 2**20


def test_people_are_named_once(fake: FakeGitLab, server: Loopback, watch: Watch) -> None:
    same = person("山田 太郎")
    fake.issues = [issue(1, 1, author=same, assignees=[same, {"name": None}, 5], closed_by="x")]
    [one] = reader(server, watch).tracked(None)
    assert one.record.people == ("山田 太郎",)
