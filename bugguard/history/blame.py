"""Which commits introduced lines: ``git blame``, the last step of SZZ (Śliwerski, Zimmermann and
Zeller, MSR 2005), told to look through changes of white space and through moves within the file.
"""

from __future__ import annotations

import re

from bugguard.errors import GitError
from bugguard.history.git import Git

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LINE = re.compile(rb"^([0-9a-f]{40}(?:[0-9a-f]{24})?) \d+ \d+", re.MULTILINE)
#: The repository's config may name a file of commits to be passed over; an empty one clears it.
_NONE_IGNORED = "--ignore-revs-file="


def introduced(git: Git, revision: str, path: str, start: int, count: int) -> frozenset[str]:
    """The shas of the commits that wrote ``count`` lines of a file as of ``revision``.

    revision: a full sha, for this command takes no ``--end-of-options``.
    start: 1-based. Empty where the file or the lines are not there.
    """
    if count < 1 or not _SHA.fullmatch(revision):
        return frozenset()
    lines = f"-L{start},+{count}"
    try:
        out = git.run("blame", "-w", "-M", "--porcelain", "--no-progress", _NONE_IGNORED, lines,
                      revision, "--", path)  # fmt: skip
    except GitError:
        return frozenset()
    # Lines of the file itself stand behind a tab.
    return frozenset(sha.decode("ascii") for sha in _LINE.findall(out))
