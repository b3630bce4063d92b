"""Several processes at one index: writers, readers, and writers that are killed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import synthetic

from bugguard.errors import IndexBusyError
from bugguard.index import load, lock, open_index, verify, write

SIZE = 40
WRITER = f"""
import pathlib, sys, synthetic
from bugguard.index import write
directory, first, count = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
seeds = range(first, first + 4)
known = [synthetic.knowledge({SIZE}, dimension=8, seed=seed) for seed in seeds]
print("ready", flush=True)
for turn in range(count):
    write(directory, known[turn % 4], keep_previous=False)
"""
HOLDER = """
import pathlib, sys
from bugguard.index import lock
with lock(pathlib.Path(sys.argv[1]), 0):
    print("ready", flush=True)
    sys.stdin.read()
"""


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    """Run ``script`` and wait until it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def finish(process: subprocess.Popen[str]) -> int:
    process.communicate()
    return process.returncode


def assert_whole(directory: Path) -> None:
    """The index is one of those that were written, whole."""
    found = load(directory)
    seed = int(found.provenance.sources[0].learner.removeprefix("learner-"))
    synthetic.assert_equal(found, synthetic.knowledge(SIZE, dimension=8, seed=seed))


def test_two_writers_at_once(tmp_path: Path) -> None:
    writers = [start(WRITER, tmp_path, first, 12) for first in (0, 2, 10)]
    assert [finish(writer) for writer in writers] == [0, 0, 0]
    assert_whole(tmp_path)
    assert len([*tmp_path.glob("gen-*")]) == 1
    assert [*tmp_path.glob("tmp-*")] == []


def test_readers_during_writes(tmp_path: Path) -> None:
    write(tmp_path, synthetic.knowledge(SIZE, dimension=8))
    writer = start(WRITER, tmp_path, 0, 40)
    seen = set()
    while writer.poll() is None:
        index = open_index(tmp_path)
        assert index.fix(3).commit.sha == index.shas()[3]
        seen.add(index.heads)
        assert_whole(tmp_path)
    assert finish(writer) == 0
    assert len(seen) > 1


def test_a_writer_killed_at_any_moment(tmp_path: Path) -> None:
    write(tmp_path, synthetic.knowledge(SIZE, dimension=8))
    moments = random.Random(4)
    for _ in range(12):
        writer = start(WRITER, tmp_path, moments.randrange(50), 10_000)
        time.sleep(moments.random() * 0.05)
        writer.kill()
        finish(writer)
        verify(tmp_path)
        assert_whole(tmp_path)
    write(tmp_path, synthetic.knowledge(SIZE, dimension=8, seed=99))
    assert_whole(tmp_path)
    assert [*tmp_path.glob("tmp-*")] == []
    assert len([*tmp_path.glob("gen-*")]) <= 2


def test_the_lock_holds_off_another_process(tmp_path: Path) -> None:
    holder = start(HOLDER, tmp_path)
    with pytest.raises(IndexBusyError, match="run again"), lock(tmp_path, 0.05):
        pass
    write(tmp_path, synthetic.knowledge(SIZE, dimension=8))  # whoever holds it may write
    assert finish(holder) == 0
    with lock(tmp_path, 5):
        pass


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    holder = start(HOLDER, tmp_path)
    holder.kill()
    finish(holder)
    with lock(tmp_path, 5):
        pass


def test_the_lock_is_freed_by_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError), lock(tmp_path, 0):
        raise KeyError
    with lock(tmp_path, 0):
        pass


def test_the_lock_waits(tmp_path: Path) -> None:
    holder = start(HOLDER, tmp_path)
    release = threading.Timer(0.2, finish, [holder])
    release.start()
    with lock(tmp_path, 30):
        pass
    release.join()
