"""Who is asked and with which token: found, sent to its own server, and never shown."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from fake_gitlab import FakeGitLab, issue
from loopback import Loopback
from tracking import Watch, is_sentence

from bugguard import trackers
from bugguard.errors import BugguardError, TrackerError
from bugguard.ports import Tracker
from bugguard.trackers import Access, GitHubTickets, GitLabTickets, JiraTickets, connect
from bugguard.trackers.place import Place
from bugguard.trackers.tokens import GITHUB, GITLAB, JIRA, Service, find


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)


def token(service: Service, host: str, variable: str | None = None, **environ: str) -> Any:
    found = find(service, host, Access(environ=environ, token_variable=variable))
    return found and (found.secret, found.source)


@pytest.mark.parametrize(
    ("service", "host", "environ", "expected"),
    [
        (GITLAB, "gitlab.example", {"GITLAB_TOKEN": "t"}, ("t", "GITLAB_TOKEN")),
        (GITLAB, "gitlab.example", {"GITLAB_TOKEN": " t\n"}, ("t", "GITLAB_TOKEN")),
        (GITLAB, "gitlab.example", {"GITHUB_TOKEN": "t"}, None),
        (
            GITLAB, "gitlab.example",
            {"CI_JOB_TOKEN": "j", "CI_SERVER_HOST": "gitlab.example"}, ("j", "CI_JOB_TOKEN"),
        ),
        (
            GITLAB, "gitlab.example",
            {"GITLAB_TOKEN": "t", "CI_JOB_TOKEN": "j", "CI_SERVER_HOST": "gitlab.example"},
            ("t", "GITLAB_TOKEN"),
        ),
        (GITLAB, "evil.example", {"CI_JOB_TOKEN": "j", "CI_SERVER_HOST": "gitlab.example"}, None),
        (GITHUB, "github.com", {"GITHUB_TOKEN": "t"}, ("t", "GITHUB_TOKEN")),
        (GITHUB, "github.com", {"GITHUB_TOKEN": "t", "GH_TOKEN": "g"}, ("g", "GH_TOKEN")),
        (GITHUB, "acme.ghe.com", {"GH_TOKEN": "g"}, ("g", "GH_TOKEN")),
        (GITHUB, "ghe.example", {"GITHUB_TOKEN": "t", "GH_TOKEN": "g"}, None),
        (GITHUB, "notghe.com", {"GITHUB_TOKEN": "t"}, None),
        (GITHUB, "ghe.example", {"GH_ENTERPRISE_TOKEN": "e"}, ("e", "GH_ENTERPRISE_TOKEN")),
        (
            GITHUB, "ghe.example",
            {"GITHUB_TOKEN": "t", "GITHUB_SERVER_URL": "https://ghe.example"},
            ("t", "GITHUB_TOKEN"),
        ),
        (GITHUB, "github.com", {"GH_ENTERPRISE_TOKEN": "e"}, None),
        (JIRA, "jira.example", {"JIRA_API_TOKEN": "a"}, ("a", "JIRA_API_TOKEN")),
        (JIRA, "jira.example", {}, None),
    ],
)  # fmt: skip
def test_where_a_token_is_found(
    service: Service, host: str, environ: dict[str, str], expected: tuple[str, str] | None
) -> None:
    assert token(service, host, **environ) == expected


def test_a_variable_that_is_named() -> None:
    environ = {"MINE": "m", "GITLAB_TOKEN": "t"}
    assert token(GITLAB, "x", "MINE", **environ) == ("m", "MINE")
    for empty in ({}, {"MINE": " "}):
        with pytest.raises(TrackerError, match="MINE, which is to hold the token for x") as caught:
            token(GITLAB, "x", "MINE", **empty, **{"GITLAB_TOKEN": "t"})
        assert is_sentence(str(caught.value))


@pytest.mark.parametrize(
    "secret", ["kept\nsecret", "kept secret", "kept秘secret", "kept\x00secret"]
)
def test_what_cannot_be_a_token(secret: str) -> None:
    with pytest.raises(TrackerError, match="What GITLAB_TOKEN holds is not a token") as caught:
        token(GITLAB, "x", GITLAB_TOKEN=secret)
    assert "secret" not in str(caught.value)


def test_a_keyring_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def get_password(service: str, name: str) -> str | None:
        asked.append((service, name))
        return "k" if name == "gitlab.example" else None

    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=get_password))
    assert token(GITLAB, "gitlab.example", **{"GITLAB_TOKEN": "t"}) == ("t", "GITLAB_TOKEN")
    assert asked == []
    assert token(GITLAB, "gitlab.example") == ("k", "the keyring")
    assert token(GITLAB, "other.example") is None
    assert asked == [("bugguard", "gitlab.example"), ("bugguard", "other.example")]


def test_a_keyring_that_fails_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def get_password(*_: str) -> str:
        raise OSError("no session bus")

    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=get_password))
    assert token(GITLAB, "gitlab.example") is None


def test_a_token_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    secret = "glpat-kept-secret"  # noqa: S105
    caplog.set_level("DEBUG")
    environ = {"GITLAB_TOKEN": secret, "GH_ENTERPRISE_TOKEN": secret, "JIRA_API_TOKEN": secret,
               "JIRA_EMAIL": "dev-kept-secret@example.com"}  # fmt: skip
    access = Access(environ=environ)
    assert secret not in repr(access)
    for service in (GITLAB, GITHUB, JIRA):
        assert "kept-secret" not in repr(find(service, "ghe.example", access))
    with Loopback(FakeGitLab(issues=[issue(1, 1)], token=secret)) as server:
        for asked in (
            GitLabTickets("g/sub/shop", server.url),
            GitHubTickets("acme/shop", server.url),
            JiraTickets("SHOP", server.url),
        ):
            tracker = connect(asked, Watch().access(environ=environ))
            if isinstance(asked, GitLabTickets):
                assert len(list(tracker.tracked(None))) == 1
                continue
            with pytest.raises(TrackerError) as caught:
                list(tracker.tracked(None))
            assert secret not in str(caught.value)
            assert caught.value.__cause__ is None
        assert len(server.requests) >= 4
    assert "kept-secret" not in caplog.text


def test_a_job_sends_its_token_as_one() -> None:
    with Loopback(FakeGitLab(issues=[issue(1, 1)], **{"token": "job"})) as server:
        environ = {"CI_JOB_TOKEN": "job", "CI_SERVER_HOST": "127.0.0.1"}
        tracker = connect(GitLabTickets("g/sub/shop", server.url), Watch().access(environ=environ))
        assert len(list(tracker.tracked(None))) == 1
        assert {one.headers.get("job-token") for one in server.requests} == {"job"}
        assert not any("private-token" in one.headers for one in server.requests)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("gitlab.example", "not the address of a server"),
        ("ftp://gitlab.example", "not the address of a server"),
        ("https://", "not the address of a server"),
        ("https://x/?private_token=1", "not the address of a server"),
        ("https://x/\x1b[0m", "not the address of a server"),
        ("https://x:port/", "not the address of a server"),
        ("https://[::1", "not the address of a server"),
        ("", "not the address of a server"),
        ("https://me:kept-secret@gitlab.example", "must not hold a user or a password"),
        ("https://kept-secret@gitlab.example", "must not hold a user or a password"),
    ],
)
def test_what_is_no_address(url: str, words: str) -> None:
    for asked in (GitLabTickets("g/p", url), GitHubTickets("o/r", url), JiraTickets("OPS", url)):
        with pytest.raises(TrackerError, match=words) as caught:
            connect(asked, Access(environ={}))
        assert is_sentence(str(caught.value))
        assert "kept-secret" not in str(caught.value)
        assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("url", "home", "is_here"),
    [
        ("https://GitLab.Example/", "gitlab.example", False),
        ("https://gitlab.example:8443/Dev/GitLab/", "gitlab.example/dev/gitlab", False),
        ("http://127.8.9.1:5", "127.8.9.1", True),
        ("http://[::1]:5", "::1", True),
        ("http://localhost", "localhost", True),
        ("http://localhost.evil.example", "localhost.evil.example", False),
    ],
)
def test_places(url: str, home: str, is_here: bool) -> None:
    place = Place.parse(url)
    assert (place.home, place.is_here) == (home, is_here)
    assert Place.parse(place.url) == place


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://gitlab.example/api/v4/x?y=1", True),
        ("https://gitlab.example:443/x", True),
        ("http://gitlab.example/x", False),
        ("https://gitlab.example:8443/x", False),
        ("https://gitlab.example.evil.example/x", False),
        ("https://gitlab.example@evil.example/x", False),
        ("https://evil.example/gitlab.example", False),
        ("https://gitlab.example:x/", False),
        ("//gitlab.example/x", False),
    ],
)
def test_what_is_on_the_same_server(url: str, own: bool) -> None:
    assert Place.parse("https://gitlab.example").owns(url) is own


# The package itself.


def test_trackers_are_what_the_port_says() -> None:
    access = Access(environ={})
    every: list[Tracker] = [
        connect(GitLabTickets("g/p"), access),
        connect(GitHubTickets("o/r"), access),
        connect(JiraTickets("OPS", "https://jira.example"), access),
    ]
    assert every[2].project == "jira.example/ops"
    assert issubclass(TrackerError, BugguardError)


@pytest.mark.parametrize("library", ["gitlab", "github", "requests"])
def test_a_package_that_is_missing_is_named(library: str) -> None:
    asked = "GitHubTickets('o/r')" if library == "github" else "GitLabTickets('g/p')"
    program = (
        f"import sys; sys.modules['{library}'] = None\n"
        "from bugguard.errors import TrackerError\n"
        "from bugguard.trackers import connect, GitHubTickets, GitLabTickets\n"
        f"try: connect({asked})\n"
        "except TrackerError as error: print(error)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    said = result.stdout.strip()
    assert "pip install 'bugguard[trackers]'." in said
    assert f"({library})" in said
    assert is_sentence(said)


def test_a_fault_of_our_own_is_not_taken_for_a_missing_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = {GitLabTickets: ("nowhere", "GitLab")}
    monkeypatch.setattr(trackers, "_READERS", reader)
    with pytest.raises(ModuleNotFoundError):
        connect(GitLabTickets("g/p"))


def test_the_room_costs_nothing_until_it_is_used() -> None:
    program = "import sys, bugguard.trackers, bugguard.ports\nprint(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    heavy = {"gitlab", "github", "requests", "urllib3", "keyring", "ssl", "http"}
    assert not heavy & set(result.stdout.split())
    assert "bugguard.trackers" in result.stdout.split()
