"""The history/tickets room: references as written, and the links that follow."""

from __future__ import annotations

import re
import time
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bugguard.errors import ConfigError
from bugguard.history.tickets import Kind, Remote, TicketRules, find, tickets
from bugguard.history.tickets.references import MOST


def texts(message: str, *patterns: str) -> list[str]:
    return [reference.text for reference in find(message, patterns)]


def link(remote: str, message: str, rules: TicketRules | None = None, provider: str = "") -> str:
    found = tickets(message, Remote.parse(remote, provider), rules)
    assert len(found) == 1
    return found[0].url


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Fix #12 and bug#13 (#99)", ["#12", "#13", "#99"]),
        ("GH-3, gh-4 and !12", ["GH-3", "gh-4", "!12"]),
        ("owner/repo#7 and group/sub/project!5", ["owner/repo#7", "group/sub/project!5"]),
        ("[PROJ-123] fix; see AB_C-4.", ["PROJ-123", "AB_C-4"]),
        ("CVE-2021-1234 in X", ["CVE-2021-1234"]),
        ("UTF-8 SHA-256 SHA3-512 ISO-8859-1 RFC-2616 PEP-8 X-1 X86-64 CWE-79 TLS-1", []),
        ("&#39; C#7 a#1 #fff #0 #1a page/#12 !0 x!12 !!1", []),
        ("#1 #2 #1", ["#1", "#2"]),
        (
            "See https://github.com/a/b/issues/4#issuecomment-3 and http://bugs.python.org/issue9205.",
            ["https://github.com/a/b/issues/4", "http://bugs.python.org/issue9205"],
        ),
        ("https://gitlab.com/g/s/p/-/merge_requests/3", None),
        ("https://jira.example/browse/ABC-12", None),
        ("https://example.org/page#12 https://example.org/ABC-12", []),
        ("https://user:secret@example.org/issues/12", []),
    ],
)
def test_references_are_found_as_written(message: str, expected: list[str] | None) -> None:
    assert texts(message) == ([message] if expected is None else expected)


def test_configured_references_come_first() -> None:
    assert texts("TRK_12 and #3", r"TRK_\d+") == ["TRK_12", "#3"]
    [reference] = find("ABC-12", (r"ABC-\d+",))
    assert (reference.kind, reference.number) == (Kind.CUSTOM, "12")


def test_where_a_reference_was_read_is_told() -> None:
    found = tickets("\nFix X (#12)\n\nCloses #3 and #12")
    assert [(ticket.id, ticket.source) for ticket in found] == [
        ("#12", "subject"),
        ("#3", "message"),
    ]


def test_a_title_is_never_made_up() -> None:
    assert [ticket.title for ticket in tickets("Fix X (#12)\n\nCloses ABC-3")] == ["", ""]


def test_there_is_a_most() -> None:
    assert len(find(" ".join(f"#{n}" for n in range(1, 2 * MOST)))) == MOST


@pytest.mark.parametrize(
    ("url", "name", "provider"),
    [
        ("https://github.com/psf/requests.git", "github.com/psf/requests", "github"),
        ("https://user:token@github.com/psf/requests", "github.com/psf/requests", "github"),
        ("git@github.com:psf/requests.git", "github.com/psf/requests", "github"),
        ("github.com:psf/requests", "github.com/psf/requests", "github"),
        ("ssh://git@ssh.github.com:443/a/b.git", "github.com/a/b", "github"),
        ("git://github.com/a/b/", "github.com/a/b", "github"),
        ("https://github.corp.example:8443/a/b", "github.corp.example:8443/a/b", "github"),
        ("git@gitlab.example.org:g/s/p.git", "gitlab.example.org/g/s/p", "gitlab"),
        ("ssh://git@git.example.org:2222/g/p.git", "git.example.org/g/p", ""),
        ("git@bitbucket.org:a/b.git", "bitbucket.org/a/b", "bitbucket"),
        ("https://code.example/scm/PRJ/r.git", "code.example/PRJ/r", "bitbucket-server"),
        (
            "ssh://git@bitbucket.example:7999/prj/r.git",
            "bitbucket.example/prj/r",
            "bitbucket-server",
        ),
        ("git@host:/a/b.git", "host/a/b", ""),
        ("HTTPS://GitHub.com/A/B.git", "github.com/A/B", "github"),
    ],
)
def test_remotes_are_read(url: str, name: str, provider: str) -> None:
    remote = Remote.parse(url)
    assert remote is not None
    assert (remote.name, remote.provider) == (name, provider)


@pytest.mark.parametrize(
    "url",
    ["", "/srv/git/a/b.git", "../b", "C:\\x\\y", "C:/x/y", "file:///a/b", "https://host/only",
     "https://host:port/a/b", "ssh://[::1]/a/b", "https://ho st/a/b", "https://host/a/../b",
     "ftp://host/a/b", "https://host/a\n/b"],
)  # fmt: skip
def test_local_paths_and_noise_are_no_remotes(url: str) -> None:
    assert Remote.parse(url) is None


