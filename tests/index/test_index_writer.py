"""A write is done or not done; what was there before is never lost."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import synthetic

from bugguard.errors import PatternIndexError
from bugguard.index import load, lock, open_index, verify, write

OLD, NEW, NEWER = (synthetic.knowledge(40, dimension=8, seed=seed) for seed in (1, 2, 3))


def generations(directory: Path) -> set[str]:
    return {path.name for path in directory.glob("gen-*")}


def leftovers(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir() if path.name.startswith("tmp-")]


def test_the_generation_before_stays_and_older_ones_go(tmp_path: Path) -> None:
    write(tmp_path, OLD)
    [old] = generations(tmp_path)
    write(tmp_path, NEW)
    assert old in generations(tmp_path)
    write(tmp_path, NEWER)
    assert old not in generations(tmp_path)
    assert len(generations(tmp_path)) == 2
    synthetic.assert_equal(load(tmp_path), NEWER)


def test_a_committed_index_keeps_only_the_current_one(tmp_path: Path) -> None:
    write(tmp_path, OLD, keep_previous=False)
    write(tmp_path, NEW, keep_previous=False)
    assert len(generations(tmp_path)) == 1
    synthetic.assert_equal(load(tmp_path), NEW)


def test_writing_the_same_again_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, OLD)
    write(tmp_path, NEW)
    before = {path: path.stat().st_ino for path in tmp_path.glob("gen-*/*")}
    write(tmp_path, NEW)
    assert {path: path.stat().st_ino for path in tmp_path.glob("gen-*/*")} == before


def test_going_back_to_the_generation_before(tmp_path: Path) -> None:
    for knowledge in (OLD, NEW, OLD):
        write(tmp_path, knowledge)
        synthetic.assert_equal(load(tmp_path), knowledge)
    assert len(generations(tmp_path)) == 2


def test_a_damaged_generation_is_written_anew(tmp_path: Path) -> None:
    write(tmp_path, OLD)
    [folder] = tmp_path.glob("gen-*")
    (folder / "fixes.jsonl").write_bytes(b"")
    write(tmp_path, OLD)
    verify(tmp_path)
    assert leftovers(tmp_path) == []


def test_what_a_dead_writer_left_is_removed(tmp_path: Path) -> None:
    write(tmp_path, OLD)
    dead = "tmp-0123456789abcdef"
    (tmp_path / dead).mkdir()
    (tmp_path / dead / "fixes.jsonl").write_bytes(b"half")
    for ending in ("CURRENT", "damaged", "gitattributes", "gitignore"):
        (tmp_path / f"{dead}.{ending}").write_bytes(b"half")
    write(tmp_path, NEW)
    assert leftovers(tmp_path) == []


FOREIGN = ["kept.txt", "tmp-notes", "tmp-0123456789abcdef.txt", "tmp-0123456789ABCDEF",
           "gen-0123456789abcdef0", "CURRENT.old"]  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_not_ours_stays_beside_an_index(tmp_path: Path, name: str) -> None:
    write(tmp_path, OLD)
    (tmp_path / name).mkdir()
    (tmp_path / name / "precious").write_bytes(b"not ours")
    write(tmp_path, NEW)
    write(tmp_path, NEWER)
    assert (tmp_path / name / "precious").read_bytes() == b"not ours"


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("pointer", [None, b"MANIFEST-000004\n"])  # the second is a LevelDB's
def test_a_folder_with_other_things_is_refused(
    tmp_path: Path, name: str, pointer: bytes | None
) -> None:
    (tmp_path / name).mkdir()
    if pointer is not None:
        (tmp_path / "CURRENT").write_bytes(pointer)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(PatternIndexError, match="choose a new or an empty folder") as caught:
        write(tmp_path, OLD)
    assert repr(name) in str(caught.value)
    with pytest.raises(PatternIndexError, match="is no index"), lock(tmp_path, 0):
        pass
    assert sorted(tmp_path.iterdir()) == before
    if pointer is not None:
        assert (tmp_path / "CURRENT").read_bytes() == pointer


def test_what_may_come_before_an_index(tmp_path: Path) -> None:
    for name in ("tmp-0123456789abcdef", "gen-0123456789abcdef"):
        (tmp_path / name).mkdir()
    for name in ("CURRENT", ".gitattributes", ".gitignore", "write.lock", "learn.lock",
                 "recent.json", "recent.jsonab_12"):  # fmt: skip
        (tmp_path / name).touch()
    write(tmp_path, OLD)
    synthetic.assert_equal(load(tmp_path), OLD)


def test_links_are_removed_but_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    index = tmp_path / "index"
    index.mkdir()
    (index / "tmp-0123456789abcdef").symlink_to(precious, target_is_directory=True)
    (index / "gen-0123456789abcdef").symlink_to(precious, target_is_directory=True)
    (index / "CURRENT").symlink_to(precious / "file")
    write(index, OLD)
    write(index, NEW)
    assert [path.name for path in precious.iterdir()] == ["file"]
    assert (precious / "file").read_bytes() == b""
    assert not any(path.is_symlink() for path in index.iterdir())


def test_a_linked_lock_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("text")
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "write.lock").symlink_to(tmp_path / "precious")
    with pytest.raises(PatternIndexError, match="symbolic link"):
        write(tmp_path / "index", OLD)
    assert (tmp_path / "precious").read_text() == "text"


def test_git_is_told_to_leave_the_bytes_alone(tmp_path: Path) -> None:
    write(tmp_path, OLD)
    assert (tmp_path / ".gitattributes").read_text() == "* -text\n"
    (tmp_path / ".gitattributes").write_text("* binary\n")
    write(tmp_path, NEW)
    assert (tmp_path / ".gitattributes").read_text() == "* binary\n"


def fail_at(step: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the disk be full at a step of the write; returns the steps as they are taken."""
    taken: list[str] = []

    def failing(target: object, name: str) -> None:
        real = getattr(target, name)

        def wrapper(*args: object, **keywords: object) -> object:
            taken.append(name)
            if len(taken) == step + 1:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(*args, **keywords)

        monkeypatch.setattr(target, name, wrapper)

    failing(os, "fsync")
    failing(Path, "mkdir")
    failing(Path, "rename")
    failing(Path, "replace")
    return taken


