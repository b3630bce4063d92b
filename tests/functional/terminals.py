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
    **variables: str,
) -> Shown:
    """The program with its standard output on a terminal, in the repository's folder.

    columns: 0 is a terminal that does not tell.
    """
    ours, theirs = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
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
        os.close(ours)
        if theirs >= 0:
            os.close(theirs)
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
