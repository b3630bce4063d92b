"""Programs on a real terminal of a given size."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from typing import NamedTuple

from program import PROGRAM, environment
from repository import Repository


class Shown(NamedTuple):
    """What came to the terminal, with a plain newline at the end of each line."""

    code: int
    text: str
    err: str  #: which went to a pipe


def on_terminal(
    repository: Repository,
    *arguments: str,
    columns: int = 80,
    command: tuple[str, ...] = (PROGRAM,),
    behind: int | None = None,
    **variables: str,
) -> Shown:
    """The program with its standard output on a terminal, in the repository's folder.

    columns: 0 is a terminal that does not tell. behind: the columns of the terminal that the
        program was started from, where that is another one; None: it was started from none.
    """
    ours, theirs = pty.openpty()
    sized, started_from = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        fcntl.ioctl(started_from, termios.TIOCSWINSZ, struct.pack("HHHH", 24, behind or 0, 0, 0))
        told = {"TERM": "xterm-256color"} | variables
        surroundings = {
            name: value
            for name, value in environment(repository).items()
            if name
            not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "TMUX", "TERM_PROGRAM", "VTE_VERSION")
        }
        process = subprocess.Popen(
            [*command, *arguments],
            cwd=repository.path,
            env=surroundings | told,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=(lambda: fcntl.ioctl(started_from, termios.TIOCSCTTY, 0))
            if behind
            else None,
            stdout=theirs,
            stderr=subprocess.PIPE,
        )
        os.close(theirs)
        theirs = -1
        written = b""
        while True:
            try:
                piece = os.read(ours, 65_536)
            except OSError:  # how Linux tells that the other end was closed
                break
            if not piece:
                break
            written += piece
        _, err = process.communicate()
    finally:
        for descriptor in (ours, theirs, sized, started_from):
            if descriptor >= 0:
                os.close(descriptor)
    text = written.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    return Shown(process.returncode, text, err.decode("utf-8", "surrogateescape"))


#: Runs the command line as the installed script does, then tells what was imported.
PROBE = (
    sys.executable,
    "-c",
    "import sys\n"
    "from bugguard.cli import run\n"
    "code = run(sys.argv[1:])\n"
    "print('\\n'.join(sorted(sys.modules)), file=sys.stderr)\n"
    "sys.exit(code)\n",
)
