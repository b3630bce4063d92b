"""Whatever goes wrong on the way is told in one sentence that has no secret in it."""

from __future__ import annotations

import datetime
import gzip
import ipaddress
import socket
import ssl
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import fake_github
import fake_gitlab
import fake_jira
import pytest
from loopback import Loopback, Reply, Request
from tracking import Watch, is_sentence
from urllib3.response import HTTPResponse

from bugguard.domain.tickets import Tracked
from bugguard.errors import TrackerError
from bugguard.ports import Tracker
from bugguard.trackers import (
    Access,
    GitHubTickets,
    GitLabTickets,
    JiraTickets,
    connect,
    transport,
    walk,
)
from bugguard.trackers import body as bodies

HTML = {"Content-Type": "text/html; charset=utf-8"}
PAGE = b"<!DOCTYPE html><html><title>Sign in</title></html>"


@dataclass
class Case:
    """One tracker with two tickets and a server of its own."""

    name: str
    fake: Callable[[Request], Reply]
    asked: Callable[[str], Any]
    variable: str
    token: str
    listing: str  #: a regex for the path that lists tickets
    watch: Watch = field(default_factory=Watch)

    def tracker(self, server: Loopback, **access: Any) -> Tracker:
        settings = {"environ": {self.variable: self.token}, **access}
        return connect(self.asked(server.url), self.watch.access(**settings))

    def read(self, server: Loopback, **access: Any) -> list[Tracked]:
        return list(self.tracker(server, **access).tracked(None))

    def complaint(self, server: Loopback, **access: Any) -> str:
        with pytest.raises(TrackerError) as caught:
            self.read(server, **access)
        said = str(caught.value)
        assert is_sentence(said), said
        assert self.token not in said
        assert f"127.0.0.1:{server.port}" in said
        return said


def cases() -> list[Case]:
    return [
        Case(
            "gitlab",
            fake_gitlab.FakeGitLab(issues=[fake_gitlab.issue(1, 1), fake_gitlab.issue(2, 2)]),
            lambda url: GitLabTickets("g/sub/shop", url),
            "GITLAB_TOKEN",
            fake_gitlab.TOKEN,
            "/7/issues$",
        ),
        Case(
            "github",
            fake_github.FakeGitHub(issues=[fake_github.issue(1, 1), fake_github.issue(2, 2)]),
            lambda url: GitHubTickets("acme/shop", url),
            "GH_ENTERPRISE_TOKEN",
            fake_github.TOKEN,
            "/shop/issues$",
        ),
        Case(
            "jira",
            fake_jira.FakeJira(
                issues=[fake_jira.issue(1, 1), fake_jira.issue(2, 2)],
                authorization=f"Bearer {fake_jira.TOKEN}",
            ),
            lambda url: JiraTickets("SHOP", url),
            "JIRA_API_TOKEN",
            fake_jira.TOKEN,
            "/search/jql$",
        ),
    ]


@pytest.fixture(params=[0, 1, 2], ids=["gitlab", "github", "jira"])
def case(request: pytest.FixtureRequest) -> Case:
    return cases()[request.param]


@pytest.fixture
def server(case: Case) -> Iterator[Loopback]:
    with Loopback(case.fake) as started:
        yield started


@pytest.fixture
def gitlab() -> Iterator[tuple[Case, Loopback]]:
    case = cases()[0]
    with Loopback(case.fake) as started:
        yield case, started


def test_without_a_fault_all_is_well(case: Case, server: Loopback) -> None:
    assert len(case.read(server)) == 2
    assert case.watch == Watch()


# Tokens.


def test_a_token_that_is_refused(case: Case, server: Loopback) -> None:
    case.token = "stolen-kept-secret"  # noqa: S105
    said = case.complaint(server)
    assert f"refuses the token of {case.variable} (401)" in said
    assert "make a new one with" in said


def test_no_token_at_all(case: Case, server: Loopback) -> None:
    said = case.complaint(server, environ={})
    assert "wants a token (401)" in said
    assert case.variable.replace("GH_ENTERPRISE", "GITHUB") in said


