"""The command line with an address where a folder could be: the same words, the same exit codes."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pgserver import Server
from program import CLEAN, FINDINGS, USAGE, Result, bugguard
from repository import Repository
from shop import FIXES, REPLACED, TWO_HUNKS, Shop

from bugguard import cli
from bugguard.cli.answers import Answers
from bugguard.config import Dsn
from bugguard.index.postgres.link import Link

pytestmark = pytest.mark.functional

Admin = psycopg.Connection[Any]


class Workshop(Repository):
    """A history with as many fixes as wanted, each of a function of its own."""

    @classmethod
    def at(cls, path: Path, fixes: int) -> Workshop:
        workshop = cls(path)
        workshop.git("config", "user.name", "Ada Tester")
        workshop.git("config", "user.email", "ada@example.org")
        commits: list[tuple[bytes, dict[bytes, Any]]] = [
            (
                b"Add the tools",
                {_name(one).encode(): _tool(one, mended=False) for one in range(fixes)},
            )
        ]
        for one in range(fixes):
            message = f"fix: tool {one} read beyond its gauge_{one} (#{one + 10})".encode()
            commits.append((message, {_name(one).encode(): _tool(one, mended=True)}))
        workshop.load(commits)
        workshop.git("reset", "--quiet", "--hard")
        return workshop

    def break_again(self, *tools: int) -> None:
        """Takes fixes back, and repeats each bug in another file."""
        self.stage({_name(one): _tool(one, mended=False) for one in tools})
        self.stage({f"more/copy_{one}.py": _tool(one, mended=False) for one in tools})


def _name(one: int) -> str:
    return f"tools/tool_{one}.py"


def _tool(one: int, *, mended: bool) -> bytes:
    bound = f"min(limit_{one}, len(gauge_{one}))" if mended else f"limit_{one}"
    return f"""\
def measure_{one}(gauge_{one}, limit_{one}):
    total_{one} = 0
    for step in range({bound}):
        total_{one} += gauge_{one}[step] * scale_{one}(step)
    return total_{one}


def scale_{one}(step):
    return step + {one}
