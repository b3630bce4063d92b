"""What reaches the terminal: results on stdout, everything else on stderr, nothing unescaped."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import click

from bugguard.errors import BugguardError
from bugguard.report.escape import clip, terminal

_SIDES = {"-": "red", "+": "green"}


def prepare() -> None:
    """Let neither a closed stream nor a character that the locale lacks end the program."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started us
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def result(text: str) -> None:
    """Write a result, already escaped, to stdout.

    BrokenPipeError passes through; any other failure to write is a BugguardError.
    """
    try:
        click.echo(text, nl=False, color=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise BugguardError(
            f"the result cannot be written to the standard output ({error.strerror});"
            " make room there or send it elsewhere"
        ) from error


def say(text: str) -> None:
    """Write lines for people to stderr, each escaped."""
    lines = "\n".join(terminal(line) for line in text.split("\n"))
    with suppress(OSError):  # nobody listens: the exit code still speaks
        click.echo(lines, err=True)


def complain(sentence: str) -> None:
    """Write one error's sentence to stderr, on one line."""
    say(f"bugguard: {terminal(sentence)}")


def colour(stream: IO[str]) -> bool:
    """Whether ``stream`` is to get colours: NO_COLOR, then FORCE_COLOR, then a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def looked_at() -> bool:
    """Whether stdout is for people's eyes: a terminal, or what FORCE_COLOR says is one."""
    return sys.stdout.isatty() or colour(sys.stdout)


def diff(text: str) -> str:
    """A text with the lines of a diff in it, those in colours if stdout is to get any."""
    if not colour(sys.stdout):
        return text
    lines = (
        click.style(line, fg=_SIDES[line[:1]]) if line[:1] in _SIDES else line
        for line in text.split("\n")
    )
    return "\n".join(lines)


def width() -> int:
    """The terminal's columns; 100 where there is none, unless it is to be taken for one."""
    if not looked_at():
        return 100
    import shutil  # with its archive formats, too slow for a hook that writes to a pipe

    columns = shutil.get_terminal_size((0, 0)).columns or _behind() or 100
    # Older consoles of Windows begin a new line by themselves behind the last column.
    return columns - 1 if os.name == "nt" else columns


def _behind() -> int:
    """Columns of the terminal that we were started from; 0: there is none.

    pre-commit puts one of its own between, which has no size.
    """
    try:
        with Path("/dev/tty").open("rb") as real:
            return os.get_terminal_size(real.fileno()).columns
    except OSError:
        return 0


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A line on stderr that follows (done, total) calls, and is gone at the end.

    Nothing at all is written where stderr is no terminal.
    """
    stream = sys.stderr
    if not stream.isatty():
        yield lambda done, total: None
        return
    import shutil

    room = shutil.get_terminal_size((100, 24)).columns - 1
    drawn: float | None = None

    def show(done: int, total: int) -> None:
        nonlocal drawn
        now = time.monotonic()
        if drawn is not None and now - drawn < 0.05 and done != total:
            return  # faster than anybody reads; drawing would cost more than the work
        drawn = now
        count = f"{done:,} of {total:,} ({done * 100 // total} %)" if total else f"{done:,}"
        stream.write("\r\x1b[K" + clip(f"{terminal(what)}: {count}", room))
        stream.flush()

    try:
        yield show
    finally:
        if drawn is not None:
            stream.write("\r\x1b[K")
            stream.flush()
