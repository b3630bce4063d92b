"""Whatever a server answers, there are whole tickets or one sentence."""

from __future__ import annotations

from typing import Any

import fake_github
import fake_gitlab
import fake_jira
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loopback import Loopback, Reply
from tracking import Watch, is_sentence

from bugguard.domain.tickets import TicketRecord
from bugguard.errors import TrackerError
from bugguard.trackers import GitHubTickets, GitLabTickets, JiraTickets, connect

WORD = st.text(st.characters(exclude_categories=[]), max_size=12)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORD, inner, max_size=3),
    max_leaves=6,
)
FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def spoilt(whole: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """With some of its fields turned into anything, and some missing."""
    some = st.dictionaries(st.sampled_from(sorted(whole)), VALUE, max_size=4)
    without = st.sets(st.sampled_from(sorted(whole)), max_size=2)
    return st.builds(
        lambda other, less: {k: v for k, v in {**whole, **other}.items() if k not in less},
        some,
        without,
    )


def is_whole(record: TicketRecord) -> bool:
    words = (record.title, record.text, record.url, record.type, record.state, record.resolution)
    for word in (*words, *record.labels, *record.people):
        word.encode("utf-8", "strict")
        assert len(word.encode()) <= 65_536
    return bool(record.key.project and record.key.id and record.title.strip())


def judge(server: Loopback, asked: Any, environ: dict[str, str]) -> None:
    watch = Watch()
    complaint, found = "none.", []
    try:
        found = list(connect(asked, watch.access(environ=environ)).tracked(None))
    except TrackerError as error:
        complaint = str(error)
    assert is_sentence(complaint)
    assert complaint.isprintable()
    assert all(is_whole(one.record) for one in found)
    for link in (link for one in found for link in one.links):
        assert link.commit == "" or len(link.commit) in (40, 64)
        assert link.why.isprintable()


MERGED = spoilt(fake_gitlab.merged(3, merge_commit_sha=fake_gitlab.sha(9)))


@pytest.fixture(scope="module")
def gitlab() -> Any:
    with Loopback(fake_gitlab.FakeGitLab()) as server:
        yield server


@FEW
@given(
    st.lists(spoilt(fake_gitlab.issue(1, 1)) | VALUE, max_size=3) | VALUE,
    st.lists(MERGED | VALUE, max_size=2) | VALUE,
    st.lists(spoilt(fake_gitlab.commit(5)) | VALUE, max_size=2) | VALUE,
)
def test_gitlab(gitlab: Loopback, issues: Any, requests: Any, commits: Any) -> None:
    gitlab.faults = [
        ("/7/issues$", Reply(issues)),
        *[("/(closed_by|related_merge_requests)$", Reply(requests))] * 6,
        *[("/commits$", Reply(commits))] * 6,
    ]
    judge(gitlab, GitLabTickets("g/sub/shop", gitlab.url), {"GITLAB_TOKEN": fake_gitlab.TOKEN})


@pytest.fixture(scope="module")
def github() -> Any:
    with Loopback(fake_github.FakeGitHub()) as server:
        yield server


PULL = fake_github.pull(
    3,
    mergeCommit=fake_github.merge(9, 1),
    commits=fake_github.commits(fake_github.commit(5), fake_github.commit(6)),
)
NODE = {
    "id": "I_1",
    "closedByPullRequestsReferences": {"nodes": [PULL]},
    "timelineItems": {"nodes": [fake_github.closed(PULL), fake_github.mentioned(PULL)]},
}


@FEW
@given(
    st.lists(spoilt(fake_github.issue(1, 1)) | VALUE, max_size=3) | VALUE,
    st.lists(spoilt(NODE) | spoilt(PULL) | VALUE, max_size=3) | VALUE,
    st.lists(spoilt(PULL) | VALUE, max_size=3),
)
def test_github(github: Loopback, issues: Any, nodes: Any, pulls: Any) -> None:
    github.faults = [
        ("/issues$", Reply(issues)),
        ("graphql", Reply({"data": {"nodes": nodes}})),
        *[("graphql", Reply({"data": {"nodes": pulls}}))] * 3,
    ]
    environ = {"GH_ENTERPRISE_TOKEN": fake_github.TOKEN}
    judge(github, GitHubTickets("acme/shop", github.url), environ)


@pytest.fixture(scope="module")
def jira() -> Any:
    with Loopback(fake_jira.FakeJira()) as server:
        yield server


FIELDS = fake_jira.issue(1, 1)["fields"]


@FEW
@given(
    st.lists(
        st.builds(lambda fields: {**fake_jira.issue(1, 1), "fields": fields}, spoilt(FIELDS))
        | spoilt(fake_jira.issue(1, 1))
        | VALUE,
        max_size=3,
    )
    | VALUE
)
def test_jira(jira: Loopback, issues: Any) -> None:
    jira.faults = [("/search/jql$", Reply({"issues": issues, "isLast": True}))]
    judge(jira, JiraTickets("SHOP", jira.url), {})
