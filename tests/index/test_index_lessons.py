"""Lessons in an index: found by their fix and by what they mean, and never forged."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import synthetic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import any_lesson

from bugguard.domain.knowledge import Knowledge, Lessons
from bugguard.domain.lesson import Lesson
from bugguard.errors import IndexCorruptError
from bugguard.index import lessons as lessons_module
from bugguard.index import load, open_index, reader, salvage, write
from bugguard.index.records import lesson_line, read_lesson

KNOWLEDGE = synthetic.knowledge(80, dimension=8)
TOLD = KNOWLEDGE.lessons
BY_SHA = {
    KNOWLEDGE.fixes[number].commit.sha: lesson
    for number, lesson in zip(TOLD.fixes.tolist(), TOLD.lessons, strict=True)
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
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


def vouched(directory: Path, change: Callable[[dict[str, object]], None]) -> None:
    """Another manifest, which CURRENT vouches for."""
    folder = generation(directory)
    record = json.loads((folder / "manifest.json").read_bytes())
    change(record)
    text = json.dumps(record).encode()
    (folder / "manifest.json").write_bytes(text)
    digest = hashlib.sha256(text).hexdigest()
    folder.rename(directory / f"gen-{digest[:16]}")
    (directory / "CURRENT").write_bytes(f"gen-{digest[:16]} {digest}\n".encode())


def forged(directory: Path, lines: list[bytes]) -> None:
    """Other lines in the place of the lessons, with all that vouches for them but their content."""
    folder = generation(directory)
    offsets = np.cumsum([0, *map(len, lines)], dtype=np.int64)
    digests = np.array(
        [hashlib.blake2b(line, digest_size=8).digest() for line in lines], dtype="|S8"
    ).view("<u8")
    content = {"lessons.jsonl": b"".join(lines)}
    for name, array in (("lesson_offsets.npy", offsets), ("lesson_digests.npy", digests)):
        content[name] = (folder / name).read_bytes()[:128] + array.tobytes()
    for name, data in content.items():
        (folder / name).unlink()
        (folder / name).write_bytes(data)

    def change(record: dict[str, object]) -> None:
        for name, data in content.items():
            entry = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            record["files"][name] = entry  # type: ignore[index]

    vouched(directory, change)


def test_each_fix_has_its_own_and_the_others_have_none(whole: Path) -> None:
    index = open_index(whole)
    for number, fix in enumerate(KNOWLEDGE.fixes):
        assert index.lesson(number) == BY_SHA.get(fix.commit.sha)
    assert index.lessons == len(TOLD.lessons) > 0
    for number in (-1, len(KNOWLEDGE.fixes)):
        with pytest.raises(IndexError):
            index.lesson(number)


def test_without_any(tmp_path: Path) -> None:
    manifest = write(tmp_path, dataclasses.replace(KNOWLEDGE, lessons=Lessons.none()))
    index = open_index(tmp_path)
    assert (manifest.counts.lessons, index.lessons) == (0, 0)
    assert {index.lesson(number) for number in range(len(KNOWLEDGE.fixes))} == {None}
    assert len(index.taught(np.ones((2, 8), np.float32)).fix) == 0
    assert salvage(tmp_path) == {}
    assert load(tmp_path).lessons.vectors.shape == (0, 8)


@pytest.mark.parametrize("block", [1, 3, 4096])
def test_all_are_set_beside_what_is_asked(
    whole: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(lessons_module, "BLOCK", block)
    asked = KNOWLEDGE.vectors[:5, 1].astype(np.float32)
    taught = open_index(whole).taught(asked)
    mean = TOLD.vectors.astype(np.float64).sum(axis=0) / (len(TOLD.lessons) + 50)
    apart, sought = (rows.astype(np.float64) - mean for rows in (TOLD.vectors, asked))
    lengths = np.linalg.norm(apart, axis=1)[:, None] * np.linalg.norm(sought, axis=1)
    expected = apart @ sought.T / lengths
    assert taught.fix.tolist() == TOLD.fixes.tolist()
    np.testing.assert_allclose(taught.cosine, expected.max(axis=1), atol=1e-3)
    chosen = expected[np.arange(len(expected)), taught.nearest]
    np.testing.assert_allclose(chosen, expected.max(axis=1), atol=1e-3)


def test_what_all_lessons_say_is_near_to_nothing(tmp_path: Path) -> None:
    """One says just that, another something of its own: the plain one is not near to everything."""
    known = synthetic.knowledge(4000, dimension=4)
    count = len(known.lessons.lessons)
    assert count > 200
    vectors = np.tile(np.array([1, 0, 0, 0], np.float16), (count, 1))
    vectors[7] = [0.8, 0.6, 0, 0]
    lessons = dataclasses.replace(known.lessons, vectors=vectors)
    write(tmp_path, dataclasses.replace(known, lessons=lessons))
    asked = np.array([[0.95, 0.2, 0.24, 0]], np.float32)
    assert vectors[0] @ asked[0] > vectors[7] @ asked[0]
    cosines = open_index(tmp_path).taught(asked).cosine
    assert cosines.argmax() == 7
    assert cosines[7] > cosines[0] + 0.3


def test_a_lesson_without_a_known_word_is_near_to_nothing(tmp_path: Path) -> None:
    vectors = TOLD.vectors.copy()
    vectors[3] = 0
    lessons = dataclasses.replace(TOLD, vectors=vectors)
    write(tmp_path, dataclasses.replace(KNOWLEDGE, lessons=lessons))
    asked = -vectors.astype(np.float32).sum(axis=0, keepdims=True)
    cosines = open_index(tmp_path).taught(asked).cosine
    assert cosines[3] == 0
    assert not open_index(tmp_path).taught(np.zeros((1, 8), np.float32)).cosine.any()


def test_nothing_is_near_to_nothing(whole: Path) -> None:
    taught = open_index(whole).taught(np.zeros((0, 8), np.float32))
    assert taught.cosine.tolist() == [0.0] * len(TOLD.lessons)


def test_equal_lessons_are_equally_near_wherever_they_stand(tmp_path: Path) -> None:
    """BLAS sums in another order at the edge of a block; that must not rank anything."""
    known = synthetic.knowledge(900, dimension=64)
    one = known.lessons.vectors[:1]
    same = dataclasses.replace(known.lessons, vectors=np.repeat(one, len(known.lessons.fixes), 0))
    write(tmp_path, dataclasses.replace(known, lessons=same))
    index, random = open_index(tmp_path), np.random.default_rng(1)
    assert index.lessons > 50
    for count in range(1, 80):
        asked = random.standard_normal((count, 64)).astype(np.float32) / 8
        assert len(set(index.taught(asked).cosine.tolist())) == 1


def test_who_checks_reads_no_lesson(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(line: bytes) -> None:
        raise AssertionError("a lesson was read")

    monkeypatch.setattr(lessons_module, "read_lesson", never)
    index = open_index(whole)
    asked = KNOWLEDGE.vectors[:2, 0].astype(np.float32)
    index.nearest(asked, 4)
    index.postings("names", KNOWLEDGE.names.values, 10**6)
    assert [index.fix(n) for n in range(len(KNOWLEDGE.fixes))] == [*KNOWLEDGE.fixes]
    with pytest.raises(AssertionError, match="a lesson was read"):
        index.lesson(int(TOLD.fixes[0]))
    assert "read_lesson" not in vars(reader)


relaxed = settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))


@relaxed
@given(st.integers(0, 2**160 - 1).map("{:040x}".format), any_lesson("0" * 32))
def test_any_lesson_comes_back_from_its_line(sha: str, lesson: Lesson) -> None:
    line = lesson_line(sha, lesson)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert read_lesson(line) == (sha, lesson)


@relaxed
@given(data=st.data())
def test_no_line_of_anything_is_more_than_a_complaint(data: st.DataObject) -> None:
    line = bytearray(lesson_line("a" * 40, TOLD.lessons[0]))
    for _ in range(data.draw(st.integers(1, 3))):
        line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ValueError):
        sha, lesson = read_lesson(bytes(line))
        assert isinstance(lesson, Lesson)  # whose constructor is strict
        assert len(sha) in (40, 64)


SOUND = {
    "fix": KNOWLEDGE.fixes[int(TOLD.fixes[0])].commit.sha,
    "model": "model",
    "digest": "0" * 32,
    "trigger": [],
    "guard": [],
    "text": "Mind the gap",
}
FORGED = {
    "no object": b"null\n",
    "deep": b"[" * 100_000 + b"\n",
    "empty": b"{}\n",
    "a number": b"9" * 10_000 + b"\n",
    "no ASCII": '{"é": 1}\n'.encode(),
    **{
        name: json.dumps(SOUND | spoilt).encode() + b"\n"
        for name, spoilt in {
            "an option": {"fix": "--output=x"},
            "another fix": {"fix": KNOWLEDGE.fixes[0].commit.sha},
            "two lines": {"text": "Mind\nthe gap"},
            "an escape": {"text": "Mind \x1b[2J the gap"},
            "turned round": {"text": "Mind \u202ethe gap"},
            "unseen": {"text": "Mind\u200bthe gap"},
            "a surrogate": {"text": "Mind \udcff"},
            "a long text": {"text": "x" * 301},
            "a very long text": {"text": "x" * 100_000},
            "no text": {"text": ""},
            "blanks": {"text": " Mind the gap"},
            "a number for text": {"text": 7},
            "a model with an escape": {"model": "gpt\x1b[2J"},
            "no model": {"model": None},
            "no digest": {"digest": "z" * 32},
            "half a rule": {"trigger": ["one"]},
            "too many words": {"trigger": list("abcd"), "guard": ["e"]},
            "a long word": {"trigger": ["x" * 101], "guard": ["e"]},
            "no words": {"trigger": "one", "guard": "two"},
        }.items()
    },
}


def test_the_sound_one_that_the_forged_ones_were_made_of_is_read() -> None:
    assert read_lesson(json.dumps(SOUND).encode())[1].text == "Mind the gap"


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_lesson_is_none(own: Path, name: str) -> None:
    lines = (generation(own) / "lessons.jsonl").read_bytes().splitlines(keepends=True)
    forged(own, [FORGED[name], *lines[1:]])
    index = open_index(own)
    with pytest.raises(IndexCorruptError, match="bugguard index build") as caught:
        index.lesson(int(TOLD.fixes[0]))
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    with pytest.raises(IndexCorruptError):
        load(own)
    assert index.lesson(int(TOLD.fixes[1])) == TOLD.lessons[1]
    index.fix(int(TOLD.fixes[0]))  # the record is none the worse for it


def _broken() -> dict[str, Lessons]:
    nan = TOLD.vectors.copy()
    nan[2, 1] = np.nan
    other = dataclasses.replace(TOLD.lessons[0], digest="0" * 32)
    return {
        "order": Lessons(TOLD.fixes[::-1], TOLD.lessons, TOLD.vectors),
        "twice": Lessons(np.repeat(TOLD.fixes[:1], 2), TOLD.lessons[:1] * 2, TOLD.vectors[:2]),
        "no fix": dataclasses.replace(TOLD, fixes=TOLD.fixes + len(KNOWLEDGE.fixes)),
        "below": dataclasses.replace(TOLD, fixes=TOLD.fixes - 2),
        "fewer": dataclasses.replace(TOLD, lessons=TOLD.lessons[1:]),
        "shape": dataclasses.replace(TOLD, vectors=TOLD.vectors[:, 1:]),
        "nan": dataclasses.replace(TOLD, vectors=nan),
        "other record": dataclasses.replace(TOLD, lessons=(other, *TOLD.lessons[1:])),
    }


@pytest.mark.parametrize("name", _broken())
def test_broken_lessons_are_never_written(tmp_path: Path, name: str) -> None:
    broken: Knowledge = dataclasses.replace(KNOWLEDGE, lessons=_broken()[name])
    with pytest.raises(ValueError, match="lesson"):
        write(tmp_path, broken)
    assert list(tmp_path.iterdir()) == []


def test_salvage_from_a_whole_index(whole: Path) -> None:
    assert salvage(whole) == BY_SHA
    assert list(salvage(whole)) == list(BY_SHA)


@pytest.mark.parametrize("name", ["patterns.jsonl", "row_buggy.npy", "lesson_vectors.npy"])
def test_salvage_where_all_else_is_lost(own: Path, name: str) -> None:
    (generation(own) / name).unlink()
    with pytest.raises(IndexCorruptError):
        open_index(own)
    assert salvage(own) == BY_SHA


@pytest.mark.parametrize("schema", [1, 2, 99])
def test_salvage_from_another_version(own: Path, schema: int) -> None:
    vouched(own, lambda record: record.update(schema=schema, counts="other"))
    assert salvage(own) == BY_SHA


def test_nothing_is_salvaged_that_is_not_as_it_was_written(own: Path) -> None:
    path = generation(own) / "lessons.jsonl"
    content = path.read_bytes()
    for spoilt in (content.replace(b"limit", b"limbo", 1), content[:-1], content + content, b""):
        path.unlink()
        path.write_bytes(spoilt)
        assert salvage(own) == {}
    path.unlink()
    assert salvage(own) == {}


@pytest.mark.parametrize("name", FORGED)
def test_nothing_is_salvaged_that_somebody_forged(own: Path, name: str) -> None:
    if name != "another fix":  # which is a lesson, and goes when its digest does not fit
        forged(own, [FORGED[name]] * len(TOLD.lessons))
        assert salvage(own) == {}


def test_nothing_is_salvaged_where_there_is_no_index(tmp_path: Path, own: Path) -> None:
    assert salvage(tmp_path / "nowhere") == {}
    assert salvage(tmp_path) == {}
    (generation(own) / "manifest.json").write_bytes(b"{}")
    assert salvage(own) == {}
    (own / "CURRENT").write_bytes(b"../../etc " + b"0" * 64 + b"\n")
    assert salvage(own) == {}
