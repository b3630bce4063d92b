"""What of a fix is kept, what is set aside, and how common everything is."""

from __future__ import annotations

import numpy as np
from memory_index import change, hunk

from bugguard.domain import Commit, FixCommit, LearnedFix
from bugguard.domain.edit import line_feature, token_feature
from bugguard.patterns import extract
from bugguard.patterns.refine import IDIOM, refine
from bugguard.patterns.statistics import Tally, combine, frequencies

BEFORE, AFTER = "total = sum(values)\n", "total = sum(values or [0])\n"


def commit(patch: str, sha: str = "a" * 40, time: int = 0) -> Commit:
    return Commit(sha, (), time, "Fix it", change(patch).files)


def fix(patch: str, sha: str = "a" * 40, time: int = 0) -> LearnedFix:
    made = commit(patch, sha, time)
    return LearnedFix(FixCommit(sha, time, "Fix it", "Fix it"), extract.patterns(made))


def reasons(one: LearnedFix) -> list[str | None]:
    return [pattern.dropped or one.dropped for pattern in one.patterns]


def empty() -> Tally:
    return Tally()


def test_a_plain_fix_is_kept() -> None:
    assert reasons(fix(hunk(BEFORE, AFTER))) == [None]


def test_comments_and_moves_teach_nothing() -> None:
    moved = hunk(BEFORE, "", start=1) + hunk("", BEFORE, start=50).split("\n", 2)[2]
    assert reasons(fix(hunk("# a word\n", "# another\n"))) == ["no code changed"]
    assert reasons(fix(moved)) == ["moved or reformatted"] * 2
    assert reasons(fix(hunk("call(a, b)\n", "call(a,\n     b)\n"))) == [None]


def test_a_version_teaches_nothing() -> None:
    for before, after, path in (
        ('__version__ = "1.2.0"\n', '__version__ = "1.2.1"\n', "app.py"),
        ("#define SHOP_VERSION_MINOR 4\n", "#define SHOP_VERSION_MINOR 5\n", "shop.h"),
        ("export const version = '2.0.0-rc.1'\n", "export const version = '2.0.0'\n", "shop.js"),
    ):
        assert reasons(fix(hunk(before, after, path))) == ["version"]


def test_twin_a_version_that_is_checked_is_code() -> None:
    before, after = "if version < 3:\n", "if version <= 3:\n"
    assert reasons(fix(hunk(before, after))) == [None]
    assert reasons(fix(hunk("retry(times=3)\n", "retry(times=5)\n"))) == [None]


def test_sweeps_and_rewrites_teach_nothing() -> None:
    wide = "".join(hunk(BEFORE, AFTER, f"m{n}.py") for n in range(extract.MOST_FILES + 1))
    long = "".join(f"value_{n} = {n}\n" for n in range(extract.MOST_HUNK_LINES + 1))
    assert set(reasons(fix(wide))) == {"sweep"}
    assert reasons(fix(hunk("", long))) == ["rewrite"]
    assert fix(hunk("", long)).patterns[0].hunk.body == ()


def test_the_same_fix_again_is_a_duplicate_wherever_it_stands() -> None:
    first = fix(hunk(BEFORE, AFTER), "a" * 40, 5)
    picked = fix(hunk(BEFORE, AFTER, "old/app.py", 90), "b" * 40, 9)
    other = fix(hunk(BEFORE, "total = sum(values or [1])\n"), "c" * 40, 9)
    refined = refine([other, picked, first], empty().statistics())
    assert [(one.commit.sha[0], one.dropped) for one in refined] == [
        ("a", None), ("b", "duplicate"), ("c", None),
    ]  # fmt: skip


def test_an_idiom_is_set_aside_and_taken_up_again() -> None:
    tally = empty()
    for number in range(IDIOM):
        tally.count(commit(hunk("", BEFORE + AFTER, f"m{number}.py")))
    common = tally.statistics()
    [aside] = refine([fix(hunk(BEFORE, AFTER))], common)
    assert reasons(aside) == ["idiom"]
    [again] = refine([aside], empty().statistics())
    assert reasons(again) == [None]


def test_counts_are_of_commits_and_of_lines_that_stand() -> None:
    tally = empty()
    tally.count(commit(hunk("", BEFORE + BEFORE)))
    tally.count(commit(hunk(BEFORE, AFTER)))
    names = [token_feature("total"), token_feature("or"), line_feature("total=sum(values)")]
    commits, standing = frequencies(tally.statistics(), np.array([*names, 7], dtype=np.uint64))
    assert commits.tolist() == [2, 1, 1, 0]
    assert standing.tolist() == [0, 0, 1, 0]


def test_what_is_added_and_taken_away_again_leaves_no_trace() -> None:
    base, more, both = empty(), empty(), empty()
    for tally in (base, both):
        tally.count(commit(hunk("", BEFORE)))
    for tally in (more, both):
        tally.count(commit(hunk(BEFORE, AFTER)))
    joined = combine(base.statistics(), more.statistics())
    left = combine(joined, more.statistics(), -1)
    for one, other in ((joined, both.statistics()), (left, base.statistics())):
        assert one.total == other.total
        for name in ("features", "commits", "standing"):
            assert np.array_equal(getattr(one, name), getattr(other, name))


def test_the_signature_is_what_only_one_side_has() -> None:
    from bugguard.patterns.normalize import edit

    [made] = change(hunk(BEFORE, AFTER)).hunks
    found = extract.signature(edit(made))
    assert token_feature("or") in found.fixed
    assert token_feature("total") not in {*found.buggy, *found.fixed}
    assert line_feature("total=sum(values)") in found.buggy
    guard = hunk("open_it(path)\n", "check_it(path)\nopen_it(path)\n")
    [added] = change(guard).hunks
    assert line_feature("open_it(path)") in extract.signature(edit(added)).buggy
