"""Hunks of fix commits, read from a local clone as raw git output."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CODE = (
    "c cc cpp cs css cxx dart ex exs go h hh hpp hs html java js jsx kt lua m mjs mm php pl py pyx "
    "rb rs scala sh sql swift ts tsx vue xml yaml yml toml proto tf groovy gradle r jl erl clj zig"
)
SUFFIXES = frozenset("." + name for name in CODE.split())
FIX_WORDS = r"\b(fix(e[sd]|ing)?|bug(fix)?|regression|crash(es)?|leak(s)?|repair|correct(s|ed)?)\b"
MAX_HUNKS = 40  # a commit with more is a sweep over the code base, not one repaired bug
MAX_LINES = 80
_WORD = re.compile(r"[^\W_]+|[^\w\s]+")
_COMMIT = "\x1ecommit "


@dataclass(frozen=True, slots=True)
class FixHunk:
    """One hunk of a fix commit; lines have no markers."""

    commit: str
    path: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def text(self) -> str:
        """The pre-image, as one text."""
        return "\n".join(self.before)

    @property
    def edit(self) -> frozenset[str]:
        """The tokens that only one side has, marked with the side."""
        old = set(_WORD.findall("\n".join(self.before)))
        new = set(_WORD.findall("\n".join(self.after)))
        return frozenset(
            {"-" + token for token in old - new} | {"+" + token for token in new - old}
        )


def fix_hunks(history: Path, limit: int) -> Iterator[FixHunk]:
    """Hunks of the newest ``limit`` fix commits of the clone at ``history``, newest first."""
    command = [
        "git", "-C", str(history), "log", "--no-merges", "-i", "-P", f"--grep={FIX_WORDS}",
        f"--max-count={limit}", f"--format={_COMMIT}%H", "-p", "-U3", "--no-color",
        "--no-ext-diff", "--no-textconv", "--no-renames", "--diff-filter=M",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = (raw.decode("utf-8", "replace").rstrip("\r\n") for raw in process.stdout)
        for commit in _split(lines, _COMMIT):
            hunks = list(_commit_hunks(commit))
            if len(hunks) <= MAX_HUNKS:
                yield from hunks
    if process.returncode:
        # A clone may lack some objects; what came before the first missing one is good.
        print(f"git log of {history} ended early", file=sys.stderr)


def _split(lines: Iterator[str], start: str) -> Iterator[list[str]]:
    """Groups of lines, each beginning with a line that starts with ``start``."""
    block: list[str] = []
    for line in lines:
        if line.startswith(start) and block:
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _commit_hunks(block: list[str]) -> Iterator[FixHunk]:
    commit = block[0].removeprefix(_COMMIT)
    for file in itertools.islice(_split(iter(block), "diff --git "), 1, None):
        path = next((line[6:] for line in file if line.startswith("+++ b/")), "")
        if Path(path).suffix.lower() not in SUFFIXES:
            continue
        for hunk in itertools.islice(_split(iter(file), "@@ "), 1, None):
            body = [line for line in hunk[1:] if line[:1] in (" ", "-", "+")]
            if len(body) <= MAX_LINES:
                before = tuple(line[1:] for line in body if line[0] != "+")
                after = tuple(line[1:] for line in body if line[0] != "-")
                yield FixHunk(commit, path, before, after)


def siblings(hunks: list[FixHunk], alike: float = 0.5, tokens: int = 3) -> list[tuple[int, int]]:
    """Pairs of hunks (their positions) of one commit that make a similar edit in different code.

    alike: the least Jaccard similarity of the two edits. tokens: the fewest tokens in an edit.
    """
    pairs = []
    for _, group in itertools.groupby(range(len(hunks)), key=lambda i: hunks[i].commit):
        edits = {i: edit for i in group if len(edit := hunks[i].edit) >= tokens}
        for i, j in itertools.combinations(edits, 2):
            both = len(edits[i] & edits[j])
            if both >= alike * len(edits[i] | edits[j]) and hunks[i].before != hunks[j].before:
                pairs.append((i, j))
    return pairs
