"""``bugguard tickets sync`` with a tracker that tells what a test says."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from repository import Repository

from bugguard import cli
from bugguard.cli import syncing
from bugguard.domain.tickets import TicketKey, TicketLink, TicketRecord, Tracked
from bugguard.errors import TrackerError

HOST = "gitlab.example/web/shop"


@dataclass
class Scripted:
    """A tracker without a network."""

    told: list[Tracked]
    error: str = ""
    project: str = HOST
    notes: tuple[str, ...] = ("3 tickets are closed by a merge request without commits.",)
    withdrawn: frozenset[TicketKey] = frozenset()
    asked: list[int | None] = field(default_factory=list)

    def tracked(self, since: int | None) -> Iterator[Tracked]:
        self.asked.append(since)
        yield from self.told
        if self.error:
            raise TrackerError(self.error)


def tracked(number: int, sha: str = "", **more: object) -> Tracked:
    key = TicketKey(HOST, f"#{number}")
    record = TicketRecord(key, "gitlab", f"合計 {number}", labels=("bug",), updated=number, **more)  # type: ignore[arg-type]
    return Tracked(record, (TicketLink(key, sha, "closed by !1"),) if sha else ())


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    repository = Repository(tmp_path / "shop")
    repository.git("remote", "add", "origin", f"https://{HOST}.git")
    repository.commit({"app.py": "total_of_all = sum_of(1)\n"}, "Start")
    repository.commit({"app.py": "total_of_all = sum_of(2)\n"}, "fix: wrong total (#1)")
    monkeypatch.chdir(repository.path)
    for name, value in repository.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    return repository


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str) -> SimpleNamespace:
        code = cli.run(list(arguments))
        out, err = capsys.readouterr()
        return SimpleNamespace(code=code, out=out, err=err)

    return run


@pytest.fixture
def tracker(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    scripted = Scripted([])
    monkeypatch.setattr(syncing, "connect", lambda provider, session, labels, caller: scripted)
    return scripted


def test_a_sync_tells_what_came_and_what_is_missing(
    repository: Repository, told: Any, tracker: Scripted
) -> None:
    told("index", "build")
    tracker.told = [tracked(1, repository.sha()), tracked(2), tracked(3, confidential=True)]
    result = told("tickets", "sync", "gitlab")
    assert (result.code, result.out.splitlines()) == (0, [
        "read 3 tickets (2 new, 1 confidential, so left out) and 1 link to commits and merge "
        "requests",
        "1 of 1 past fix has a known ticket (0 until now): 1 gitlab",
        "run `bugguard index update` to take them in",
    ])  # fmt: skip
    assert "3 tickets are closed by a merge request without commits." in result.err
    assert told("index", "update").code == 0
    again = told("tickets", "sync", "gitlab")
    assert again.out.splitlines()[0].startswith("read 3 tickets (2 as before")
    assert "index update" not in again.out
    assert tracker.asked == [None, 3]
    info = told("tickets", "info").out
    assert "2 tickets, 1 link to commits" in info
    assert "synced gitlab.example/web/shop (gitlab; bug; closed)" in info


def test_a_sync_that_was_cut_keeps_what_came(
    repository: Repository, told: Any, tracker: Scripted
) -> None:
    tracker.told, tracker.error = [tracked(1), tracked(2)], "GitLab at gitlab.example fails (502)."
    result = told("tickets", "sync", "gitlab")
    assert result.code == 2
    assert result.out.startswith("read 2 tickets (2 new)")
    assert result.err.splitlines()[-1] == "bugguard: GitLab at gitlab.example fails (502)."
    tracker.error = ""
    told("tickets", "sync", "gitlab")
    told("tickets", "sync", "gitlab", "--full")
    told("tickets", "sync", "gitlab", "--any-label")
    told("tickets", "sync", "gitlab", "--label", "defect", "--state", "all")
    assert tracker.asked == [None, 2, None, None, None]


def test_confidential_ones_on_request(repository: Repository, told: Any, tracker: Scripted) -> None:
    tracker.told = [tracked(1, confidential=True)]
    told("tickets", "sync", "gitlab")
    assert told("tickets", "list").out == ""
    told("tickets", "sync", "gitlab", "--confidential")
    assert "合計 1" in told("tickets", "list").out
    told("tickets", "sync", "gitlab")
    assert told("tickets", "list").out == ""


def test_what_the_tracker_has_no_more_goes(
    repository: Repository, told: Any, tracker: Scripted
) -> None:
    tracker.told = [tracked(1), tracked(2)]
    told("tickets", "sync", "gitlab")
    tracker.told, tracker.withdrawn = [], frozenset([TicketKey(HOST, "#1")])
    result = told("tickets", "sync", "gitlab")
    assert result.out.splitlines()[0].endswith("dropped 1 that are not to be seen there any more")
    assert result.out.count("read 0 tickets") == 1
    assert "合計 1" not in told("tickets", "list").out


@dataclass(frozen=True)
class Asked:
    """What a provider is asked for: any words."""

    words: dict[str, Any]

    def __init__(self, **words: Any) -> None:
        object.__setattr__(self, "words", words)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The trackers' room in name only: what would be asked of it."""
    seen: list[dict[str, Any]] = []
    module = ModuleType("bugguard.trackers")
    for name in ("GitLabTickets", "GitHubTickets", "JiraTickets", "Access"):
        setattr(module, name, type(name, (Asked,), {}))

    def connect(wanted: Asked, access: Asked) -> Scripted:
        seen.append({"kind": type(wanted).__name__} | wanted.words | {"access": access.words})
        return Scripted([])

    module.connect = connect  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "bugguard.trackers", module)
    assert importlib.import_module("bugguard.trackers") is module
    return seen


