from __future__ import annotations

import contextlib
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from histories import Step, histories
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from repository import Entry, Repository

from bugguard.domain import FileDiff, Hunk
from bugguard.errors import DiffError
from bugguard.history import changes, log
from bugguard.history.diff import Limits, parse_diff, parse_patch, parse_raw, text
from bugguard.history.git import DIFF_OPTIONS

LIMITS = Limits()
slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
real_git = settings(max_examples=30, deadline=None, suppress_health_check=slow)


def lines_of(repository: Repository, blob: str) -> list[str]:
    """A blob's lines without their line breaks; none if there is no blob."""
    if not blob.strip("0"):
        return []
    lines = text(repository.git("cat-file", "blob", blob)).split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def applied(file: FileDiff, lines: list[str]) -> list[str]:
    """The file after its hunks, each of which must fit where it says."""
    result: list[str] = []
    done = 0
    for hunk in file.hunks:
        # A side without lines is said to start on the line before it.
        start = hunk.old_start - 1 if hunk.pre_image else hunk.old_start
        result += lines[done:start]
        done = start + len(hunk.pre_image)
        assert lines[start:done] == list(hunk.pre_image)
        assert len(result) + bool(hunk.post_image) == hunk.new_start
        result += hunk.post_image
    return result + lines[done:]


def numstat(repository: Repository, base: str, tip: str) -> dict[str, tuple[str, str]]:
    """(added, removed) by path after the change, as git counts."""
    out = text(repository.git("diff", "--numstat", "-z", "-M", "-l1000", base, tip))
    fields = iter(out.split("\0")[:-1])
    counts = {}
    for field in fields:
        added, removed, path = field.split("\t", 2)
        if not path:  # a rename: both names follow
            next(fields)
            path = next(fields)
        counts[path] = (added, removed)
    return counts