def test_a_token_that_may_too_little(case: Case, server: Loopback) -> None:
    words = {"gitlab": "insufficient_scope", "github": "Resource not accessible by token"}
    told = {"message": words.get(case.name, "no Browse Projects permission")}
    server.faults = [(case.listing, Reply(told, 403))] * 9
    said = case.complaint(server)
    assert "(403): a token needs" in said
    assert told["message"] in said
    needs = {"gitlab": "read_api", "github": "the scope repo", "jira": "read:jira-work"}
    assert needs[case.name] in said
    assert case.watch.waits == []  # no waiting gives a token more rights


def test_a_hostile_complaint_is_made_harmless(gitlab: tuple[Case, Loopback]) -> None:
    case, server = gitlab
    told = {"message": "\x1b[2J\u202eevil\r\n" + "x" * 10_000}
    server.faults = [(case.listing, Reply(told, 418))]
    said = case.complaint(server)
    assert said.isprintable()
    assert len(said) < 400


# What comes instead of data.


@pytest.mark.parametrize("headers", [HTML, {}], ids=["html", "said to be json"])
def test_a_web_page_instead_of_data(case: Case, server: Loopback, headers: dict[str, str]) -> None:
    server.faults = [(case.listing, Reply(PAGE, headers=headers))] * 9
    said = case.complaint(server)
    assert "answers with a web page instead of data: a proxy" in said
    assert len([path for path in server.paths if path.endswith(("issues", "jql"))]) == 1


def cut(data: Any) -> Reply:
    return Reply(data, cut=30)


def half(data: Any) -> Reply:
    """Cut by something that has counted again."""
    return Reply(Reply(data).raw[:-30])


@pytest.mark.parametrize("damage", [cut, half])
def test_a_truncated_page_is_asked_for_once_more(
    case: Case, server: Loopback, damage: Callable[[Any], Reply]
) -> None:
    full = [{"id": 1, "iid": 5, "title": "half a ticket", "description": "x" * 100}]
    server.faults = [(case.listing, damage(full))]
    assert [one.record.title for one in case.read(server)] == ["Bug 1", "Bug 2"]
    server.faults = [(case.listing, damage(full))] * 2
    assert "answers with data that is cut or damaged" in case.complaint(server)
    assert server.faults == []


def test_an_empty_answer_is_no_answer(gitlab: tuple[Case, Loopback]) -> None:
    case, server = gitlab
    server.faults = [(case.listing, Reply(b""))] * 2
    assert "cut or damaged" in case.complaint(server)


@pytest.mark.parametrize(
    "odd",
    [
        {"message": "hello"}, {}, "text", 7, None, [1, "two", None, []], [[{}]],
        [{"iid": "1", "title": "x"}], [{"title": "x"}], {"issues": {}}, {"issues": 5},
        {"issues": [None, {"key": 5}, {"key": "lower-1"}, {"key": "SHOP-1", "fields": []}]},
    ],
)  # fmt: skip
def test_an_odd_answer_makes_no_ticket(case: Case, server: Loopback, odd: Any) -> None:
    server.faults = [(case.listing, Reply(odd))]
    kept: list[Tracked] = []
    with suppress(TrackerError):
        kept += case.read(server)
        return
    server.faults = [(case.listing, Reply(odd))]
    assert "in a form that its API does not have" in case.complaint(server)
    assert kept == []


def test_an_answer_without_end_is_given_up(
    case: Case, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "MOST_READ", 10**6)
    server.faults = [(case.listing, Reply([{"description": "x" * 2 * 10**6}]))]
    assert "at once: ask for fewer tickets" in case.complaint(server)
    server.faults = [(case.listing, Reply([{"description": "x" * 9 * 10**5}]))]
    is_odd = pytest.raises(TrackerError, match="form")  # Jira lists them in an object
    with is_odd if case.name == "jira" else nullcontext():
        assert case.read(server) == []


