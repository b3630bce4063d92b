"""Damage is named in one sentence or does no harm; it never passes for a record."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import synthetic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bugguard.domain.edit import token_feature
from bugguard.errors import (
    IndexCorruptError,
    IndexMissingError,
    IndexVersionError,
    PatternIndexError,
)
from bugguard.index import StoredIndex, load, open_index, verify, write
from bugguard.index.layout import FILES

KNOWLEDGE = synthetic.knowledge(60, dimension=8)
FIXES = tuple(KNOWLEDGE.fixes)
LESSONS = dict(zip(KNOWLEDGE.lessons.fixes.tolist(), KNOWLEDGE.lessons.lessons, strict=True))
T = TypeVar("T")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index that every test leaves as it found it."""
    folder = tmp_path_factory.mktemp("whole")
    write(folder, KNOWLEDGE)
    return folder


@pytest.fixture
def own(whole: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(whole, tmp_path / "index"))


def generation(directory: Path) -> Path:
    [folder] = directory.glob("gen-*")
    return folder


@contextmanager
def changed(path: Path, content: bytes) -> Iterator[None]:
    """The file with another content, for a while. Its inode is new: nobody has it mapped."""
    before = path.read_bytes()
    path.unlink()
    path.write_bytes(content)
    try:
        yield
    finally:
        path.unlink()
        path.write_bytes(before)


def answer(ask: Callable[[], T]) -> T | None:
    """The answer, or None where damage was named; any other error fails the test."""
    try:
        return ask()
    except PatternIndexError as error:
        sentence = str(error)
    assert "\n" not in sentence
    return None


def question(index: StoredIndex) -> None:
    """Ask everything, each by itself. Whatever is answered must be sound."""
    everyone = KNOWLEDGE.active
    features = KNOWLEDGE.buggy.values
    queries = KNOWLEDGE.vectors[:3, 1].astype(np.float32)
    for ask in (
        lambda: index.postings("buggy", features, 10**6).pattern,
        lambda: index.postings("fixed", features, 10**6).pattern,
        lambda: index.nearest(queries, 5).pattern,
        lambda: index.fix_numbers(everyone),
        lambda: index.ordinals(everyone),
    ):
        ids = answer(ask)
        assert ids is None or ((ids >= -1) & (ids < index.manifest.counts.patterns)).all()
    vectors = answer(lambda: index.vectors(everyone))
    assert vectors is None or np.isfinite(vectors).all()
    answer(lambda: index.frequency(features))
    answer(lambda: index.standing(features))
    answer(lambda: index.find("#7"))
    answer(lambda: index.find(FIXES[3].commit.sha))
    answer(index.shas)
    triggers = np.array([token_feature(rule.trigger[0]) for rule in KNOWLEDGE.rules], np.uint64)
    known = set(KNOWLEDGE.rules)
    assert known.issuperset(answer(lambda: index.rules(triggers, 10**6)) or ())
    assert known.issuperset(answer(lambda: [*index.all_rules()]) or ())
    taught = answer(lambda: index.taught(queries))
    if taught is not None:
        assert ((taught.fix >= 0) & (taught.fix < len(FIXES))).all()
        assert np.isfinite(taught.cosine).all()
        assert (abs(taught.cosine) <= 1).all()


def assert_records_are_true(index: StoredIndex) -> None:
    for number, fix in enumerate(FIXES):
        found = answer(partial(index.fix, number))
        assert found in (None, fix)
        assert answer(partial(index.lesson, number)) in (None, LESSONS.get(number))


def assert_found_or_harmless(directory: Path) -> None:
    for read in (verify, load):
        with pytest.raises(PatternIndexError) as caught:
            read(directory)
        assert "\n" not in str(caught.value)
    index = answer(lambda: open_index(directory))
    if index is not None:
        question(index)
        assert_records_are_true(index)


def test_the_questions_find_nothing_wrong_with_a_whole_index(whole: Path) -> None:
    index = open_index(whole)
    question(index)
    assert [index.fix(number) for number in range(len(FIXES))] == [*FIXES]
    assert [index.lesson(number) for number in range(len(FIXES))] == [
        LESSONS.get(number) for number in range(len(FIXES))
    ]


