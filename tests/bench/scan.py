"""Does a scan tell the places that a fix forgot, before anybody repaired them?

    python tests/bench/scan.py celery/celery=path/to/clone [NAME=PATH ...] [--most 40]

A case is a pair of fixes of one history: a later one makes nearly the edit of an earlier one at
another place, whose code stood there already, as it was repaired later, when the earlier one was
made. The history is learned as it was at the earlier fix, the tree of that commit is scanned, and
the later fix's place is either among the findings or not. What else is told is counted. The pairs
are found by the edits alone, without what a scan compares; not every one is a bug that was
forgotten. Clones are never written to. Prints every case and a table, and writes both to
tests/bench/results/.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bugguard import index as store
from bugguard.domain import BugPattern, Hunk
from bugguard.domain.edit import Edit
from bugguard.errors import GitError
from bugguard.history import revisions
from bugguard.history.diff import text
from bugguard.history.git import Git
from bugguard.match.rarity import Rarity
from bugguard.match.signature import Reading, shared
from bugguard.patterns.extract import signature
from bugguard.patterns.normalize import edit
from bugguard.ports import DatedIndex

HERE = Path(__file__).parent
BUGGUARD = str(Path(sys.executable).with_name("bugguard"))
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
_ALIKE = 0.3  #: weighted Jaccard similarity of the two edits
_TELLING = 4.0  #: the weight of what they have in common
_STOOD = 0.8  #: of the lines before the later fix, those that stood there already
_LOOKED_AT = 24  #: earlier patterns for each later one
_COMMON = 300  #: a feature of more patterns looks nothing up
_HOUR = 3600  #: seconds; what follows sooner is the same work


class Case(NamedTuple):
    """A place that was forgotten, by who repaired it later."""

    first: str  #: sha of the earlier fix
    later: str
    path: str  #: of the place, before the later fix
    keys: frozenset[str]  #: its lines of code
    days: int


def cases(git: Git, index: DatedIndex) -> Iterator[Case]:
    """One for each pair of fixes, those with several places by the first."""
    rarity = Rarity(index)
    shas, times = index.shas(), index.times.tolist()
    numbers = np.flatnonzero(index.matchable()).tolist()
    pasts = revisions.pasts(git, [shas[n] for n in numbers], shas)
    seen = set()
    for number in numbers:
        later = index.fix(number)
        for pattern in later.patterns:
            if pattern.dropped:
                continue
            for other, earlier in _alike(pattern, index, rarity):
                if (other, number) in seen or other == number:
                    continue
                if not pasts.get(shas[number], 0) >> other & 1:
                    continue
                if times[other] + _HOUR > times[number]:
                    continue
                mine = edit(pattern.hunk)
                before = frozenset(line.key for line in mine.lines if line.marker != "+")
                if before & {line.key for line in earlier.added}:
                    continue  # it repairs what the earlier one wrote
                if not _stood(git, shas[other], pattern, mine, before):
                    continue
                seen.add((other, number))
                days = (times[number] - times[other]) // 86400
                yield Case(shas[other], shas[number], pattern.hunk.old_path, before, days)


def _alike(pattern: BugPattern, index: DatedIndex, rarity: Rarity) -> Iterator[tuple[int, Edit]]:
    """Fixes, by number, with an edit much like the pattern's."""
    mine = _reading(pattern, rarity)
    names = signature(mine.edit)
    votes: Counter[int] = Counter()
    for side, features in (("buggy", names.buggy), ("fixed", names.fixed)):
        asked = np.array(features, dtype=np.uint64)
        votes.update(index.postings(side, asked, _COMMON).pattern.tolist())
    best = sorted(votes, key=lambda one: (-votes[one], one))[:_LOOKED_AT]
    ids = np.array(best, dtype=np.int64)
    numbers, ordinals = index.fix_numbers(ids).tolist(), index.ordinals(ids).tolist()
    for number, ordinal in zip(numbers, ordinals, strict=True):
        other = _reading(index.fix(number).patterns[ordinal], rarity)
        common = shared(mine.lost, other.lost, rarity) + shared(mine.gained, other.gained, rarity)
        whole = sum(one.lost_weight + one.gained_weight for one in (mine, other))
        if common >= _TELLING and common >= _ALIKE * (whole - common):
            yield number, other.edit


def _reading(pattern: BugPattern, rarity: Rarity) -> Reading:
    one = edit(pattern.hunk)
    rarity.learn(one.lines)
    return Reading(one, rarity)


def _stood(git: Git, commit: str, pattern: BugPattern, mine: Edit, before: frozenset[str]) -> bool:
    path = pattern.hunk.old_path
    try:
        lines = text(git.run("cat-file", "blob", f"{commit}:{path}")).split("\n")
    except GitError:
        return False
    there = edit(Hunk(path, path, 0, 1, "", tuple("+" + line for line in lines)))
    keys = {line.key for line in there.added}
    removed = {line.key for line in mine.removed}
    return bool(before) and removed <= keys and len(before & keys) >= _STOOD * len(before)