def test_nested_without_end(case: Case, server: Loopback) -> None:
    server.faults = [(case.listing, Reply(b"[" * 10**6 + b"]" * 10**6))] * 2
    assert "cut or damaged" in case.complaint(server)


# Servers that fail or ask to wait.


@pytest.mark.parametrize("status", [500, 502, 503, 504, 521, 408])
def test_a_passing_failure_passes(case: Case, server: Loopback, status: int) -> None:
    server.faults = [(case.listing, Reply(PAGE, status, HTML))] * 3
    assert len(case.read(server)) == 2
    assert case.watch.waits == [1.0, 2.0, 4.0]


def test_a_lasting_failure_is_told(case: Case, server: Loopback) -> None:
    server.faults = [(case.listing, Reply({"message": "oh"}, 500))] * 99
    assert "fails (500): try again later" in case.complaint(server)
    assert case.watch.waits == [1.0, 2.0, 4.0, 8.0]


def limits() -> dict[str, tuple[dict[str, str], int, Any, list[float]]]:
    """Headers, status, body, and the seconds that are waited for two such answers."""
    now = datetime.datetime(2031, 5, 5, 12, tzinfo=datetime.timezone.utc)
    date = {"Date": format_datetime(now, usegmt=True)}
    then = int(now.timestamp()) + 20
    later = format_datetime(now + datetime.timedelta(seconds=20), usegmt=True)
    iso = (now + datetime.timedelta(seconds=20)).strftime("%Y-%m-%dT%H:%MZ")
    iso = iso.replace("Z", ":20Z")
    words = {"message": "You have exceeded a secondary rate limit."}
    return {
        "seconds": ({"Retry-After": "20"}, 429, {}, [21.0, 22.0]),
        "date": ({"Retry-After": later, **date}, 429, {}, [21.0, 22.0]),
        "gitlab's reset": ({"RateLimit-Reset": str(then), **date}, 429, {}, [21.0, 22.0]),
        "reset in seconds": ({"RateLimit-Reset": "20"}, 429, {}, [21.0, 22.0]),
        "jira's reset": ({"X-RateLimit-Reset": iso, **date}, 429, {}, [21.0, 22.0]),
        "both": (
            {"Retry-After": "2", "RateLimit-Reset": str(then), **date}, 429, {}, [3.0, 4.0]
        ),
        "nothing said": ({}, 429, {}, [60.0, 120.0]),
        "nonsense": ({"Retry-After": "soon", "RateLimit-Reset": "-"}, 429, {}, [60.0, 120.0]),
        "past": ({"RateLimit-Reset": str(then - 99), **date}, 429, {}, [1.0, 2.0]),
        "primary": (
            {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(then), **date},
            403, {"message": "API rate limit exceeded"}, [21.0, 22.0],
        ),
        "secondary": ({"Retry-After": "20"}, 403, words, [21.0, 22.0]),
        "secondary, no header": ({}, 403, words, [60.0, 120.0]),
    }  # fmt: skip


@pytest.mark.parametrize("kind", limits())
def test_a_limit_is_waited_for(case: Case, server: Loopback, kind: str) -> None:
    headers, status, data, waits = limits()[kind]
    server.faults = [(case.listing, Reply(data, status, headers))] * 2
    assert len(case.read(server)) == 2
    assert case.watch.waits == waits
    assert all("asks to wait" in told for told in case.watch.told)
    assert len(case.watch.told) == sum(wait >= 5 for wait in waits)


def test_a_limit_beyond_all_patience_is_told_at_once(case: Case, server: Loopback) -> None:
    server.faults = [(case.listing, Reply({}, 429, {"Retry-After": "3000"}))]
    said = case.complaint(server, patience=600.0)
    assert "asks to wait 50 minutes" in said
    assert "start again after that" in said
    assert case.watch.waits == []


def test_patience_is_for_all_waits_together(case: Case, server: Loopback) -> None:
    server.faults = [(case.listing, Reply({}, 429, {"Retry-After": "100"}))] * 99
    case.complaint(server, patience=250.0)
    assert case.watch.waits == [101.0, 102.0]