@real_git
@given(histories())
def test_each_diff_is_what_git_says_and_turns_one_file_into_the_other(history: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repository = Repository(Path(folder), "--template=")
        shas = repository.load((b"m%d" % i, step) for i, step in enumerate(history))
        git = repository.open()
        for base, tip in pairwise(shas):
            files = changes.between(git, base, tip, LIMITS).files
            raw = repository.git("diff", "--raw", "-z", "--no-abbrev", "-M", "-l1000", base, tip)
            entries, end = parse_raw(raw)
            assert end == len(raw)
            assert [(f.status, f.old_path, f.path) for f in files] == [
                (entry.status, entry.old_path, entry.path) for entry in entries
            ]
            counts = numstat(repository, base, tip)
            for file, entry in zip(files, entries, strict=True):
                if file.skipped:
                    special = {"120000", "160000"} & {entry.old_mode, entry.mode}
                    assert special or counts[file.path] == ("-", "-")
                    continue
                added = sum(len(hunk.added) for hunk in file.hunks)
                removed = sum(len(hunk.removed) for hunk in file.hunks)
                assert (str(added), str(removed)) == counts[file.path]
                old = lines_of(repository, entry.old_blob)
                assert applied(file, old) == lines_of(repository, entry.blob)
        # The same again from one stream.
        commits = list(log.read(git, shas[1:], LIMITS))
        assert [c.files for c in commits if not isinstance(c, log.Unread)] == [
            changes.between(git, base, tip, LIMITS).files for base, tip in pairwise(shas)
        ]


def hunks_by_path(files: tuple[FileDiff, ...]) -> dict[str, tuple[Hunk, ...]]:
    return {file.path: file.hunks for file in files if file.hunks and not file.skipped}


@real_git
@given(histories(most=1), st.sampled_from(["diff", "mail", "crlf"]))
def test_a_patch_file_has_the_hunks_that_git_has(history: list[Step], kind: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repository = Repository(Path(folder), "--template=")
        base, tip = repository.load((b"m", step) for step in history)
        told = hunks_by_path(changes.between(repository.open(), base, tip, LIMITS).files)
        if kind == "diff":
            data = repository.git("diff", base, tip)
        else:
            data = repository.git("format-patch", "--stdout", "-1", tip)
        if kind == "crlf":
            data = data.replace(b"\n", b"\r\n")
        if not told:
            return
        read = hunks_by_path(parse_patch(data, LIMITS))
        assert {path: read.get(path) for path in told} == told


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Repository, str, str]:
    """A repository, and two commits with a plain edit and a renamed file between them."""
    repository = Repository(tmp_path_factory.mktemp("pair"))
    body = [f"line {number}" for number in range(30)]
    body[10] = ""
    old = repository.commit({"a.py": "\n".join(body) + "\n", "old name.py": "\n".join(body)})
    body[9], body[25] = "edited", "edited too"
    new = repository.commit(
        {"a.py": "\n".join(body) + "\n", "old name.py": None, "né w.py": "\n".join(body)}
    )
    return repository, old, new


def test_stripped_blanks_of_empty_context_lines_are_put_back(
    pair: tuple[Repository, str, str],
) -> None:
    repository, old, new = pair
    data = repository.git("diff", old, new)
    stripped = data.replace(b"\n \n", b"\n\n")
    assert stripped != data
    assert parse_patch(stripped, LIMITS) == parse_patch(data, LIMITS)
    crlf = stripped.replace(b"\n", b"\r\n")
    assert parse_patch(crlf, LIMITS) == parse_patch(data, LIMITS)


def test_plain_diff_output_is_read_like_gits(tmp_path: Path) -> None:
    header = "--- src/a.py\t2024-01-01 00:00:00.000 +0000\n+++ src/a.py\t2024-01-02 00:00:00.0\n"
    (file,) = parse_patch((header + "@@ -1,2 +1,2 @@\n x\n-y\n+z\n").encode(), LIMITS)
    assert file.path == file.old_path == "src/a.py"
    assert file.hunks[0].body == (" x", "-y", "+z")


@pytest.mark.parametrize("files", ["added", "deleted"])
def test_files_that_come_and_go_have_one_name(files: str) -> None:
    names = ("/dev/null", "b/x.py") if files == "added" else ("a/x.py", "/dev/null")
    body = "@@ -0,0 +1 @@\n+x\n" if files == "added" else "@@ -1 +0,0 @@\n-x\n"
    (file,) = parse_patch(f"--- {names[0]}\n+++ {names[1]}\n{body}".encode(), LIMITS)
    assert (file.old_path, file.path) == ("x.py", "x.py")
    assert file.status == ("A" if files == "added" else "D")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_patch_cut_or_garbled_is_refused_or_read_but_never_worse(
    pair: tuple[Repository, str, str], data: st.DataObject
) -> None:
    repository, old, new = pair
    good = _printed(repository, "diff", old, new)
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, len(good)))
    middle = data.draw(
        st.one_of(
            st.binary(max_size=20),
            st.sampled_from(
                [
                    b"\n@@ -1 +1 @@\n", b"\n--- \n+++ \n@@ -1 +1 @@\n", b'\n--- "\\9"\n+++ "\\',
                    b"\n@@ -" + b"9" * 5000 + b" +1 @@\n", "\n@@ -² +٣ @@\n".encode(), b"\0",
                    b'\n--- "\\\xb2"\n+++ "\\777\\q"\n@@ -1 +1 @@\n-a\n+b\n',
                ]
            ),
        )
    )  # fmt: skip
    garbled = good[:start] + middle + good[end:]
    with contextlib.suppress(DiffError):
        files = parse_patch(garbled, LIMITS)
        assert not files or any(file.hunks for file in files)


_PRINTED: dict[tuple[str, ...], bytes] = {}


def _printed(repository: Repository, *arguments: str) -> bytes:
    if arguments not in _PRINTED:
        _PRINTED[arguments] = repository.git(*arguments)
    return _PRINTED[arguments]


@given(st.binary(max_size=200))
@example(b"--- a\n+++ b\n@@ -1 +1 @@\n-" + b"a" * 10)
@example(b'--- "a\\9"\n+++ "b\\9"\n@@ -1 +1 @@\n-a\n+b\n')
@example(b"--- a\n+++ b\n@@ -" + b"1" * 5000 + b" +1 @@\n-a\n+b\n")
def test_any_bytes_at_all_are_a_patch_or_a_diff_error(data: bytes) -> None:
    with contextlib.suppress(DiffError):
        files = parse_patch(data, LIMITS)
        assert not files or any(file.hunks for file in files)


