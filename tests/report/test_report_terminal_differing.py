"""Of two versions the words that differ, and none where all does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bugguard.report.terminal.differing import differing, found

LINES = st.lists(st.text(st.sampled_from("ab_1 (.)端数\u0301"), max_size=20), max_size=4)


def marked(lines: list[str], spans: object) -> list[list[str]]:
    return [[line[a:b] for a, b in places] for line, places in zip(lines, spans, strict=True)]  # type: ignore[call-overload]


@given(LINES, LINES)
def test_what_is_left_is_the_same_on_either_side(before: list[str], after: list[str]) -> None:
    compared = differing(before, after)
    rest = []
    for lines, spans in ((before, compared.before), (after, compared.after)):
        left = ""
        for line, places in zip(lines, spans, strict=True):
            end = 0
            for a, b in places:
                assert end <= a < b <= len(line)
                left, end = left + line[end:a], b
            left += line[end:]
        rest.append("".join(left.split()))
    emphasized = any(map(any, [*compared.before, *compared.after]))
    assert rest[0] == rest[1] or not emphasized


def test_the_words_that_differ() -> None:
    before, after = ["for d.Next() {"], ["for n := d.Nesting(); {"]
    compared = differing(before, after)
    assert marked(before, compared.before) == [["Next"]]
    assert marked(after, compared.after) == [["n :=", "Nesting", ";"]]
    assert (compared.lost, compared.gained) == ({"Next"}, {"n", "Nesting"})


def test_what_was_only_moved_is_not_lost() -> None:
    compared = differing(["a(x, y)"], ["a(y, x)"])
    assert compared.lost == compared.gained == frozenset()


def test_nothing_is_emphasized_where_little_is_alike() -> None:
    for before, after in ((["a b c"], ["x y z c"]), ([], ["a"]), (["a"], [])):
        compared = differing(before, after)
        assert not any(map(any, [*compared.before, *compared.after]))


def test_endless_lines_are_not_compared() -> None:
    line = "a " * 100_000
    compared = differing([line], [line + "b"])
    assert compared.after == [()]


def test_found_are_whole_words() -> None:
    assert found(frozenset({"int"}), "int(print, int)") == [(0, 3), (11, 14)]


def test_brackets_in_common_make_no_likeness() -> None:
    before = ["tar = tarfile.open(package)", "for one in tar:", "    tar.extract(one)"]
    compared = differing(before, ["extractor = Safe(work)", "extractor.extract_all(package)"])
    assert not any(map(any, [*compared.before, *compared.after]))
    assert compared.lost == frozenset()
