"""Files of the repository's own: read with care, written whole or not at all."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugguard.errors import TriageError
from bugguard.triage import files

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs links, FIFOs and permissions")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "repository"
    (place / ".git").mkdir(parents=True)
    return place


def test_what_is_written_is_read(root: Path) -> None:
    path = root / "kept.json"
    assert files.read(path, root) is None
    files.write(path, b"one\n", root)
    assert files.read(path, root) == b"one\n"
    files.write(path, b"two\n", root)
    assert files.read(path, root) == b"two\n"
    assert sorted(one.name for one in root.iterdir()) == [".git", "kept.json"]


def test_a_missing_folder_is_a_missing_file(root: Path) -> None:
    (root / "file").write_bytes(b"")
    assert files.read(root / "no" / "kept.json", root) is None
    assert files.read(root / "file" / "kept.json", root) is None


def test_permissions_stay_and_new_ones_are_the_usual(root: Path) -> None:
    path = root / "kept.json"
    before = os.umask(0o027)
    try:
        files.write(path, b"", root)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o604)
    files.write(path, b"more", root)
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


@pytest.mark.parametrize("kind", ["fifo", "device", "folder"])
def test_only_regular_files_are_read(root: Path, kind: str) -> None:
    path = root / "kept.json"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    with pytest.raises(TriageError, match=r"kept\.json is not a regular file: "):
        files.read(path, root)


@pytest.mark.parametrize("target", ["../outside", "/etc/hostname", ".git/config", ".GIT/config"])
def test_a_link_that_leads_out_is_refused(root: Path, target: str) -> None:
    path = root / "kept.json"
    path.symlink_to(target)
    outside = root / target
    if not outside.exists():
        outside.parent.mkdir(exist_ok=True)
        outside.write_bytes(b"theirs")
    before = outside.read_bytes()
    for attempt in (
        lambda: files.read(path, root),
        lambda: files.write(path, b"ours", root),
    ):
        with pytest.raises(TriageError, match="leads out of the repository's files"):
            attempt()
    assert outside.read_bytes() == before


def test_a_link_to_nothing_outside_makes_nothing_there(root: Path) -> None:
    path = root / "kept.json"
    path.symlink_to("../planted")
    assert files.read(path, root) is None
    with pytest.raises(TriageError, match="leads out"):
        files.write(path, b"ours", root)
    assert not (root.parent / "planted").exists()


def test_a_folder_that_is_a_link_leads_out_too(root: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (root / "sub").symlink_to(tmp_path / "other")
    with pytest.raises(TriageError, match="leads out"):
        files.write(root / "sub" / "kept.json", b"", root)


def test_a_link_that_stays_inside_stays_a_link(root: Path) -> None:
    (root / "quality").mkdir()
    path = root / "kept.json"
    path.symlink_to("quality/kept.json")
    files.write(path, b"one", root)
    assert path.is_symlink()
    assert files.read(path, root) == (root / "quality" / "kept.json").read_bytes() == b"one"


def test_what_stands_elsewhere_is_its_user_s_to_choose(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.symlink_to(tmp_path / "deeper.json")
    files.write(path, b"one", root)
    assert files.read(path, root) == b"one"
    assert files.read(path, None) == b"one"


def test_a_loop_of_links_is_one_sentence(root: Path) -> None:
    path = root / "kept.json"
    path.symlink_to("kept.json")
    with pytest.raises(TriageError, match="cannot be read"):
        files.read(path, root)


def test_a_name_that_cannot_be_is_one_sentence(root: Path) -> None:
    for name in ("a" * 5_000, "a\0b"):
        with pytest.raises(TriageError, match="cannot be read"):
            files.read(root / name, root)


def test_too_large_is_neither_read_nor_written(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 1 << 20)
    path = root / "kept.json"
    files.write(path, b"x" * (1 << 20), root)
    assert files.read(path, root) is not None
    with pytest.raises(TriageError, match=r"would be over 1 MiB.*nothing was written"):
        files.write(path, b"x" * ((1 << 20) + 1), root)
    path.write_bytes(b"x" * ((1 << 20) + 1))
    with pytest.raises(TriageError, match=r"kept\.json is over 1 MiB"):
        files.read(path, root)


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_what_was_there(
    root: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    path = root / "kept.json"
    files.write(path, b"before", root)
    if step == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(TriageError, match=r"cannot be written \(No space left"):
        files.write(path, b"after", root)
    assert path.read_bytes() == b"before"
    assert sorted(one.name for one in root.iterdir()) == [".git", "kept.json"]


def test_a_folder_that_is_not_there_is_one_sentence(root: Path) -> None:
    with pytest.raises(TriageError, match="cannot be written"):
        files.write(root / "no" / "kept.json", b"", root)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> topic\n", 2),
        ("=======\n", 1),
        ("a\r\n=======\r\n", 2),
        ("||||||| 1234567\n", 1),
        ("a\n>>>>>>> topic (subject)\n", 2),
        ("<<<<<<<<\n========\n'<<<<<<< HEAD'\n <<<<<<< HEAD\n<<<<<<<HEAD\n", None),
        ("", None),
    ],
)
def test_conflict_markers_are_told_from_text(text: str, line: int | None) -> None:
    assert files.conflict(text.encode()) == line


@given(st.dictionaries(st.text(), st.text(st.characters(exclude_categories=["Cs"]))))
def test_a_line_is_one_line_that_steers_nothing_and_loses_nothing(fields: dict[str, str]) -> None:
    text = files.line(fields)
    assert json.loads(text) == fields
    assert not set(text) & set("\n\r\x1b\x7f\x85\x9b\u2028\u2029\u202e\u2066\ufeff")
    text.encode("utf-8")


def test_a_line_keeps_any_script_legible() -> None:
    assert files.line({"subject": "端数処理 é"}) == '{"subject": "端数処理 é"}'
    assert files.line({"path": "\udcff"}) == '{"path": "\\udcff"}'
