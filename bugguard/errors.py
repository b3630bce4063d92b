"""Exit codes, and the exceptions that carry them to the command line.

Every error that a user can meet is a :class:`BugguardError` whose text is one sentence in three
parts: what went wrong, where, and what to do next. Anything else that reaches the command line is
a defect of ours and ends with :data:`EXIT_UNEXPECTED`.
"""

from __future__ import annotations

EXIT_CLEAN = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2  #: bad usage, config or input, or a missing index
EXIT_NO_JUDGE = 3  #: ``--judge required`` and no judge answered
EXIT_UNEXPECTED = 70
EXIT_INTERRUPTED = 130


class BugguardError(Exception):
    """What, where and what to do next, in one sentence."""

    exit_code = EXIT_USAGE


class ConfigError(BugguardError):
    """A setting that cannot be used."""


class GitError(BugguardError):
    """git could not do what it was asked."""


class MissingObjectError(GitError):
    """An object that history names is not in this clone (partial clone, damage)."""


class DiffError(BugguardError):
    """Text that was given as a diff and is not one."""


class CiError(BugguardError):
    """A CI service's environment that does not say what is to be checked."""


class CommentError(BugguardError):
    """A comment that could not be made, found or changed."""


class CommentRefusedError(CommentError):
    """The service does not let this token comment, or there is none."""

    def __init__(self, told: str, status: int = 0) -> None:
        super().__init__(told)
        self.status = status  #: HTTP's; 0: nobody was asked


class TicketError(BugguardError):
    """Tickets that cannot be kept, read or taken in."""


class EncoderError(BugguardError):
    """An encoder that cannot be loaded or does not fit the index."""


class JudgeError(BugguardError):
    """A judge that cannot be asked as it is set up."""


class NoJudgeError(JudgeError):
    """A judge was required and there is none, or it did not answer."""

    exit_code = EXIT_NO_JUDGE


class TriageError(BugguardError):
    """A baseline, or a file of votes, that cannot be used."""


class PatternIndexError(BugguardError):
    """The index cannot be used."""


class IndexMissingError(PatternIndexError):
    """There is no index where one was looked for."""


class IndexCorruptError(PatternIndexError):
    """The index is damaged: truncated, tampered with, or half a copy."""


class IndexVersionError(PatternIndexError):
    """The index was written by a newer bugguard."""


class IndexBusyError(PatternIndexError):
    """Another process is writing the index."""


class TrackerError(BugguardError):
    """A tracker that cannot be asked, or did not answer as it should."""
