"""The frame of the command line: exit codes, one sentence an error, nothing loaded too early."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from bugguard import __version__, cli
from bugguard.cli import root
from bugguard.cli.lazy import Entry
from bugguard.errors import BugguardError, EncoderError


def program(*arguments: str, **kwargs: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # type: ignore[call-overload]
        [sys.executable, "-m", "bugguard", *arguments],
        capture_output=True, text=True, encoding="utf-8", check=False, **kwargs,
    )  # fmt: skip


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Puts a command named ``probe`` with the given body into the table."""

    def install(body: Callable[[], object]) -> None:
        monkeypatch.setattr(sys.modules[__name__], "probe", click.command("probe")(body), False)
        monkeypatch.setitem(root.COMMANDS, "probe", Entry(f"{__name__}:probe", "A probe."))

    return install


def raiser(error: BaseException) -> Callable[[], object]:
    def body() -> None:
        raise error

    return body


def test_version_and_help_load_nothing_heavy() -> None:
    for argument in ("--version", "--help"):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "bugguard", argument],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        assert "click" in loaded
        assert not loaded & {"numpy", "git", "torch", "tokenizers", "bugguard.history.git"}
        assert not {name for name in loaded if name.startswith("bugguard.cli.check")}


def test_version() -> None:
    done = program("--version")
    assert (done.returncode, done.stdout) == (0, f"bugguard, version {__version__}\n")


def test_help_names_every_command_and_exit_code() -> None:
    done = program("--help")
    assert done.returncode == 0
    for name, entry in root.COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(entry.help)}$", done.stdout, re.MULTILINE)
    for code in ("0", "1", "2", "130", "70"):
        assert re.search(rf"^    {code}  ", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("name", list(root.COMMANDS))
def test_every_command_is_there(name: str) -> None:
    context = click.Context(root.bugguard)
    found = root.bugguard.get_command(context, name)
    assert found is not None
    assert found.get_short_help_str()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["chek"], "there is no command 'chek'; did you mean 'check'? (see `bugguard --help`)"),
        (["zzz"], "there is no command 'zzz' (see `bugguard --help`)"),
        (["--versio"], "No such option"),
        (["config", "show", "--repo", "missing\x1b[2J"], "missing"),
    ],
)
def test_bad_usage_is_one_sentence_and_code_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.startswith("bugguard: ")
    assert err.count("\n") == 1
    assert "\x1b" not in err


@pytest.mark.parametrize(("outcome", "code"), [(None, 0), (0, 0), (1, 1), (3, 3), ("text", 0)])
def test_a_command_returns_its_exit_code(
    outcome: object, code: int, command: Callable[[Callable[[], object]], None]
) -> None:
    command(lambda: outcome)
    assert cli.run(["probe"]) == code


def test_click_s_own_exit_is_kept(command: Callable[[Callable[[], object]], None]) -> None:
    command(lambda: click.get_current_context().exit(1))
    assert cli.run(["probe"]) == 1


class NoJudgeError(BugguardError):
    exit_code = 3


@pytest.mark.parametrize(
    ("error", "code", "err"),
    [
        (EncoderError("the model is gone: put it back"), 2,
         "bugguard: the model is gone: put it back\n"),
        (NoJudgeError("no judge"), 3, "bugguard: no judge\n"),
        (BugguardError("a\x1b[2Jb\nc\udcff"), 2, "bugguard: a\\x1b[2Jb\\nc\\xff\n"),
        (KeyboardInterrupt(), 130, "bugguard: interrupted\n"),
        (click.Abort(), 130, "bugguard: interrupted\n"),
        (click.FileError("x", "gone"), 2, "bugguard: Could not open file 'x': gone\n"),
    ],
)  # fmt: skip
def test_errors_are_a_sentence_and_a_code(
    error: BaseException,
    code: int,
    err: str,
    command: Callable[[Callable[[], object]], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    command(raiser(error))
    assert cli.run(["probe"]) == code
    assert capsys.readouterr() == ("", err)


def test_a_defect_ends_with_70_and_a_private_log(
    command: Callable[[Callable[[], object]], None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("MY_TOKEN", "hush-hush")
    command(raiser(ZeroDivisionError("surprise \udcff")))
    assert cli.run(["probe"]) == 70
    out, err = capsys.readouterr()
    (log,) = tmp_path.iterdir()
    assert out == ""
    assert err.count("\n") == 1
    assert str(log) in err
    assert "Traceback" not in err
    text = log.read_text(encoding="utf-8")
    assert "ZeroDivisionError: surprise" in text
    assert "hush-hush" not in text
    if os.name != "nt":
        assert log.stat().st_mode & 0o777 == 0o600


def test_a_defect_is_told_even_without_a_log(
    command: Callable[[Callable[[], object]], None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    command(raiser(ZeroDivisionError()))
    assert cli.run(["probe"]) == 70
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="pipes end differently there")
def test_a_reader_that_goes_away_is_no_finding_and_no_noise() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "bugguard", "--help"],
        stdout=writer, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_stdout_is_a_sentence() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "bugguard", "config", "show"],
            stdout=full, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith(b"bugguard: the result cannot be written")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
@pytest.mark.parametrize("arguments", ["config show", "chek"])
def test_closed_streams_end_nothing(closed: str, arguments: str) -> None:
    line = f"exec '{sys.executable}' -m bugguard {arguments} {closed}"
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, check=False)
    assert done.returncode == (2 if arguments == "chek" else 0)
    assert b"Traceback" not in done.stderr


def test_the_shell_completes_from_the_table() -> None:
    environ = os.environ | {
        "_BUGGUARD_COMPLETE": "bash_complete", "COMP_WORDS": "bugguard c", "COMP_CWORD": "1",
    }  # fmt: skip
    done = program(env=environ)
    assert done.returncode == 0
    assert done.stdout.split() == [
        "plain,check", "plain,ci", "plain,comment", "plain,config",
    ]  # fmt: skip


def test_what_a_locale_cannot_write_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / ".bugguard.toml").write_text("[learn]\nsince = '昨日'\n", encoding="utf-8")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    environ = os.environ | {"PYTHONIOENCODING": "latin-1"}
    done = program("config", "show", "--repo", str(tmp_path), env=environ)
    assert done.returncode == 0
    assert 'since = "\\u6628\\u65e5"' in done.stdout