def test_a_server_that_always_says_now_is_given_up(case: Case, server: Loopback) -> None:
    server.faults = [(case.listing, Reply({}, 429, {"Retry-After": "0"}))] * 99
    assert "rate limit" in case.complaint(server)
    assert case.watch.waits == [float(wait) for wait in range(1, 11)]


def test_a_silent_server_is_not_waited_for_for_ever(gitlab: tuple[Case, Loopback]) -> None:
    case, server = gitlab
    done = threading.Event()
    server.faults = [("issues", Reply([], hang=done))] * 99
    begin = time.monotonic()
    said = case.complaint(server, timeout=0.2)
    assert time.monotonic() - begin < 20
    assert "does not answer in time" in said
    done.set()


@pytest.mark.skipif(not hasattr(HTTPResponse, "read1"), reason="urllib3 2 can read what came")
def test_an_answer_that_drips_is_not_waited_for_for_ever(
    gitlab: tuple[Case, Loopback], monkeypatch: pytest.MonkeyPatch
) -> None:
    case, server = gitlab
    monkeypatch.setattr(transport, "ANSWER", 0.3)
    assert len(case.read(server)) == 2
    server.faults = [("issues", Reply([{"title": "x" * 900}], drip=0.05))] * 99
    begin = time.monotonic()
    assert "does not answer in time" in case.complaint(server)
    assert time.monotonic() - begin < 20


def test_one_connection_serves_all(case: Case, server: Loopback) -> None:
    fake: Any = case.fake
    make = {"gitlab": fake_gitlab.issue, "github": fake_github.issue, "jira": fake_jira.issue}
    fake.issues = [make[case.name](number, number * 120) for number in range(1, 121)]
    server.faults = [(case.listing, Reply({}, 503))]
    assert len(case.read(server)) == 120
    assert server.connections == 1


def test_compressed_answers(gitlab: tuple[Case, Loopback]) -> None:
    case, server = gitlab
    packed = {"Content-Encoding": "gzip"}
    raw = Reply([fake_gitlab.issue(1, 1, title="圧縮")]).raw
    server.faults = [(case.listing, Reply(gzip.compress(raw), headers=packed))]
    assert [one.record.title for one in case.read(server)] == ["圧縮"]
    server.faults = [(case.listing, Reply(gzip.compress(raw)[:-30], headers=packed))] * 2
    assert "cut or damaged" in case.complaint(server)
    server.faults = [(case.listing, Reply(b"not gzip", headers=packed))] * 2
    assert "cut or damaged" in case.complaint(server)


def test_a_bomb_does_not_go_off(
    gitlab: tuple[Case, Loopback], monkeypatch: pytest.MonkeyPatch
) -> None:
    case, server = gitlab
    monkeypatch.setattr(bodies, "MOST_READ", 100 * 10**6)
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = packer.compress(b'[{"title": "')
    for _ in range(300):
        bomb += packer.compress(bytes([120]) * 10**6)
    bomb += packer.compress(b'"}]') + packer.flush()
    server.faults = [(case.listing, Reply(bomb, headers={"Content-Encoding": "gzip"}))]
    assert case.tracker(server).project  # whatever is imported is imported
    tracemalloc.start()
    assert "at once: ask for fewer tickets" in case.complaint(server)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 80 * 2**20


def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    watch = Watch()
    tracker = connect(GitLabTickets("g/p", f"http://127.0.0.1:{port}"), watch.access())
    with pytest.raises(TrackerError, match="cannot be reached: check the address") as caught:
        next(tracker.tracked(None))
    assert is_sentence(str(caught.value))
    assert watch.waits == [1.0]  # an address that never answered is not tried for long


