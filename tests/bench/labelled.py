"""How often it is right, on labelled cases of real histories, all added up.

    python tests/bench/labelled.py LABELS ORDINARY redis=path/to/clone [NAME=PATH ...]

LABELS and ORDINARY are folders with NAME.jsonl and NAME.txt (see ``bugguard eval --help``). Each
history is learned into a temporary index. Prints a table and writes it to tests/bench/results/.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BUGGUARD = str(Path(sys.executable).with_name("bugguard"))


def evaluate(labels: Path, ordinary: Path, given: str) -> dict[str, Any]:
    name, _, clone = given.partition("=")
    with tempfile.TemporaryDirectory() as folder:
        where = ["--repo", clone]
        build = [BUGGUARD, "index", "build", *where, "--output", f"{folder}/index"]
        subprocess.run(build, check=True, capture_output=True)
        measure = [BUGGUARD, "eval", *where, "--index", f"{folder}/index", "--json",
                   "--labels", str(labels / f"{name}.jsonl"),
                   "--ordinary", str(ordinary / f"{name}.txt")]  # fmt: skip
        done = subprocess.run(measure, check=True, capture_output=True)
    measured: dict[str, Any] = json.loads(done.stdout)
    print(f"{name}: {measured['seconds']} s", file=sys.stderr)
    return measured


def total(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Shares of several histories as one: weighted by how many cases each has."""
    sums: Counter[str] = Counter()
    for part in parts:
        for name, share in part.items():
            sums[name] += share if name == "n" else share * part["n"]
    count = sums.pop("n")
    return {"n": count} | {name: round(value / max(count, 1), 3) for name, value in sums.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("labels", type=Path)
    parser.add_argument("ordinary", type=Path)
    parser.add_argument("clones", metavar="NAME=PATH", nargs="+")
    chosen = parser.parse_args()
    with ThreadPoolExecutor(2) as pool:
        measured = list(
            pool.map(lambda given: evaluate(chosen.labels, chosen.ordinary, given), chosen.clones)
        )
    rows = {
        "undone": total([one["positives"]["regression"] for one in measured]),
        "repeated elsewhere": total([one["positives"]["recurrence"] for one in measured]),
        "look-alikes": total([one["hard_negatives"] for one in measured]),
        "ordinary commits": total([one["ordinary"] for one in measured]),
    }
    for name, row in rows.items():
        print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in row.items()))
    revision = subprocess.run(
        ["git", "rev-parse", "--short=10", "HEAD"], cwd=HERE, capture_output=True, text=True
    ).stdout.strip()
    result = {
        "revision": revision,
        "histories": [given.partition("=")[0] for given in chosen.clones],
        "threshold": measured[0]["threshold"],
        "rows": rows,
    }
    path = HERE / "results" / f"labelled-{revision}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(f"written to {path}")


if __name__ == "__main__":
    main()
