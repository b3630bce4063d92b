"""Colours and progress appear where a person looks, and nowhere else."""

from __future__ import annotations

import io

import pytest

from bugguard.cli import console


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _no_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("environ", "tty", "wanted"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_colour_follows_the_conventions(
    environ: dict[str, str], tty: bool, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert console.colour(Terminal() if tty else io.StringIO()) is wanted


@pytest.mark.parametrize(
    ("environ", "tty", "wanted"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, True),
        ({"TERM": "dumb"}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
    ],
)
def test_a_terminal_is_looked_at_with_and_without_colours(
    environ: dict[str, str], tty: bool, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout", Terminal() if tty else io.StringIO())
    assert console.looked_at() is wanted


def test_the_width_is_the_terminal_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert console.width() == 100
    monkeypatch.setattr("sys.stdout", Terminal())
    assert console.width() == 72
    with monkeypatch.context() as windows:
        windows.setattr("os.name", "nt")
        width = console.width()
    assert width == 71


def test_a_diff_has_its_colours_where_there_are_any(monkeypatch: pytest.MonkeyPatch) -> None:
    told = "fix abc\n\n    - no line of it\na.py:1\n a()\n-b()\n+c()\n"
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert console.diff(told) == told
    monkeypatch.setattr("sys.stdout", Terminal())
    coloured = told.replace("-b()", "\x1b[31m-b()\x1b[0m").replace("+c()", "\x1b[32m+c()\x1b[0m")
    assert console.diff(told) == coloured


def test_progress_is_one_line_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    with console.progress("learning\x1b") as show:
        show(1234, 2000)
        for done in range(1235, 1300):
            show(done, 2000)
        show(2000, 2000)
    written = stream.getvalue()
    assert "learning\\x1b: 1,234 of 2,000 (61 %)" in written
    assert "learning\\x1b: 2,000 of 2,000 (100 %)" in written
    assert written.count("learning") < 60
    assert "\n" not in written
    assert written.endswith("\r\x1b[K")


def test_progress_goes_away_when_the_work_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)

    def work() -> None:
        with console.progress("learning") as show:
            show(1, 2)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_progress_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress("learning") as show:
        show(1, 2)
    assert capsys.readouterr() == ("", "")


def test_what_is_said_is_escaped_and_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    console.say("first\x1b[2J\nsecond\u202e")
    assert capsys.readouterr() == ("", "first\\x1b[2J\nsecond\\u202e\n")


def test_results_are_on_stdout_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    console.result("one\x1b[1mbold\x1b[0m\n")
    assert capsys.readouterr() == ("one\x1b[1mbold\x1b[0m\n", "")


def test_a_closed_stderr_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr("sys.stderr", Closed())
    console.complain("nobody hears this")
