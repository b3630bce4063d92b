"""The environment that git's commands get: of its own variables only those that a hook needs."""

from __future__ import annotations

from collections.abc import Mapping

#: What a hook needs to see the same repository and index as the git that runs it, and what a user
#: sets to be allowed in (safe.directory through the environment, other config files).
_KEPT = {
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CEILING_DIRECTORIES", "GIT_EXEC_PATH",
    "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_COUNT",
}  # fmt: skip
_KEPT_PREFIXES = ("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")
_WHERE = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"}


def scrubbed(environ: Mapping[str, str], *, keep_place: bool) -> dict[str, str]:
    """``environ`` for git, without what would redirect it or let it start anything.

    keep_place: whether variables that say where the repository is are meant.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith("GIT_")
        or (name in _KEPT and (keep_place or name not in _WHERE))
        or name.startswith(_KEPT_PREFIXES)
    }
    return kept | {
        "GIT_OPTIONAL_LOCKS": "0",
        # A missing object must not start a transport that config names. The first is understood
        # since git 2.45; the second, a list of what is allowed, overrules protocol.*.allow.
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_PAGER": "cat",
        "LC_ALL": "C",
    }
