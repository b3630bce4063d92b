from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repository import Repository

from bugguard.domain import FileDiff, Hunk
from bugguard.history import changes
from bugguard.history.diff import Limits
from bugguard.history.merge import resolution_only

LIMITS = Limits()


def file(path: str, *body: str, start: int = 1, status: str = "M") -> FileDiff:
    return FileDiff(path, path, status, (Hunk(path, path, start, start, "", body),))


def test_a_line_is_the_resolutions_if_no_parent_has_it() -> None:
    ours = [file("a", " x", "+both", "+theirs", " y")]
    theirs = [file("a", " x", "+both", " theirs", " y")]
    (result,) = resolution_only([ours, theirs])
    assert result.hunks[0].body == (" x", "+both", " theirs", " y")


def test_a_line_is_taken_out_by_it_if_every_parent_had_it() -> None:
    ours = [file("a", " x", "-both", "-ours", " y")]
    theirs = [file("a", " x", "-both", " y")]
    (result,) = resolution_only([ours, theirs])
    assert result.hunks[0].body == (" x", "-both", " y")


def test_the_same_text_elsewhere_is_another_line() -> None:
    assert resolution_only([[file("a", "+x")], [file("a", "+x", start=9)]]) == ()


def test_a_file_that_equals_any_parents_is_left_out() -> None:
    first = [file("a", "+x"), file("b", "+x")]
    assert resolution_only([first, [file("b", "+x")], [file("a", "+x")]]) == ()


def test_a_file_passed_over_stays_so() -> None:
    binary = FileDiff("a", "a", "M", (), "binary or too large")
    assert resolution_only([[binary], [binary]]) == (binary,)
    assert resolution_only([[binary], []]) == ()


def test_a_file_renamed_by_one_side_is_the_same_file() -> None:
    renamed = FileDiff("old", "a", "R", (Hunk("a", "old", 1, 1, "", ("+both", "+x")),))
    (result,) = resolution_only([[renamed], [file("a", "+both")]])
    assert (result.old_path, result.hunks[0].body) == ("old", ("+both", " x"))


TEXTS = st.lists(st.sampled_from([b"a", b"b", b"c", b"}", b""]), max_size=8).map(
    lambda lines: b"".join(line + b"\n" for line in lines)
)


def merged(repository: Repository, parents: list[bytes], result: bytes) -> str:
    """A merge of roots, each with the one file."""
    stream = b""
    for number, content in enumerate([*parents, result], 1):
        branch = b"main" if number > len(parents) else b"side%d" % number
        stream += b"commit refs/heads/%s\nmark :%d\ncommitter A <a@b> 1 +0000\ndata 0\n" % (
            branch, number,
        )  # fmt: skip
        if branch == b"main":
            stream += b"from :1\n" + b"".join(b"merge :%d\n" % n for n in range(2, number))
        stream += b"M 100644 inline a\ndata %d\n%s\n" % (len(content), content)
    repository.git("fast-import", "--quiet", stdin=stream)
    return repository.sha("main")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(TEXTS, min_size=2, max_size=3), TEXTS)
def test_the_resolution_is_that_of_gits_combined_diff(parents: list[bytes], result: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repository = Repository(Path(folder), "--template=")
        sha = merged(repository, parents, result)
        marks = len(parents)
        combined = repository.text("diff-tree", "-c", "--patch", "--no-commit-id", sha)
        _, *hunks = combined.split("\n" + "@" * (marks + 1) + " ")
        lines = [line for hunk in hunks for line in hunk.split("\n")[1:]]
        change = changes.commit(repository.open(), sha, LIMITS)
        added = [line for hunk in change.hunks for line in hunk.added]
        assert added == [line[marks:] for line in lines if line.startswith("+" * marks)]
        removed = {line for hunk in change.hunks for line in hunk.removed}
        # git pairs the parents' lost lines by their text, we by their place too.
        assert removed >= {line[marks:] for line in lines if line.startswith("-" * marks)}
        assert all(line.encode() in parents[0].split(b"\n") for line in removed)