def test_a_circle_of_redirections(case: Case, server: Loopback) -> None:
    where = {"gitlab": "/api/v4/projects/7", "github": "/api/v3/repos/acme/shop"}
    target = where.get(case.name, "/rest/api/2/serverInfo")
    server.faults = [("", Reply({}, 302, {"Location": target}))] * 99
    assert "from one address to the next without end" in case.complaint(server)
    assert len(server.requests) <= 7


@pytest.mark.parametrize(
    "target", ["http://localhost:{}/", "https://evil.example/{}", "//localhost:{}/", "http://[::"]
)
def test_no_token_goes_elsewhere(case: Case, server: Loopback, target: str) -> None:
    with Loopback(lambda _: Reply([])) as other:
        where = target.format(other.port)
        server.faults = [(case.listing, Reply({}, 302, {"Location": where}))]
        said = case.complaint(server)
        assert "another server" in said or "form" in said
        assert other.requests == []


def test_a_next_page_elsewhere_is_not_asked_for(gitlab: tuple[Case, Loopback]) -> None:
    case, server = gitlab
    with Loopback(lambda _: Reply([])) as other:
        link = f'<http://localhost:{other.port}/x?page=2>; rel="next"'
        page = Reply([fake_gitlab.issue(1, 1)], headers={"Link": link})
        server.faults = [(case.listing, page)]
        assert "another server" in case.complaint(server)
        assert other.requests == []


def test_a_listing_that_goes_round_in_circles(
    gitlab: tuple[Case, Loopback], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "SLACK", 50)
    case, server = gitlab
    usual = server.answer

    def answer(request: Request) -> Reply:
        if not request.path.endswith("/issues"):
            return usual(request)
        again = f'<http://{request.headers["host"]}{request.target}>; rel="next"'
        return Reply([fake_gitlab.issue(1, 1)], headers={"Link": again})

    server.answer = answer
    tracker = case.tracker(server)
    with pytest.raises(TrackerError, match="again and again"):
        list(tracker.tracked(None))


