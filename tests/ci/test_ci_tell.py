"""What each service's documented environment is taken for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugguard.ci import Review, Run, tell
from bugguard.errors import CiError

A, B, C, NULL = "a" * 40, "b" * 40, "c" * 40, "0" * 40


def github(tmp_path: Path, name: str, event: object, **more: str) -> Run:
    path = tmp_path / "event.json"
    path.write_text(event if isinstance(event, str) else json.dumps(event))
    told = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path),
            "GITHUB_SHA": C, "GITHUB_REF": "refs/heads/main"}  # fmt: skip
    return tell(told | more)


def pull(home: str | None = "shop/shop", **more: Any) -> dict[str, Any]:
    head = {"sha": B, "ref": "topic", "repo": home and {"full_name": home}}
    base = {"sha": A, "ref": "main", "repo": {"full_name": "shop/shop"}}
    repository = {"default_branch": "main", "full_name": "shop/shop"}
    request = {"number": 7, "head": head, "base": base} | more
    return {"action": "synchronize", "pull_request": request, "repository": repository}


def push(ref: str = "refs/heads/topic", before: str = A, after: str = B, **more: Any) -> Any:
    event = {"ref": ref, "before": before, "after": after, "deleted": after == NULL}
    return event | {"repository": {"default_branch": "main"}} | more


def test_a_pull_request_is_its_head_against_its_base(tmp_path: Path) -> None:
    """GITHUB_SHA is a merge that nobody wrote."""
    run = github(tmp_path, "pull_request", pull(), GITHUB_BASE_REF="main")
    assert run == Run(B, (A,), "main", default="main", review=Review(7, from_fork=False))


@pytest.mark.parametrize("home", ["stranger/shop", None])
def test_a_fork_is_known_by_its_repository_even_when_it_is_gone(
    tmp_path: Path, home: str | None
) -> None:
    assert github(tmp_path, "pull_request", pull(home)).review == Review(7, from_fork=True)


def test_a_merge_queue_has_its_own_commits(tmp_path: Path) -> None:
    event = {"merge_group": {"head_sha": B, "base_sha": A}, "repository": {"default_branch": "m"}}
    assert github(tmp_path, "merge_group", event) == Run(B, (A,), default="m")


def test_a_push_is_what_came_after_the_commit_before(tmp_path: Path) -> None:
    assert github(tmp_path, "push", push()) == Run(B, (A,), "", "main", "main")
    assert github(tmp_path, "push", push("refs/heads/main")) == Run(
        B, (A,), "", "", "main", on_default=True
    )


def test_a_new_branch_is_what_it_adds_to_the_default_one(tmp_path: Path) -> None:
    run = github(tmp_path, "push", push(before=NULL))
    assert run == Run(B, target="main", default="main")
    assert not run.nothing


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (push("refs/heads/main", before=NULL), "whole history"),
        (push("refs/tags/v1", before=NULL), "tag"),
        (push("refs/tags/v1"), "tag"),
        (push(after=NULL), "deleted"),
    ],
)
def test_what_has_nothing_to_check_says_why(tmp_path: Path, event: Any, why: str) -> None:
    assert why in github(tmp_path, "push", event).nothing


def test_a_run_by_hand_is_what_a_branch_adds_and_nothing_known_on_the_default_one(
    tmp_path: Path,
) -> None:
    event = {"repository": {"default_branch": "main"}}
    run = github(tmp_path, "workflow_dispatch", event, GITHUB_REF="refs/heads/topic")
    assert (run.tip, run.target, run.unknown) == (C, "main", "")
    for name, ref in (("schedule", "refs/heads/main"), ("release", "refs/tags/v1")):
        assert name in github(tmp_path, name, event, GITHUB_REF=ref).unknown


def test_pull_request_target_is_refused_and_pull_request_is_not(tmp_path: Path) -> None:
    with pytest.raises(CiError, match="pull_request_target runs with"):
        github(tmp_path, "pull_request_target", pull())
    assert github(tmp_path, "pull_request_review", pull()).tip == B


@pytest.mark.parametrize(
    "event",
    ["", "[]", "{", "[" * 100_000, "null", '{"pull_request": []}',
     {"pull_request": {"head": {"sha": "--upload-pack=x"}, "base": {"sha": A}}},
     {"pull_request": {"head": {"sha": "HEAD"}, "base": {"sha": A}}},
     {"pull_request": {"head": {"sha": B}, "base": {"sha": NULL}}},
     {"pull_request": {"head": {"sha": B.upper()}, "base": {"sha": A}}},
     {"pull_request": {"head": {"sha": B + "\n"}, "base": {"sha": A}}},
     {"pull_request": {"head": {"sha": 7}, "base": {"sha": A}}}],
    ids=str,
)  # fmt: skip
def test_a_broken_or_hostile_event_is_one_sentence(tmp_path: Path, event: Any) -> None:
    with pytest.raises(CiError) as caught:
        github(tmp_path, "pull_request", event)
    assert "\n" not in str(caught.value)
    assert "--range" in str(caught.value)


def test_an_event_that_is_not_there_is_one_sentence() -> None:
    told = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "push"}
    for path in ("", "/nowhere/event.json"):
        with pytest.raises(CiError, match="--range"):
            tell(told | {"GITHUB_EVENT_PATH": path})


def test_neither_service_is_one_sentence() -> None:
    for told in ({}, {"CI": "true"}, {"GITHUB_ACTIONS": "false", "GITLAB_CI": ""}):
        with pytest.raises(CiError, match="neither"):
            tell(told)


def gitlab(**told: str) -> Run:
    usual = {"GITLAB_CI": "true", "CI_COMMIT_SHA": C, "CI_DEFAULT_BRANCH": "main",
             "CI_COMMIT_BEFORE_SHA": NULL}  # fmt: skip
    return tell(usual | told)


MERGE_REQUEST = {
    "CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_IID": "3",
    "CI_MERGE_REQUEST_PROJECT_ID": "11", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "11",
    "CI_MERGE_REQUEST_DIFF_BASE_SHA": A, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    "CI_COMMIT_REF_NAME": "topic",
}  # fmt: skip


def test_a_merge_request_is_its_commits_against_the_diff_base() -> None:
    assert gitlab(**MERGE_REQUEST) == Run(C, (A,), default="main", review=Review(3))


def test_of_merged_results_the_source_branch_counts() -> None:
    """CI_COMMIT_SHA is a merge that nobody wrote."""
    more = {"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": B, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": C}
    run = gitlab(**MERGE_REQUEST, **more)
    assert (run.tip, run.bases) == (B, (A,))


def test_without_a_diff_base_the_target_branch_counts() -> None:
    run = gitlab(**MERGE_REQUEST | {"CI_MERGE_REQUEST_DIFF_BASE_SHA": ""})
    assert (run.bases, run.target) == ((), "main")


def test_a_merge_request_of_a_fork_is_one() -> None:
    run = gitlab(**MERGE_REQUEST | {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "12"})
    assert run.review == Review(3, from_fork=True)


def test_a_pushed_branch_is_what_came_after_the_commit_before() -> None:
    told = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BEFORE_SHA": A}
    run = gitlab(**told, CI_COMMIT_BRANCH="topic")
    assert run == Run(C, (A,), fallback="main", default="main")
    assert gitlab(**told, CI_COMMIT_BRANCH="main").on_default


def test_a_new_branch_is_what_it_adds_and_a_tag_is_nothing() -> None:
    assert gitlab(CI_PIPELINE_SOURCE="push", CI_COMMIT_BRANCH="topic").target == "main"
    assert "whole history" in gitlab(CI_PIPELINE_SOURCE="push", CI_COMMIT_BRANCH="main").nothing
    assert "tag" in gitlab(CI_PIPELINE_SOURCE="push", CI_COMMIT_TAG="v1").nothing


def test_a_schedule_on_the_default_branch_names_no_change() -> None:
    run = gitlab(CI_PIPELINE_SOURCE="schedule", CI_COMMIT_BRANCH="main")
    assert "schedule" in run.unknown
    assert not gitlab(CI_PIPELINE_SOURCE="schedule", CI_COMMIT_BRANCH="topic").unknown


@pytest.mark.parametrize("value", ["", NULL, "HEAD", "-x", A[:8], "refs/heads/main"])
def test_a_missing_or_hostile_sha_is_one_sentence(value: str) -> None:
    with pytest.raises(CiError, match="CI_COMMIT_SHA"):
        gitlab(CI_COMMIT_SHA=value)


_KEYS = ["pull_request", "head", "base", "sha", "repo", "full_name", "number", "repository",
         "default_branch", "before", "after", "ref", "deleted", "merge_group", "base_sha",
         "head_sha"]  # fmt: skip
_LEAVES = st.none() | st.booleans() | st.integers() | st.sampled_from([A, B, NULL, "x", "refs/x"])
_EVENTS = st.recursive(
    _LEAVES | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner),
    max_leaves=20,
)


@given(event=_EVENTS, name=st.sampled_from(["push", "pull_request", "merge_group", "release"]))
def test_whatever_an_event_holds_is_a_run_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, event: object, name: str
) -> None:
    try:
        run = github(tmp_path_factory.getbasetemp(), name, event)
    except CiError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        for one in (run.tip, *run.bases):
            assert one in (A, B, C, ""), run
        # Nothing to compare with is never taken for no change.
        assert run.bases or run.target or run.nothing or run.unknown