@pytest.mark.parametrize("name", sorted([*FILES, "manifest.json", "../CURRENT"]))
def test_a_truncated_file(whole: Path, name: str) -> None:
    path = generation(whole) / name
    content = path.read_bytes()
    size = len(content)
    for end in sorted({0, 1, 64, 127, 128, 129, size // 3, size // 2, size - 8, size - 1}):
        if 0 <= end < size:
            with changed(path, content[:end]), pytest.raises(PatternIndexError):
                open_index(whole)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_that_grew(whole: Path, name: str) -> None:
    path = generation(whole) / name
    with changed(path, path.read_bytes() + b"\0" * 8), pytest.raises(IndexCorruptError):
        open_index(whole)


@settings(deadline=None, max_examples=250, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(sorted([*FILES, "manifest.json", "../CURRENT"])), data=st.data())
def test_a_flipped_bit(whole: Path, name: str, data: st.DataObject) -> None:
    path = generation(whole) / name
    content = bytearray(path.read_bytes())
    if not content:
        return
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    with changed(path, bytes(content)):
        assert_found_or_harmless(whole)


@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(sorted(FILES)), data=st.data())
def test_eight_bytes_of_anything(whole: Path, name: str, data: st.DataObject) -> None:
    path = generation(whole) / name
    content = path.read_bytes()
    place = data.draw(st.integers(0, max(len(content) - 8, 0) // 8)) * 8
    extreme = st.sampled_from([b"\xff" * 8, b"\0" * 8, b"\xff" * 7 + b"\x7f", b"\0" * 7 + b"\x80"])
    word = data.draw(st.one_of(extreme, st.binary(min_size=8, max_size=8)))
    spoilt = content[:place] + word + content[place + 8 :]
    if spoilt != content and len(spoilt) == len(content):
        with changed(path, spoilt):
            assert_found_or_harmless(whole)


@pytest.mark.parametrize("name", sorted([*FILES, "manifest.json"]))
def test_a_missing_file(own: Path, name: str) -> None:
    (generation(own) / name).unlink()
    with pytest.raises(IndexCorruptError, match=r"missing.*bugguard index build"):
        open_index(own)


def test_no_index(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        for read in (open_index, load, verify):
            with pytest.raises(IndexMissingError, match="bugguard init"):
                read(folder)
    (tmp_path / "file").touch()
    with pytest.raises(IndexMissingError):
        open_index(tmp_path / "file")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"gen-0123456789abcdef\n",
        b"gen-0123456789abcdef " + b"0" * 64 + b"\n",
        b"../../etc " + b"0" * 64 + b"\n",
        b"gen-../../../../../ " + b"0" * 64 + b"\n",
        b"\xff" * 90,
        b"x" * 100_000,
    ],
)
def test_garbage_in_current(own: Path, content: bytes) -> None:
    (own / "CURRENT").write_bytes(content)
    with pytest.raises(IndexCorruptError, match="bugguard index build"):
        open_index(own)


def test_a_generation_elsewhere_is_not_followed(own: Path, tmp_path: Path) -> None:
    name = generation(own).name
    moved = generation(own).rename(tmp_path / "elsewhere")
    (own / name).symlink_to(moved, target_is_directory=True)
    with pytest.raises(IndexCorruptError, match="not a folder"):
        open_index(own)


@pytest.mark.parametrize("name", ["fixes.jsonl", "row_buggy.npy", "manifest.json", "../CURRENT"])
def test_a_linked_file_is_not_followed(own: Path, tmp_path: Path, name: str) -> None:
    path = generation(own) / name
    path.resolve().rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(IndexCorruptError, match="not a regular file"):
        open_index(own)


def resign(directory: Path, manifest: bytes) -> None:
    """Make ``manifest`` the current generation's, as somebody would who wants to be believed."""
    folder = generation(directory)
    (folder / "manifest.json").unlink()
    (folder / "manifest.json").write_bytes(manifest)
    digest = hashlib.sha256(manifest).hexdigest()
    folder.rename(directory / f"gen-{digest[:16]}")
    (directory / "CURRENT").write_bytes(f"gen-{digest[:16]} {digest}\n".encode())


def test_a_newer_schema(own: Path) -> None:
    record = json.loads((generation(own) / "manifest.json").read_bytes())
    resign(own, json.dumps({"schema": record["schema"] + 1}).encode())
    with pytest.raises(IndexVersionError, match=r"newer bugguard: upgrade, or .*index build"):
        open_index(own)


def replaced(directory: Path, name: str, content: bytes) -> None:
    """Another content for a file, with a manifest that vouches for it."""
    folder = generation(directory)
    record = json.loads((folder / "manifest.json").read_bytes())
    (folder / name).unlink()
    (folder / name).write_bytes(content)
    record["files"][name] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    resign(directory, json.dumps(record).encode())


@pytest.mark.parametrize(
    "line",
    [
        b"null\n",
        b"[" * 100_000 + b"\n",
        b'{"sha": "--output=x"}\n',
        b"9" * 10_000 + b"\n",
        '{"é": 1}\n'.encode(),
        b"{}\n",
    ],
)
@pytest.mark.parametrize("name", ["fixes.jsonl", "patterns.jsonl"])
def test_a_forged_record(own: Path, name: str, line: bytes) -> None:
    folder = generation(own)
    lines = (folder / name).read_bytes().splitlines(keepends=True)
    lines[0] = line
    offsets = np.cumsum([0, *map(len, lines)], dtype=np.int64)
    table = "fix_offsets.npy" if name == "fixes.jsonl" else "pattern_offsets.npy"
    header = (folder / table).read_bytes()[:128]
    replaced(own, table, header + offsets.tobytes())
    replaced(own, name, b"".join(lines))
    index = open_index(own)
    question(index)
    assert_records_are_true(index)
    with pytest.raises(IndexCorruptError):
        load(own)


@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(sorted(name for name in FILES if "npy" in name)), data=st.data())
def test_forged_arrays_end_in_a_sentence(
    whole: Path, tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    own = Path(shutil.copytree(whole, tmp_path_factory.mktemp("forged") / "index"))
    content = bytearray((generation(own) / name).read_bytes())
    for _ in range(3):
        place = data.draw(st.integers(128, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    replaced(own, name, bytes(content))
    answer(lambda: load(own))
    index = answer(lambda: open_index(own))
    if index is not None:
        question(index)
        for number in range(len(FIXES)):
            answer(partial(index.fix, number))
            answer(partial(index.lesson, number))