@pytest.mark.parametrize("keep_previous", [True, False])
def test_a_disk_full_at_any_step(tmp_path: Path, keep_previous: bool) -> None:
    write(tmp_path, OLD)
    step = 0
    names: set[str] = set()
    while True:
        sentence = None
        with pytest.MonkeyPatch.context() as patch:
            taken = fail_at(step, patch)
            try:
                write(tmp_path, NEW, keep_previous=keep_previous)
            except PatternIndexError as error:
                sentence = str(error)
        names |= {*taken}
        if sentence is None:
            break
        assert "No space left on device" in sentence
        assert "\n" not in sentence
        assert leftovers(tmp_path) == [], taken[-1]
        verify(tmp_path)
        swapped = "replace" in taken[:-1]
        synthetic.assert_equal(load(tmp_path), NEW if swapped else OLD)
        if swapped:  # only the last fsync failed: begin again for the next step
            write(tmp_path, OLD)
        step += 1
    assert step > 25
    assert {"fsync", "mkdir", "rename", "replace"} == names
    synthetic.assert_equal(load(tmp_path), NEW)


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limits there")
@pytest.mark.parametrize("limit", [0, 100, 2000, 5000, 20_000])
def test_a_real_limit_on_file_sizes(tmp_path: Path, limit: int) -> None:
    write(tmp_path, OLD)
    before = generations(tmp_path)
    script = (
        "import resource, sys, pathlib, synthetic\n"
        "from bugguard.errors import PatternIndexError\n"
        "from bugguard.index import write\n"
        "knowledge = synthetic.knowledge(400, dimension=64)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "try:\n"
        "    write(pathlib.Path(sys.argv[1]), knowledge)\n"
        "except PatternIndexError as error:\n"
        "    sys.exit(str(error))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"cannot write the index in {tmp_path} (File too large)")
    assert leftovers(tmp_path) == []
    assert generations(tmp_path) == before
    synthetic.assert_equal(load(tmp_path), OLD)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may do anything")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    write(tmp_path, OLD)
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with pytest.raises(PatternIndexError, match="permission"):
            write(tmp_path, NEW)
    finally:
        tmp_path.chmod(stat.S_IRWXU)
    synthetic.assert_equal(load(tmp_path), OLD)


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "index").touch()
    with pytest.raises(PatternIndexError, match="cannot write"):
        write(tmp_path / "index", OLD)


def test_what_is_open_stays_readable_when_its_generation_goes(tmp_path: Path) -> None:
    write(tmp_path, OLD)
    index = open_index(tmp_path)
    write(tmp_path, NEW)
    write(tmp_path, NEWER)
    assert [index.fix(number) for number in range(len(OLD.fixes))] == [*OLD.fixes]