@pytest.mark.parametrize(
    ("remote", "message", "expected"),
    [
        ("git@github.com:a/b", "Fix X (#12)", "https://github.com/a/b/pull/12"),
        ("git@github.com:a/b", "Fix #12", "https://github.com/a/b/issues/12"),
        ("git@github.com:a/b", "Fix GH-12", "https://github.com/a/b/issues/12"),
        ("git@github.com:a/b", "Fix c/d#7", "https://github.com/c/d/issues/7"),
        ("git@github.com:a/b", "Fix !7", ""),
        ("git@github.com:a/b", "Fix ABC-7", ""),
        ("git@gitlab.com:g/s/p", "Fix #12", "https://gitlab.com/g/s/p/-/issues/12"),
        ("git@gitlab.com:g/s/p", "Fix X (!3)", "https://gitlab.com/g/s/p/-/merge_requests/3"),
        ("git@gitlab.com:g/p", "Fix x/y/z!3", "https://gitlab.com/x/y/z/-/merge_requests/3"),
        (
            "http://code.example:8080/g/p",
            "Fix !3",
            "http://code.example:8080/g/p/-/merge_requests/3",
        ),
        ("git@code.example:g/p", "Fix #3", ""),
        ("git@bitbucket.org:a/b", "Fix #3", "https://bitbucket.org/a/b/issues/3"),
        (
            "git@bitbucket.org:a/b",
            "Merged in x (pull request #3)",
            "https://bitbucket.org/a/b/pull-requests/3",
        ),
        (
            "https://code.example/scm/~me/r.git",
            "Merged in x (pull request #3)",
            "https://code.example/users/me/repos/r/pull-requests/3",
        ),
        ("git@code.example:a/b", "CVE-2021-1234", "https://www.cve.org/CVERecord?id=CVE-2021-1234"),
        ("git@code.example:a/b", "https://x.example/issues/3", "https://x.example/issues/3"),
    ],
)
def test_links_follow_from_the_remote(remote: str, message: str, expected: str) -> None:
    assert link(remote, message) == expected


def test_a_configured_provider_serves_hosts_that_do_not_tell() -> None:
    assert link("git@code.example:g/p", "#3", provider="gitlab").endswith("/g/p/-/issues/3")
    assert link("git@github.com:g/p", "#3", provider="gitlab").endswith("/g/p/issues/3")


def test_a_template_links_keys_and_numbers() -> None:
    keys = TicketRules(url="https://tracker.example/browse/{id}")
    assert link("git@github.com:a/b", "ABC-12", keys) == "https://tracker.example/browse/ABC-12"
    assert link("git@github.com:a/b", "#12", keys) == "https://github.com/a/b/issues/12"
    numbers = TicketRules(url="https://code.example/ticket/{number}")
    assert link("git@github.com:a/b", "#12", numbers) == "https://code.example/ticket/12"


def test_an_id_is_percent_encoded() -> None:
    rules = TicketRules(patterns=(r"T/\S+",), url="https://tracker.example/{id}")
    assert (
        link("", "T/1?x=<y>&あ", rules) == "https://tracker.example/T%2F1%3Fx%3D%3Cy%3E%26%E3%81%82"
    )


@pytest.mark.parametrize(
    "url",
    ["ftp://x.example/{id}", "javascript:{id}", "https://x.example/", "https://{id}.example/",
     "https://u:p@x.example/{id}", "https://x.example/{id}/{other}", "https://x.example/{id} y",
     "https://[x/{id}"],
)  # fmt: skip
def test_a_template_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"^learn\.ticket_url: "):
        TicketRules(url=url)


def test_an_unknown_provider_and_a_bad_pattern_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"^learn\.provider: 'gitea' .* or set learn\.ticket_url"):
        TicketRules(provider="gitea")
    with pytest.raises(ConfigError, match=r"ticket_patterns: '\['"):
        TicketRules(patterns=("[",))


pieces = st.sampled_from(
    ["#1", "!2", "GH-3", "a/b#4", "a/b!5", "ABC-6", "https://h/issues/7", "(", ")", " ", "\n", "\r",
     "CVE-2020-1234", "pull request #8", "\x00", "\u202e", "あ", "\udc80"]
)  # fmt: skip


@example("HTTP://0/\x08/ISSUE1")
@given(st.one_of(st.text(), st.lists(pieces).map("".join)))
def test_every_reference_occurs_in_the_message_and_every_link_is_clean(message: str) -> None:
    rules = TicketRules(patterns=(r"\S+あ\S*",), url="https://tracker.example/{id}?n={number}")
    remote = Remote.parse("https://gitlab.com/g/p")
    seen = set()
    for ticket in tickets(message, remote, rules):
        assert ticket.id in message
        assert ticket.id not in seen
        seen.add(ticket.id)
        assert ticket.url == "" or urlsplit(ticket.url).scheme in ("http", "https")
        assert not re.search(r"[\s\x00-\x20\x7f]", ticket.url)


@given(st.text())
def test_any_text_may_be_a_remote(url: str) -> None:
    remote = Remote.parse(url)
    if remote is not None:
        made = remote.link(find("#1")[0])
        assert "@" not in remote.host
        assert not re.search(r"[\s\x00-\x20\x7f]", made + remote.name)


@pytest.mark.parametrize("unit", ["#1", "#1 ", "a/", "A-", "ABC-1-", "https://x/", "!1", "a-."])
def test_hostile_messages_take_no_more_time_beyond_the_bounds(unit: str) -> None:
    def seconds(size: int) -> float:
        message = unit * (size // len(unit))
        best = float("inf")
        for _ in range(3):
            start = time.perf_counter()
            find(message)
            best = min(best, time.perf_counter() - start)
        return best

    assert seconds(1_000_000) < 20 * seconds(64 * 1024) + 0.02
