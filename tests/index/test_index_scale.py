"""The cost of a question hardly grows with the index."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import synthetic
from numpy.typing import NDArray

from bugguard.index import cells, write

SMALL, LARGE = 3_000, 30_000
# Ask what one commit of a hunk asks. Say how long that takes at best, how many bytes it allocates,
# and (on Linux) which share of the index is resident after it.
ASK = """
import json, pathlib, sys, time, tracemalloc
import numpy as np
from bugguard.index import open_index
directory = pathlib.Path(sys.argv[1])
random = np.random.default_rng(0)
features = random.integers(0, 1 << 64, 8, dtype=np.uint64)
features[:4] = range(60, 64)  # words that many patterns have
queries = random.standard_normal((1, 64)).astype(np.float32)
def ask():
    index = open_index(directory)
    found = index.nearest(queries, 20).pattern[0]
    index.postings("buggy", features, 200)
    index.postings("fixed", features, 200)
    index.vectors(found)
    index.frequency(features)
    for number in index.fix_numbers(found[:5]).tolist():
        index.fix(number)
    return index
index = ask()
total, resident, ours, smaps = 1, 0, False, pathlib.Path("/proc/self/smaps")
for line in smaps.read_text().splitlines() if smaps.exists() else ():
    name, _, value = line.partition(":")
    if " " in name:
        ours = str(directory) in line
    elif ours and name == "Size":
        total += int(value.split()[0])
    elif ours and name == "Rss":
        resident += int(value.split()[0])
tracemalloc.start()
ask()
allocated = tracemalloc.get_traced_memory()[1]
tracemalloc.stop()
times = []
for _ in range(25):
    start = time.perf_counter()
    ask()
    times.append(time.perf_counter() - start)
print(json.dumps({"seconds": min(times), "allocated": allocated, "share": resident / total}))
"""
Costs = dict[int, dict[str, float]]


@pytest.fixture(scope="module")
def costs(tmp_path_factory: pytest.TempPathFactory) -> Costs:
    found = {}
    for size in (SMALL, LARGE):
        directory = tmp_path_factory.mktemp(f"index-{size}")
        write(directory, synthetic.knowledge(size))
        done = subprocess.run(
            [sys.executable, "-c", ASK, str(directory)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        found[size] = json.loads(done.stdout)
    return found


def test_time_grows_far_slower_than_the_index(costs: Costs) -> None:
    assert costs[LARGE]["seconds"] < 5 * costs[SMALL]["seconds"]


def test_memory_grows_far_slower_than_the_index(costs: Costs) -> None:
    assert costs[LARGE]["allocated"] < 4 * costs[SMALL]["allocated"]


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="needs Linux's smaps")
def test_a_large_index_does_not_stay_resident(costs: Costs) -> None:
    assert costs[LARGE]["share"] < 0.15


class CountedRows:
    """Rows that count how many of them are read."""

    def __init__(self, rows: NDArray[np.float16]) -> None:
        self.rows, self.read = rows, 0

    def __getitem__(self, place: slice) -> NDArray[np.float16]:
        found = self.rows[place]
        self.read += len(found)
        return found


def test_a_query_reads_rows_as_the_square_root_of_all() -> None:
    read = []
    for size in (SMALL, 4 * LARGE):
        vectors = synthetic.vectors(size, 16, np.random.default_rng(2))
        grouped = cells.group(vectors[:, 0])
        rows = CountedRows(vectors[grouped.order, 0])
        cells.nearest(grouped[:2], rows, vectors[:1, 1].astype(np.float32), 10, Path())
        read.append(rows.read)
    assert read[1] < 2 * read[0] * (4 * LARGE / SMALL) ** 0.5
    assert read[1] < LARGE