""".encode()


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, new_dsn: Callable[..., Dsn]
) -> tuple[Workshop, Path, Dsn]:
    """Four dozen fixes learned into a folder, and pushed."""
    root = tmp_path_factory.mktemp("workshop")
    workshop, dsn = Workshop.at(root / "workshop", fixes=48), new_dsn()
    workshop.break_again(3, 17, 40)
    assert bugguard(workshop, "index", "build", "--index", root / "index").code == CLEAN
    result = bugguard(workshop, "index", "push", dsn.secret, "--index", root / "index")
    assert result.code == CLEAN, result
    assert result.out == f"{dsn}: the index is there, 48 patterns\n"
    return workshop, root / "index", dsn


def both(made: tuple[Workshop, Path, Dsn], *arguments: str) -> list[Result]:
    workshop, folder, dsn = made
    return [bugguard(workshop, *arguments, "--index", where) for where in (folder, dsn.secret)]


def assert_same(made: tuple[Workshop, Path, Dsn], *arguments: str, code: int = CLEAN) -> str:
    """Both print the same to the byte, but for how long it took; returns that."""
    folder, server = both(made, *arguments)
    assert (folder.code, server.code) == (code, code), server
    assert folder.err == server.err
    texts = [result.out for result in (folder, server)]
    texts = [re.sub(r'"seconds": [\d.e-]+', '"seconds": 0', text) for text in texts]
    assert texts[0] == texts[1]
    return texts[1]


@pytest.mark.parametrize("more", [[], ["--candidates", "30", "--why"], ["--threshold", "0.001"]])
def test_check(made: tuple[Workshop, Path, Dsn], more: list[str]) -> None:
    told = assert_same(made, "check", "--format", "json", *more, code=FINDINGS)
    assert len(json.loads(told)["findings"]) >= 3


@pytest.mark.parametrize("revision", ["HEAD", "HEAD~20"])
def test_check_as_of_the_past(made: tuple[Workshop, Path, Dsn], revision: str) -> None:
    told = assert_same(made, "check", "--format", "json", "--commit", revision, "--candidates", "9")
    report = json.loads(told)
    assert report["index"]["fixes"] == 47 - int(revision.partition("~")[2] or 0)
    assert report["candidates"]


def test_scan(made: tuple[Workshop, Path, Dsn]) -> None:
    told = assert_same(made, "scan", ".", "--format", "json", "--no-cache", code=FINDINGS)
    assert '"rule": "BG003"' in told


@pytest.mark.parametrize(
    "arguments",
    [["show", "#20"], ["index", "rules", "--json"], ["index", "explain", "HEAD~5"],
     ["eval", "--last", "8", "--json"]],
)  # fmt: skip
def test_whatever_reads_an_index(
    made: tuple[Workshop, Path, Dsn], arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if arguments[0] == "eval":
        folder, server = (result.json for result in both(made, *arguments))
        for one in (folder, server):
            one.pop("seconds", None)
        assert folder == server
    else:
        assert assert_same(made, *arguments)


def test_search_reads_in_large_pieces(
    made: tuple[Workshop, Path, Dsn], asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert assert_same(made, "search", "gauge_17", "beyond")
    asked.clear()
    cli.run(["search", "gauge", "--repo", str(made[0].path), "--index", made[2].secret])
    assert "tool" in capsys.readouterr().out
    assert len(asked) <= 5


def all_gone(admin: Admin) -> bool:
    """Whether every reader takes leave, which the server notes a moment later."""
    open_ = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
    for _ in range(200):
        [[left]] = admin.execute(open_)
        if not left:
            return True
        time.sleep(0.05)
    return False


def test_agents(made: tuple[Workshop, Path, Dsn], asked: list[str]) -> None:
    """The same answers, and no connection stays open between two calls."""
    workshop, folder, dsn = made
    diff = workshop.git("diff", "--cached").decode()
    with psycopg.connect(dsn.secret, autocommit=True) as admin:
        served = Answers(workshop.path, dsn)
        stored = Answers(workshop.path, folder)
        calls: list[tuple[str, dict[str, Any]]] = [
            ("check_diff", {"diff": diff}), ("show_fix", {"fix": "#20"}),
            ("search_past_bugs", {"query": "beyond its gauge"}), ("check_diff", {"staged": True}),
            ("search_past_bugs", {"query": "tool 7"}),
        ]  # fmt: skip
        for tool, arguments in calls:
            one, other = served(tool, arguments), stored(tool, arguments)
            documents = [dict(answer.document) for answer in (one, other)]
            for document in documents:
                document.pop("stats", None)
            assert documents[0] == documents[1]
            assert all_gone(admin)
    assert asked


def test_info_tells_the_address_without_credentials(made: tuple[Workshop, Path, Dsn]) -> None:
    folder, server = (result.json for result in both(made, "index", "info", "--json"))
    assert server.pop("index") == str(made[2])
    assert "user" not in str(made[2])
    folder.pop("index")
    assert folder == server


def test_info_of_an_index_that_is_behind(made: tuple[Workshop, Path, Dsn], tmp_path: Path) -> None:
    later = Workshop.clone(made[0].path, tmp_path / "later")
    later.commit({"tools/tool_1.py": _tool(1, mended=False)}, "fix: tool 1 read too little")
    told = bugguard(later, "index", "info", "--index", made[2].secret).out
    assert told.endswith(
        "1 commit behind, 1 of them a fix: bring a folder up to date and push it\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [["index", "build"], ["index", "update"], ["index", "verify"], ["index", "lessons"],
     ["tickets", "list"], ["tickets", "info"], ["index", "merge", "."]],
)  # fmt: skip
def test_what_needs_a_folder_says_so(
    made: tuple[Workshop, Path, Dsn], arguments: list[str]
) -> None:
    workshop, _, dsn = made
    result = bugguard(workshop, *arguments, "--index", dsn.secret)
    assert result.code == USAGE
    assert result.complaint == (
        f"the index at {dsn} is on a server, and this needs a folder: name one with --index DIR, "
        "and push it with `bugguard index push`"
    )


def test_push_again_and_of_nothing(made: tuple[Workshop, Path, Dsn], tmp_path: Path) -> None:
    workshop, folder, dsn = made
    again = bugguard(workshop, "index", "push", dsn.secret, "--index", folder)
    assert again.out == f"{dsn}: the index is there already, 48 patterns\n"
    nothing = bugguard(workshop, "index", "push", dsn.secret, "--index", tmp_path / "none")
    assert (nothing.code, nothing.complaint[:12]) == (USAGE, "no index at ")
    wrong = bugguard(workshop, "index", "push", "mysql://u:geheim@host/x", "--index", folder)
    assert wrong.code == USAGE
    assert wrong.complaint.startswith("DSN is no address such as postgresql://HOST/DATABASE")
    assert "geheim" not in wrong.err


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that is sent."""
    statements: list[str] = []
    real = Link.ask

    def ask(self: Link, query: str, values: Any = None) -> list[Any]:
        statements.append(query)
        return real(self, query, values)

    monkeypatch.setattr(Link, "ask", ask)
    for name in [name for name in os.environ if name.startswith(("GIT_", "BUGGUARD_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", "/no/such/folder")
    return statements


MOST = 12  #: statements for one check, whatever the index holds,
MORE = 20  #: and where fixes are offered or the past is asked for


@pytest.mark.parametrize("more", [[], ["--candidates", "50"], ["--commit", "HEAD"]])
def test_a_check_asks_little(
    made: tuple[Workshop, Path, Dsn], new_dsn: Callable[..., Dsn], asked: list[str],
    tmp_path: Path, more: list[str], capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    counts = []
    small, place = Workshop.at(tmp_path / "small", fixes=12), new_dsn()
    small.break_again(3, 7, 9)
    for command in (["index", "build"], ["index", "push", place.secret]):
        assert cli.run([*command, "--repo", str(small.path)]) == CLEAN
    for repository, dsn in ((small, place), (made[0], made[2])):
        asked.clear()
        arguments = ["check", "--repo", str(repository.path), "--index", dsn.secret, *more]
        assert cli.run(arguments) == (CLEAN if "--commit" in more else FINDINGS)
        counts.append(len(asked))
    assert max(counts) <= (MORE if more else MOST), asked
    assert more or counts[0] == counts[1]
    capsys.readouterr()


def test_the_server_hears_good_bye(
    made: tuple[Workshop, Path, Dsn], asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    workshop, _, dsn = made
    gone: list[bool] = []
    real = Link.close
    try:
        Link.close = lambda self: (real(self), gone.append(self.connection.closed))[0]  # type: ignore[method-assign]
        cli.run(["show", "#20", "--repo", str(workshop.path), "--index", dsn.secret])
    finally:
        Link.close = real  # type: ignore[method-assign]
    assert gone == [True]
    assert "tool 10 read beyond" in capsys.readouterr().out


# The hook, and where an address may be written.


@pytest.fixture(scope="module")
def learned(
    tmp_path_factory: pytest.TempPathFactory, new_dsn: Callable[..., Dsn]
) -> tuple[Shop, Dsn]:
    shop, dsn = Shop.at(tmp_path_factory.mktemp("learned") / "shop"), new_dsn()
    assert bugguard(shop, "index", "build").code == CLEAN
    assert bugguard(shop, "index", "push", dsn.secret).code == CLEAN
    shutil.rmtree(shop.path / ".git" / "bugguard")
    return shop, dsn


@pytest.fixture
def shop(learned: tuple[Shop, Dsn], tmp_path: Path) -> Shop:
    """A clone that has no index of its own."""
    shutil.copytree(learned[0].path, tmp_path / "shop", symlinks=True)
    return Shop.existing(tmp_path / "shop", learned[0].clock)


def test_the_hook_with_the_environment(shop: Shop, learned: tuple[Shop, Dsn]) -> None:
    shop.stage(shop.undone(REPLACED) | shop.undone(TWO_HUNKS))
    result = bugguard(shop, "hook", BUGGUARD_INDEX=learned[1].secret)
    assert result.code == FINDINGS, result
    assert result.out.count("BG001") == 2
    assert f"against {len(FIXES)} past fixes" in result.out
    assert not (shop.path / ".git" / "bugguard" / "CURRENT").exists()  # nothing was built


def test_init_learns_nothing(shop: Shop, learned: tuple[Shop, Dsn]) -> None:
    result = bugguard(shop, "init", BUGGUARD_INDEX=learned[1].secret)
    assert result.code == CLEAN, result
    assert result.out.endswith(f"uses the index at {learned[1]}: 5 patterns\n")
    assert (shop.path / ".git" / "hooks" / "pre-commit").exists()
    assert not (shop.path / ".git" / "bugguard" / "CURRENT").exists()


def test_the_users_own_config(shop: Shop, learned: tuple[Shop, Dsn], tmp_path: Path) -> None:
    config = tmp_path / "config" / "bugguard" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f"index = {json.dumps(learned[1].secret)}\n")
    shop.stage(shop.undone(REPLACED))
    told = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    assert bugguard(shop, "check", **told).code == FINDINGS
    shown = bugguard(shop, "config", "show", "--origin", **told).out.splitlines()[0]
    assert shown == f'index = "{learned[1]}"  # {config}'


@pytest.mark.parametrize("name", [".bugguard.toml", "pyproject.toml"])
def test_a_repository_may_not_name_a_server(
    shop: Shop, learned: tuple[Shop, Dsn], name: str
) -> None:
    secret = f"{learned[1].secret}&password=geheim"
    head = "[tool.bugguard]\n" if name == "pyproject.toml" else ""
    (shop.path / name).write_text(f"{head}index = {json.dumps(secret)}\n")
    result = bugguard(shop, "check")
    assert result.code == USAGE
    assert result.complaint.startswith(f"{name}: index = 'postgresql:///bugguard?host=")
    assert "is refused, since a repository may only choose a folder inside" in result.complaint
    assert "geheim" not in result.err
    assert bugguard(shop, "check", "--index", learned[1].secret).code == USAGE


def test_a_service_file(shop: Shop, learned: tuple[Shop, Dsn], tmp_path: Path) -> None:
    told = psycopg.conninfo.conninfo_to_dict(learned[1].secret)
    lines = (f"{name}={value}\n" for name, value in told.items())
    (tmp_path / "services").write_text("[team]\n" + "".join(lines))
    shop.stage(shop.undone(REPLACED))
    environ = {"PGSERVICEFILE": str(tmp_path / "services")}
    result = bugguard(shop, "check", "--index", "postgres:///?service=team", **environ)
    assert result.code == FINDINGS, result


@pytest.mark.parametrize(
    "address",
    ["postgresql://clerk:geheim@127.0.0.1:1/x", "postgresql://clerk:geh/eim@host/x",
     "postgresql://clerk:geheim@127.0.0.1:1/x?nonsense=geheim"],
)  # fmt: skip
@pytest.mark.parametrize("command", [["hook"], ["check"], ["hook", "--strict"], ["index", "info"]])
def test_no_server(shop: Shop, address: str, command: list[str]) -> None:
    shop.stage(shop.undone(REPLACED))
    result = bugguard(shop, *command, BUGGUARD_INDEX=address)
    lets = command == ["hook"]
    assert result.code == (CLEAN if lets else USAGE)
    assert result.complaint.endswith("; this commit was not checked") is lets
    assert "geh" not in result.err
    assert "clerk" not in result.err
    assert result.out == ""


def test_the_server_goes_while_the_hook_asks(
    shop: Shop, learned: tuple[Shop, Dsn], postgres: Server, asked: list[str],
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    shop.stage(shop.undone(REPLACED))
    before = Link.ask

    def ask(self: Link, query: str, values: Any = None) -> list[Any]:
        if len(asked) == 4:
            with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as admin:
                pid = self.connection.info.backend_pid
                admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        return before(self, query, values)

    monkeypatch.setattr(Link, "ask", ask)
    arguments = ["--repo", str(shop.path), "--index", learned[1].secret]
    assert cli.run(["hook", *arguments]) == CLEAN
    lost = f"bugguard: the connection to {learned[1]} was lost: try again"
    assert capsys.readouterr().err == f"{lost}; this commit was not checked\n"
    asked.clear()
    assert cli.run(["check", *arguments]) == USAGE
    assert capsys.readouterr().err == f"{lost}\n"


def test_compare_tells_no_password(made: tuple[Workshop, Path, Dsn]) -> None:
    workshop, folder, dsn = made
    secret = dsn.secret + "&password=geheim"
    for other in (secret, f"index={secret}", f"threshold=0.2,{secret}"):
        result = bugguard(workshop, "eval", "--last", "3", "--compare", str(folder), other)
        assert result.code == CLEAN, result
        assert str(dsn) in result.out
        assert "geheim" not in result.out + result.err


def test_without_the_extra(made: tuple[Workshop, Path, Dsn], tmp_path: Path) -> None:
    (tmp_path / "psycopg.py").write_text("raise ImportError('no pq wrapper available')\n")
    workshop, folder, dsn = made
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    for command in (["check", "--index", dsn.secret],
                    ["index", "push", dsn.secret, "--index", str(folder)]):  # fmt: skip
        result = bugguard(workshop, *command, PYTHONPATH=path)
        assert result.code == USAGE
        assert 'needs more packages: run `pip install "bugguard[postgres]"`' in result.complaint


def test_several_repositories(
    made: tuple[Workshop, Path, Dsn], new_dsn: Callable[..., Dsn], tmp_path: Path
) -> None:
    """Whose a fix is, and how much it counts, is told of a server's too."""
    other, index, dsn = Workshop.at(tmp_path / "other", fixes=9), tmp_path / "index", new_dsn()
    repositories = ["--repo", str(made[0].path), "--repo", str(other.path)]
    assert bugguard(other, "index", "build", *repositories, "--output", index).code == CLEAN
    assert bugguard(other, "index", "push", dsn.secret, "--index", index).code == CLEAN
    other.stage({f"copy_{one}.py": _tool(one, mended=False) for one in (2, 5, 30)})
    both_of = (other, index, dsn)
    told = assert_same(both_of, "check", "--format", "json", code=FINDINGS)
    assert '"repository"' in told or "workshop" in told
    (other.path / ".bugguard.toml").write_text('[check]\nweights = ["*workshop*=0"]\n')
    less = assert_same(both_of, "check", "--format", "json", "--candidates", "9", code=FINDINGS)
    assert len(json.loads(less)["findings"]) < len(json.loads(told)["findings"])
    assert_same(both_of, "scan", ".", "--format", "json", "--no-cache", code=FINDINGS)
    infos = [
        bugguard(other, "index", "info", "--json", "--index", where).json
        for where in (index, dsn.secret)
    ]
    assert infos[0]["repositories"] == infos[1]["repositories"]
    assert infos[1]["repositories"].keys() == {"workshop", "other"}


def test_the_readmes_sql(made: tuple[Workshop, Path, Dsn], postgres: Server) -> None:
    """As it stands there: who reads may do so, also what is pushed later, and nothing else."""
    readme = Path(__file__).parents[3] / "README.md"
    [sql] = re.findall(r"```sql\n(.*?)```", readme.read_text("utf-8"), re.S)
    before, after = sql.split("-- after the first push, as pusher:\n")
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as admin:
        admin.execute("CREATE DATABASE acme")
        admin.execute("CREATE ROLE pusher LOGIN")
        admin.execute("CREATE ROLE readers LOGIN")
    with psycopg.connect(postgres.dsn("acme"), autocommit=True) as admin:
        admin.execute(before)
    workshop, folder, _ = made
    pusher, reader = postgres.dsn("acme", "pusher"), postgres.dsn("acme", "readers")
    assert bugguard(workshop, "index", "push", pusher, "--index", folder).code == CLEAN
    with psycopg.connect(pusher, autocommit=True) as owner:
        owner.execute(after)
        assert bugguard(workshop, "check", "--index", reader).code == FINDINGS
        owner.execute("UPDATE bugguard.layout SET version = 0")  # so that all is made anew
    assert bugguard(workshop, "index", "push", reader, "--index", folder).code == USAGE
    assert bugguard(workshop, "index", "push", pusher, "--index", folder).code == CLEAN
    assert bugguard(workshop, "check", "--index", reader).code == FINDINGS
    with psycopg.connect(reader) as thief, pytest.raises(psycopg.errors.InsufficientPrivilege):
        thief.execute("DELETE FROM bugguard.pointer")