def run(*arguments: str | Path, **variables: str) -> bytes:
    command = [BUGGUARD, *map(str, arguments)]
    return subprocess.run(
        command, check=True, capture_output=True, env=os.environ | variables
    ).stdout


def at_the_time(clone: Path, index: Path, case: Case) -> dict[str, Any]:
    """The scan's report on the tree of the earlier fix, by what was known then."""
    where = ["--repo", clone, "--index", index]
    run("index", "update", *where, BUGGUARD_LEARN_BRANCH=case.first)
    scan = ["scan", ".", "--commit", case.first, "--threshold", str(THRESHOLDS[0])]
    started = time.perf_counter()
    report: dict[str, Any] = json.loads(run(*scan, *where, "--exit-zero", "--format", "json"))
    report["took"] = time.perf_counter() - started
    return report


def is_place(finding: dict[str, Any], case: Case) -> bool:
    if finding["path"] != case.path or finding["fix"]["sha"] != case.first:
        return False
    body = tuple(finding["yours"])
    told = {line.key for line in edit(Hunk(case.path, case.path, 0, 1, "", body)).lines}
    return bool(told & case.keys)


def replay(name: str, given: Path, most: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        clone, whole, then = (Path(folder) / one for one in ("clone.git", "whole", "then"))
        subprocess.run(
            ["git", "clone", "-q", "--bare", "--shared", str(given), str(clone)], check=True
        )
        run("index", "build", "--repo", clone, "--output", whole)
        git = Git.discover(clone, os.environ, explicit=True)
        index = store.open_index(whole)
        subjects = {sha: index.fix(n).commit.subject for n, sha in enumerate(index.shas())}
        order = {sha: n for n, sha in enumerate(index.shas())}
        found = sorted(cases(git, index), key=lambda case: order[case.first])
        step = max(1, -(-len(found) // most))
        chosen = found[::step]
        rows, told, scans = [], Counter[float](), {}
        files = 0
        for case in chosen:
            fresh = case.first not in scans
            if fresh:
                scans = {case.first: at_the_time(clone, then, case)}  # they come in order
            report = scans[case.first]
            score = max(
                (one["score"] for one in report["findings"] if is_place(one, case)), default=None
            )
            others = [one["score"] for one in report["findings"] if not is_place(one, case)]
            if fresh:
                files += report["stats"]["files"]
                told.update({t: sum(one >= t for one in others) for t in THRESHOLDS})
            rows.append(
                {"first": case.first, "later": case.later, "path": case.path, "days": case.days,
                 "score": score}
            )  # fmt: skip
            print(f"{name} {case.first[:8]} {subjects[case.first][:50]!r} -> {case.later[:8]} "
                  f"{subjects[case.later][:50]!r} {case.path}, {case.days} days later: "
                  f"{score if score is not None else '-'}", flush=True)  # fmt: skip
        run("index", "update", "--repo", clone, "--index", whole)
        now = json.loads(
            run("scan", ".", "--repo", clone, "--index", whole, "--exit-zero", "--format", "json",
                "--no-cache", "--threshold", str(THRESHOLDS[0]))
        )  # fmt: skip
    return {
        "history": name,
        "pairs": len(found),
        "replayed": rows,
        "files": files,
        "else": {str(t): told[t] for t in THRESHOLDS},
        "head_files": now["stats"]["files"],
        "head": {str(t): sum(one["score"] >= t for one in now["findings"]) for t in THRESHOLDS},
        "head_seconds": round(now["stats"]["seconds"], 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("clones", metavar="NAME=PATH", nargs="+")
    parser.add_argument("--most", type=int, default=40, help="cases replayed of each history")
    chosen = parser.parse_args()
    histories = []
    for given in chosen.clones:
        name, _, path = given.partition("=")
        histories.append(replay(name, Path(path).resolve(), chosen.most))
    cases_of = [row for one in histories for row in one["replayed"]]
    table = []
    for threshold in THRESHOLDS:
        caught = sum(row["score"] is not None and row["score"] >= threshold for row in cases_of)
        files = sum(one["files"] for one in histories)
        other = sum(one["else"][str(threshold)] for one in histories)
        head = sum(one["head"][str(threshold)] for one in histories)
        row = {
            "threshold": threshold,
            "cases": len(cases_of),
            "told": caught,
            "else_per_1000_files": round(1000 * other / max(files, 1), 1),
            "head": head,
            "head_per_1000_files": round(
                1000 * head / max(sum(one["head_files"] for one in histories), 1), 1
            ),
        }
        table.append(row)
        print(", ".join(f"{name} {value}" for name, value in row.items()))
    revision = subprocess.run(
        ["git", "rev-parse", "--short=10", "HEAD"], cwd=HERE, capture_output=True, text=True
    ).stdout.strip()
    path = HERE / "results" / f"scan-{revision}.json"
    document = {"revision": revision, "table": table, "histories": histories}
    path.write_text(json.dumps(document, indent=1) + "\n")
    print(f"written to {path}")


if __name__ == "__main__":
    main()
