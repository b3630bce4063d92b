"""What a scan remembers: never more than it was told, and nothing of what it cannot read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bugguard.index import scanned
from bugguard.index.scanned import Scanned, Spot

SPOTS = [Spot(3, 0, 7), Spot(9, 40, 52)]


def kept(directory: Path, basis: str = "basis") -> Scanned:
    return Scanned(directory, basis)


def filled(directory: Path) -> None:
    first = kept(directory)
    first.put("a", SPOTS)
    first.put("b", [])
    first.save()


def test_what_was_found_is_known_the_next_time(tmp_path: Path) -> None:
    filled(tmp_path / "new")
    again = kept(tmp_path / "new")
    assert (again.get("a"), again.get("b"), again.get("c")) == (SPOTS, [], None)
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["scanned.json"]


def test_with_another_basis_all_is_forgotten(tmp_path: Path) -> None:
    filled(tmp_path)
    assert kept(tmp_path, "other").get("a") is None


def test_of_too_many_files_the_latest_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanned, "MOST_FILES", 3)
    filled(tmp_path)
    second = kept(tmp_path)
    second.put("c", [])
    second.put("d", SPOTS)
    second.save()
    third = kept(tmp_path)
    assert [third.get(key) for key in "cd"] == [[], SPOTS]
    assert sum(third.get(key) is not None for key in "ab") == 1


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path)
    monkeypatch.setattr(scanned, "MOST_BYTES", 20)
    assert kept(tmp_path).get("a") is None


def test_the_key_is_of_path_and_content() -> None:
    keys = {
        Scanned.key(path, data) for path in ("a", "ab", "a\udcff") for data in (b"", b"b", b"\0")
    }
    assert len(keys) == 9
    assert Scanned.key("a", b"b") == Scanned.key("a", b"b")


@pytest.mark.parametrize(
    "row",
    [[1, 2], [1, 2, 2], [-1, 0, 1], [1, -1, 2], [1, 0, "2"], [True, 0, 1], [1.0, 0, 1], None, {}],
)
def test_a_row_that_is_none_makes_its_file_unknown(tmp_path: Path, row: Any) -> None:
    document = {"form": 1, "basis": "basis", "files": {"a": [[1, 0, 1], row], "b": [[1, 0, 1]]}}
    (tmp_path / "scanned.json").write_text(json.dumps(document))
    known = kept(tmp_path)
    assert known.get("a") is None
    assert known.get("b") == [Spot(1, 0, 1)]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@settings(max_examples=200, deadline=None)
@given(files=VALUES, form=st.sampled_from([1, 1, 2, None]), rest=st.binary(max_size=5))
def test_nothing_that_stands_there_is_more_than_unknown(
    tmp_path_factory: pytest.TempPathFactory, files: Any, form: Any, rest: bytes
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    text = json.dumps({"form": form, "basis": "basis", "files": files})
    (folder / "scanned.json").write_bytes(text.encode() + rest)
    known = kept(folder)
    for key in files if isinstance(files, dict) else "a":
        found = known.get(key)
        assert found is None or all(isinstance(one, Spot) for one in found)