def test_a_patch_that_ends_inside_a_hunk_says_so() -> None:
    with pytest.raises(DiffError, match=r"ends inside a hunk of 'x\.py'"):
        parse_patch(b"--- a/x.py\n+++ b/x.py\n@@ -1,3 +1,3 @@\n a\n-b", LIMITS)


def test_a_patch_without_hunks_is_refused() -> None:
    with pytest.raises(DiffError, match="no hunk"):
        parse_patch(b"just some text\n", LIMITS)


@pytest.mark.parametrize(
    "patch",
    [b"", b"\n", b"diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n"],
)
def test_a_patch_without_any_changed_line_is_one(patch: bytes) -> None:
    assert not any(file.hunks for file in parse_patch(patch, LIMITS))


def test_prose_behind_a_file_without_hunks_is_not_its_hunk() -> None:
    patch = (
        b"--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n"
        b"diff --git a/logo.png b/logo.png\nBinary files differ\n"
        b"From: somebody\n@@ -this is prose\n"
    )
    (file,) = parse_patch(patch, LIMITS)
    assert len(file.hunks) == 1


def test_the_limits_hold_for_patches_too() -> None:
    limits = Limits(why_not=lambda path: "docs" if path.endswith(".md") else None)
    patch = b"--- a/x.md\n+++ b/x.md\n@@ -1 +1 @@\n-a\n+b\n"
    (file,) = parse_patch(patch, limits)
    assert (file.hunks, file.skipped) == ((), "docs")


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_what_git_printed_cut_short_is_a_diff_error(
    pair: tuple[Repository, str, str], data: st.DataObject
) -> None:
    repository, old, new = pair
    good = _printed(repository, "diff", *DIFF_OPTIONS, old, new)
    whole = parse_diff(good, LIMITS)
    cut = data.draw(st.integers(0, len(good) - 1))
    with contextlib.suppress(DiffError):
        assert len(parse_diff(good[:cut], LIMITS)) in (0, len(whole))


def test_each_reason_to_pass_a_file_over(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    link, module = Entry("120000", b"a"), Entry("160000", b"1" * 40)
    base, tip = repository.load(
        [
            (b"1", {b"type": b"x\n", b"mode": b"x\n", b"big": b"", b"bin": b"\0", b"doc.md": b""}),
            (
                b"2",
                {
                    b"type": link, b"mode": Entry("100755", b"x\n"), b"link": link,
                    b"module": module, b"big": b"y\n" * 600, b"bin": b"\0\0", b"doc.md": b"d\n",
                    b"renamed differ": b"", b"new": b"",
                },
            ),
        ]
    )  # fmt: skip
    limits = Limits(1000, lambda path: "docs" if path.endswith(".md") else None)
    files = changes.between(repository.open(), base, tip, limits).files
    assert {file.path: file.skipped for file in files} == {
        "type": "changed type", "mode": None, "link": "symbolic link", "module": "submodule",
        "big": "binary or too large", "bin": "binary or too large", "doc.md": "docs",
        "renamed differ": None, "new": None,
    }  # fmt: skip
    assert not any(file.hunks for file in files)


def test_a_file_renamed_to_a_name_that_ends_like_gits_note_on_binaries(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.load([(b"1", {b"x": b"1\n"}), (b"2", {b"x": None, b"they differ": b"1\n"})])
    (file,) = changes.between(repository.open(), "main~1", "main", LIMITS).files
    assert (file.status, file.path, file.skipped) == ("R", "they differ", None)


def test_an_unmerged_file_leaves_the_hunks_of_others_alone(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.commit({"a": "1\n", "b": "1\n", "c": "1\n"})
    repository.stage({"a": "2\n", "c": "2\n"})
    blob = repository.text("rev-parse", "HEAD:b")
    unmerged = "".join(f"100644 {blob} {stage}\tb\n" for stage in (1, 2, 3))
    repository.git("update-index", "--index-info", stdin=f"0 {'0' * 40}\tb\n{unmerged}".encode())
    files = changes.staged(repository.open(), LIMITS, {}).files
    assert {file.path: file.skipped for file in files} == {"a": None, "b": "unmerged", "c": None}
    assert [hunk.body for file in files for hunk in file.hunks] == [("-1", "+2")] * 2
