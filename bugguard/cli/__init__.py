"""The command line: one module a command, imported when it runs."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import click

from bugguard import __version__
from bugguard.cli import console
from bugguard.cli.root import bugguard
from bugguard.errors import EXIT_INTERRUPTED, EXIT_UNEXPECTED, EXIT_USAGE, BugguardError

#: What a shell reports of a program whose reader went away (128 + SIGPIPE).
EXIT_PIPE = 141

# click before 8.2 prints the help itself and has no such exception
_NO_ARGUMENTS = getattr(click.exceptions, "NoArgsIsHelpError", ())


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line with ``args`` (default: the process's own) and exit with its code.

    A command returns its exit code, or None for 0.
    """
    console.prepare()
    # What a commit waits for is mostly starting and ending, so: no threads for numpy's products,
    # which are small; hardly any garbage collection, for there is little garbage; and at the end no
    # taking apart of what the system takes back anyway.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(100_000, 20, 20)
    try:
        code = run(args)
        sys.stdout.flush()
    except BrokenPipeError:
        code = EXIT_PIPE
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(code)


def run(args: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; BrokenPipeError alone passes through."""
    try:
        # Not click's main(): it would end a broken pipe with 1, which is the code for findings.
        _complete_shell()
        arguments = list(sys.argv[1:] if args is None else args)
        with bugguard.make_context("bugguard", arguments) as context:
            code = bugguard.invoke(context)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        return _misused(error)
    except BugguardError as error:
        console.complain(str(error))
        return error.exit_code
    except (KeyboardInterrupt, EOFError, click.Abort):
        console.complain("interrupted")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:
        return _unexpected(error)


def _misused(error: click.ClickException) -> int:
    if isinstance(error, _NO_ARGUMENTS):
        console.say(error.format_message())  # the help
        return EXIT_USAGE
    hint = ""
    if isinstance(error, click.UsageError) and error.ctx:
        hint = f" (see `{error.ctx.command_path} --help`)"
    console.complain(error.format_message() + hint)
    return EXIT_USAGE


def _unexpected(error: Exception) -> int:
    console.complain(defect(error))
    return EXIT_UNEXPECTED


def defect(error: Exception) -> str:
    """What is to be said of an error that is ours; its traceback goes into a private file.

    That has no values of variables and no environment.
    """
    import platform
    import tempfile
    import traceback

    story = "".join(traceback.format_exception(error))
    try:
        # mkstemp: a new file, mode 600, that nobody could have put a link in place of
        handle, path = tempfile.mkstemp(prefix="bugguard-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"bugguard {__version__}, Python {platform.python_version()}\n{story}")
        where = f"the details are in {path}; please report it with them"
    except OSError:
        where = "its details could not be written to a log; please report how it came about"
    return f"this is a defect of bugguard ({type(error).__name__}): {where}"


def _complete_shell() -> None:
    """Answer the shell when it asks for completions (it sets the variable)."""
    instruction = os.environ.get("_BUGGUARD_COMPLETE")
    if instruction:
        from click.shell_completion import shell_complete

        code = shell_complete(bugguard, {}, "bugguard", "_BUGGUARD_COMPLETE", instruction)
        raise click.exceptions.Exit(code)
