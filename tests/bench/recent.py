"""What bugguard would have said of the last commits of real histories.

    python tests/bench/recent.py redis/redis=path/to/clone [NAME=PATH ...] [--commits 50]

Each clone's history is learned into a temporary index, and each of its last commits is checked
against the fixes that were before it. Prints every finding and one line a history, and writes the
lines to tests/bench/results/.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
BUGGUARD = str(Path(sys.executable).with_name("bugguard"))


def git(clone: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(clone), *arguments], capture_output=True, text=True, check=True
    ).stdout.strip()


def replay(name: str, clone: Path, index: Path, commits: int) -> dict[str, object]:
    started = time.perf_counter()
    subprocess.run(
        [BUGGUARD, "index", "build", "--repo", str(clone), "--output", str(index)],
        check=True, capture_output=True,
    )  # fmt: skip
    learned = time.perf_counter() - started
    where = ["--repo", str(clone), "--index", str(index)]
    told = subprocess.run(
        [BUGGUARD, "index", "info", *where, "--json"], check=True, capture_output=True
    )
    info = json.loads(told.stdout)
    warned = hunks = 0
    for sha in git(clone, "rev-list", "--no-merges", f"-{commits}", "HEAD").split():
        check = [BUGGUARD, "check", *where, "--commit", sha, "--exit-zero", "--format", "json"]
        report = json.loads(subprocess.run(check, check=True, capture_output=True).stdout)
        hunks += report["stats"]["hunks"]
        warned += bool(report["findings"])
        for finding in report["findings"]:
            subject = git(clone, "show", "-s", "--format=%s", sha)
            print(f"  {sha[:8]} {subject!r}: {finding['rule']} {finding['score']:.2f}, takes up "
                  f"{finding['fix']['sha'][:8]} {finding['fix']['subject']!r}")  # fmt: skip
    return {
        "history": name,
        "head": git(clone, "rev-parse", "HEAD"),
        "commits": info["commits"],
        "fixes": info["fixes"],
        "patterns": info["patterns"],
        "build_seconds": round(learned, 1),
        "checked": commits,
        "hunks": hunks,
        "warned": warned,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("clones", metavar="NAME=PATH", nargs="+")
    parser.add_argument("--commits", type=int, default=50)
    chosen = parser.parse_args()
    rows = []
    for given in chosen.clones:
        name, _, path = given.partition("=")
        with tempfile.TemporaryDirectory() as folder:
            row = replay(name, Path(path).resolve(), Path(folder) / "index", chosen.commits)
        rows.append(row)
        print(", ".join(f"{name} {value}" for name, value in row.items()))
    revision = git(HERE, "rev-parse", "--short=10", "HEAD")
    result = HERE / "results" / f"recent-{revision}.json"
    result.write_text(json.dumps({"revision": revision, "rows": rows}, indent=1) + "\n")
    print(f"written to {result}")


if __name__ == "__main__":
    main()
