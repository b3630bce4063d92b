"""Known answers: whole or not there, and nothing that happens to the folder stands in the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bugguard.judge import cache as module
from bugguard.judge.cache import MOST_BYTES, Cache


def test_what_was_put_is_found_under_its_key_only(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "verdicts")
    assert cache.get("a") is None
    cache.put("a", "端数 \ud800")
    assert cache.get("a") == "端数 \\ud800"
    assert cache.get("b") is None
    assert Cache(tmp_path / "verdicts").get("a") == cache.get("a")


def test_a_key_is_no_path(tmp_path: Path) -> None:
    Cache(tmp_path / "verdicts").put("../../evil\0", "x")
    assert {path.name for path in tmp_path.iterdir()} == {"verdicts"}


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"x" * (MOST_BYTES + 1)])
def test_a_damaged_answer_is_no_answer(tmp_path: Path, damage: bytes) -> None:
    cache = Cache(tmp_path)
    cache.put("a", "answer")
    [file] = tmp_path.glob("??/*.json")
    file.write_bytes(damage)
    assert cache.get("a") in (None, "")
    cache.put("a", "answer")
    assert cache.get("a") == "answer"


def test_an_answer_that_is_too_long_is_not_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("a", "x" * (MOST_BYTES + 1))
    assert cache.get("a") is None
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_none_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / "file")
    cache.put("a", "answer")
    assert cache.get("a") is None
    cache.prune()


def test_many_at_once_leave_whole_answers(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: cache.put("a", f"{n}" * 5000), range(40)))
    found = cache.get("a")
    assert found is not None
    assert len(set(found.replace("0", ""))) <= 2
    assert [path.name for path in tmp_path.glob("*/tmp-*")] == []


def test_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setattr(module, "MOST_FILES", 2)
    cache = Cache(tmp_path)
    for age, key in enumerate("abcd"):
        before = set(tmp_path.glob("??/*.json"))
        cache.put(key, key)
        [new] = set(tmp_path.glob("??/*.json")) - before
        os.utime(new, (1000 + age, 1000 + age))
    cache.prune()
    assert [cache.get(key) for key in "abcd"] == [None, None, "c", "d"]