# Certificates.


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, Path]]:
    """Makes certificates of one private CA: its PEM file, and key and certificate for a name."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    folder = tmp_path_factory.mktemp("ca")
    begin = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
    end = begin + datetime.timedelta(days=9)
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Private CA")])

    def signed(name: x509.Name, key: Any, extra: Any, *, is_ca: bool) -> Any:
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
        usage = x509.KeyUsage(True, False, False, False, False, is_ca, is_ca, False, False)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(ca_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
            .add_extension(identifier, critical=False)
            .add_extension(issuer, critical=False)
            .add_extension(usage, critical=True)
        )
        if extra is not None:
            builder = builder.add_extension(extra, critical=False)
        return builder.sign(ca_key, hashes.SHA256())

    pem = serialization.Encoding.PEM
    ca_file = folder / "ca.pem"
    ca_file.write_bytes(signed(ca_name, ca_key, None, is_ca=True).public_bytes(pem))

    def make(host: str) -> tuple[Path, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        address = x509.IPAddress(ipaddress.ip_address(host))
        extra = x509.SubjectAlternativeName([address])
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        both = folder / f"{host}.pem"
        both.write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + signed(name, key, extra, is_ca=False).public_bytes(pem)
        )
        return ca_file, both

    return make


def context(chain: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(chain)
    return made


def test_a_private_ca(
    case: Case,
    authority: Callable[[str], tuple[Path, Path]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ca_file, chain = authority("127.0.0.1")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    with Loopback(case.fake, context(chain)) as server:
        said = case.complaint(server)
        assert "set ca_file or REQUESTS_CA_BUNDLE to that CA's PEM file" in said
        assert server.requests == []
        assert len(case.read(server, ca_file=ca_file)) == 2
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca_file))
        assert len(case.read(server)) == 2
        # What is set counts, whatever else the environment names.
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(chain))
        assert len(case.read(server, ca_file=ca_file)) == 2


def test_a_certificate_for_another_name(
    gitlab: tuple[Case, Loopback], authority: Callable[[str], tuple[Path, Path]]
) -> None:
    ca_file, chain = authority("127.0.0.2")
    case, _ = gitlab
    with Loopback(case.fake, context(chain)) as server:
        assert "certificate for another name" in case.complaint(server, ca_file=ca_file)
        assert server.requests == []


def test_https_where_http_is_spoken(gitlab: tuple[Case, Loopback]) -> None:
    case, server = gitlab
    tracker = connect(
        GitLabTickets("g/p", server.url.replace("http:", "https:")), case.watch.access()
    )
    with pytest.raises(TrackerError, match="does not speak TLS as it should"):
        next(tracker.tracked(None))


@pytest.mark.parametrize(("content", "words"), [(None, "cannot be read"), (b"x", "no certificate")])
def test_a_ca_file_that_is_none(tmp_path: Path, content: bytes | None, words: str) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(TrackerError, match=words) as caught:
        connect(GitLabTickets("g/p"), Access(ca_file=file, environ={}))
    assert is_sentence(str(caught.value))


# Proxies and what else an environment brings.


def test_a_proxy_is_not_asked_for_this_machine(
    case: Case, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Loopback(lambda _: Reply(PAGE, 403, HTML)) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert len(case.read(server)) == 2
        assert proxy.requests == []


def through(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)


def test_a_proxy_is_asked_for_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch()
    fake = fake_gitlab.FakeGitLab(issues=[fake_gitlab.issue(1, 1)])

    def proxy(request: Request) -> Reply:
        assert request.target.startswith("http://gitlab.invalid/api/v4/")
        return fake(Request("GET", request.target.partition("invalid")[2], request.headers))

    with Loopback(proxy) as server:
        through(monkeypatch, server.url)
        access = watch.access(environ={"GITLAB_TOKEN": fake_gitlab.TOKEN})
        tracker = connect(GitLabTickets("g/sub/shop", "http://gitlab.invalid"), access)
        [one] = tracker.tracked(None)
    assert one.record.key.project == "gitlab.invalid/g/sub/shop"
    assert watch.told == [
        "GitLab at gitlab.invalid is reached by http: the token can be read on the way."
    ]


def test_a_dead_proxy_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    through(monkeypatch, f"http://user:kept-secret@127.0.0.1:{port}")
    tracker = connect(GitLabTickets("g/p", "http://gitlab.invalid"), Watch().access())
    with pytest.raises(TrackerError, match="through the proxy: check HTTPS_PROXY") as caught:
        next(tracker.tracked(None))
    assert "kept-secret" not in str(caught.value)


def test_a_netrc_does_not_take_the_place_of_a_token(
    case: Case, server: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login me password from-netrc\n")
    file.chmod(0o600)
    monkeypatch.setenv("NETRC", str(file))
    assert len(case.read(server)) == 2
    where = "/api/v4/projects/7" if case.name == "gitlab" else None
    if where:  # nor when a redirection is followed
        server.faults = [("sub/shop$", Reply({}, 302, {"Location": where}))]
        assert len(case.read(server)) == 2
    sent = [request.headers.get("authorization", "") for request in server.requests]
    assert not any(one.startswith("Basic") for one in sent)


def test_every_fault_keeps_what_came_before(case: Case, server: Loopback) -> None:
    """The second page fails; what the first one told has come, whole."""
    fake: Any = case.fake
    make = {"gitlab": fake_gitlab.issue, "github": fake_github.issue, "jira": fake_jira.issue}
    fake.issues = [make[case.name](number, number * 120) for number in range(1, 131)]
    usual, asked = server.answer, [0]

    def answer(request: Request) -> Reply:
        asked[0] += request.path.endswith(("/issues", "/jql"))
        return Reply(PAGE, headers=HTML) if asked[0] > 1 else usual(request)

    server.answer = answer
    kept: list[Tracked] = []
    with pytest.raises(TrackerError, match="web page"):
        kept.extend(case.tracker(server).tracked(None))
    assert len(kept) == (50 if case.name == "jira" else 100)
    assert [one.record.title for one in kept] == [f"Bug {place + 1}" for place in range(len(kept))]
