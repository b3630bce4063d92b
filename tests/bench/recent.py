"""What bugguard would have said of the last commits of real histories.

    python tests/bench/recent.py redis/redis=path/to/clone [NAME=PATH ...] [--commits 50]
    python tests/bench/recent.py --together NAME=PATH NAME=PATH ...

Each clone's history is learned into a temporary index, and each of its last commits is checked
against the fixes that were before it. With --together all are learned into one index, and fixes of
the others count too. Prints every finding and one line a history, and writes the lines to
tests/bench/results/.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
BUGGUARD = str(Path(sys.executable).with_name("bugguard"))


def git(clone: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(clone), *arguments], capture_output=True, text=True, check=True
    ).stdout.strip()


def learned(clones: Sequence[Path], index: Path) -> float:
    """Builds the index; returns the seconds that it took."""
    started = time.perf_counter()
    given = [part for clone in clones for part in ("--repo", str(clone))]
    subprocess.run(
        [BUGGUARD, "index", "build", *given, "--output", str(index)],
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - started


def replay(name: str, clone: Path, index: Path, commits: int, seconds: float) -> dict[str, object]:
    where = ["--repo", str(clone), "--index", str(index)]
    told = subprocess.run(
        [BUGGUARD, "index", "info", *where, "--json"], check=True, capture_output=True
    )
    info = json.loads(told.stdout)
    warned = hunks = foreign = 0
    for sha in git(clone, "rev-list", "--no-merges", f"-{commits}", "HEAD").split():
        check = [BUGGUARD, "check", *where, "--commit", sha, "--exit-zero", "--format", "json"]
        report = json.loads(subprocess.run(check, check=True, capture_output=True).stdout)
        hunks += report["stats"]["hunks"]
        warned += bool(report["findings"])
        foreign += any(finding["fix"]["foreign"] for finding in report["findings"])
        for finding in report["findings"]:
            subject = git(clone, "show", "-s", "--format=%s", sha)
            fix = finding["fix"]
            whose = f" of {fix['repository']}" if fix["foreign"] else ""
            print(
                f"  {sha[:8]} {subject!r}: {finding['rule']} {finding['score']:.2f}, takes up "
                f"{fix['sha'][:8]} {fix['subject']!r}{whose}"
            )
    return {
        "history": name,
        "head": git(clone, "rev-parse", "HEAD"),
        "commits": info["commits"],
        "fixes": info["fixes"],
        "patterns": info["patterns"],
        "build_seconds": round(seconds, 1),
        "checked": commits,
        "hunks": hunks,
        "warned": warned,
        "warned_by_others": foreign,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("clones", metavar="NAME=PATH", nargs="+")
    parser.add_argument("--commits", type=int, default=50)
    parser.add_argument("--together", action="store_true", help="all in one index")
    chosen = parser.parse_args()
    clones = {}
    for given in chosen.clones:
        name, _, path = given.partition("=")
        clones[name] = Path(path).resolve()
    rows = []
    for together in [list(clones)] if chosen.together else [[name] for name in clones]:
        with tempfile.TemporaryDirectory() as folder:
            index = Path(folder) / "index"
            seconds = learned([clones[name] for name in together], index)
            for name in together:
                rows.append(replay(name, clones[name], index, chosen.commits, seconds))
                print(", ".join(f"{key} {value}" for key, value in rows[-1].items()))
    revision = git(HERE, "rev-parse", "--short=10", "HEAD")
    result = HERE / "results" / f"{'together' if chosen.together else 'recent'}-{revision}.json"
    result.write_text(json.dumps({"revision": revision, "rows": rows}, indent=1) + "\n")
    print(f"written to {result}")


if __name__ == "__main__":
    main()
