"""Whether the index has fallen behind the history: asked at every commit, so it must be quick."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bugguard.history import log, revisions
from bugguard.history.diff import Limits
from bugguard.history.git import Git
from bugguard.history.regexes import compiled

#: Nearly every message that the learner takes for a fix has one of these. What slips through is
#: learned with the next one that does not.
_HINT = re.compile(
    r"fix|bug|crash|regress|repair|resolv|clos|correct|wrong|broke|leak|race|deadlock|overflow|"
    r"secur|cve|prevent|avoid|fault|hang|修|不具合|バグ|障害|誤|直",
    re.IGNORECASE,
)


def is_behind(
    git: Git, known: Sequence[str], heads: Sequence[str], subjects: Sequence[str]
) -> bool:
    """Whether commits came since ``known`` that a fix could be learned from.

    Other commits only shift how rare a word is, too little to rewrite the index for at a commit.
    known: the heads that the index was made from. subjects: the team's own regexes for fixes;
    ConfigError for one that is none.
    """
    if set(known) == set(heads):
        return False
    here = [head for head in known if git.ask("cat-file", "-t", head) == "commit"]
    if len(here) < len(known):
        return True  # history was rewritten
    came = revisions.commits(git, heads, here)
    hints = [_HINT, *(compiled(pattern, "fix_subjects") for pattern in subjects)]
    return any(
        not isinstance(commit, log.Unread) and any(hint.search(commit.message) for hint in hints)
        for commit in log.read(git, came, Limits(), diffs=False)
    )