def test_who_gets_the_token_is_never_the_repositorys_to_say(
    repository: Repository, told: Any, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its remote nor its config."""
    refused = told("tickets", "sync", "gitlab")
    assert (refused.code, asked) == (2, [])
    assert "name it with --url https://gitlab.example" in refused.err
    repository.write(".bugguard.toml", '[tickets]\nurl = "https://evil.example"\n')
    assert "tickets.url is refused" in told("tickets", "sync", "gitlab").err
    repository.write(".bugguard.toml", '[tickets]\nlabels = ["不具合"]\nstate = "all"\n')
    assert told("tickets", "sync", "gitlab", "--url", "https://gitlab.example").code == 0
    monkeypatch.setenv("BUGGUARD_TICKETS_URL", "https://gitlab.example")
    monkeypatch.setenv("BUGGUARD_TICKETS_TOKEN_VARIABLE", "OUR_TOKEN")
    assert told("tickets", "sync", "gitlab", "--state", "open", "--any-label").code == 0
    for one in asked:
        assert callable(one["access"].pop("tell"))
        assert one["access"].pop("validators") == {}
    assert asked == [
        {"kind": "GitLabTickets", "project": "web/shop", "url": "https://gitlab.example",
         "labels": ("不具合",), "state": "all", "confidential": False,
         "access": {"token_variable": None, "ca_file": None}},
        {"kind": "GitLabTickets", "project": "web/shop", "url": "https://gitlab.example",
         "labels": (), "state": "opened", "confidential": False,
         "access": {"token_variable": "OUR_TOKEN", "ca_file": None}},
    ]  # fmt: skip


def test_public_servers_are_known(
    repository: Repository, told: Any, asked: list[dict[str, Any]]
) -> None:
    repository.git("remote", "set-url", "origin", "git@github.com:acme/shop.git")
    assert told("tickets", "sync", "github").code == 0
    assert (asked[0]["url"], asked[0]["project"]) == ("https://github.com", "acme/shop")
    repository.git("remote", "set-url", "origin", "git@github.com.evil.example:acme/shop.git")
    assert told("tickets", "sync", "github").code == 2
    assert len(asked) == 1


def test_jira_has_to_be_named(
    repository: Repository, told: Any, asked: list[dict[str, Any]]
) -> None:
    assert "name it with --project SHOP" in told("tickets", "sync", "jira").err
    assert "--url" in told("tickets", "sync", "jira", "--project", "SHOP").err
    result = told("tickets", "sync", "jira", "--project", "SHOP", "--url", "https://jira.example",
                  "--jql", "labels = bug")  # fmt: skip
    assert result.code == 0
    assert (asked[0]["project"], asked[0]["jql"]) == ("SHOP", "labels = bug")


def test_a_repository_without_a_remote(repository: Repository, told: Any) -> None:
    repository.git("remote", "remove", "origin")
    result = told("tickets", "sync", "gitlab", "--url", "https://gitlab.example")
    assert "no remote that tells the project: name it with --project" in result.err


def test_what_a_server_said_last_is_kept_for_the_next_run(
    repository: Repository, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, str]] = []
    scripted = Scripted([tracked(1)])

    def connect(provider: str, session: object, labels: object, caller: syncing.Caller) -> Scripted:
        def tell(since: int | None) -> Iterator[Tracked]:
            seen.append(dict(caller.validators))
            caller.validators["question"] = f"answer {len(seen)}"
            yield from scripted.told
            if scripted.error:
                raise TrackerError(scripted.error)

        return SimpleNamespace(project=HOST, tracked=tell)  # type: ignore[return-value]

    monkeypatch.setattr(syncing, "connect", connect)
    assert told("tickets", "sync", "gitlab").code == 0
    scripted.error = "down"
    assert told("tickets", "sync", "gitlab").code == 2
    scripted.error = ""
    assert told("tickets", "sync", "gitlab").code == 0
    # What a run heard that was cut is heard again.
    assert seen == [{}, {"question": "answer 1"}, {"question": "answer 1"}]


def test_a_tracker_that_tells_nothing_at_all(
    repository: Repository, told: Any, tracker: Scripted
) -> None:
    tracker.error = "GitLab at gitlab.example refuses the token of GITLAB_TOKEN (401)."
    result = told("tickets", "sync", "gitlab")
    assert (result.code, result.out) == (2, "")
    tracker.error = ""
    assert told("tickets", "sync", "gitlab").out.startswith("read 0 tickets and 0 links")
