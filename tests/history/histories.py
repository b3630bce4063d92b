"""Generated histories, as unkind as git allows them to be."""

from __future__ import annotations

from hypothesis import strategies as st
from repository import Entry

Tree = dict[bytes, Entry]
Step = dict[bytes, "Entry | bytes | None"]

LINES = st.sampled_from(
    [
        b"", b" ", b"\t", b"x = 1", b"y = 2", b"return x", b"def f():", b"    pass", b"}",
        b"diff --git a/x b/x", b"@@ -1 +1 @@", b"@@ -1,2 +3,4 @@ def f():", b"--- a/x", b"+++ b/x",
        b"-- ", b"\\ No newline at end of file", b":100644 100644 0000000 0000000 M", b"index 1..2",
        b"Binary files a/x and b/x differ", b"From 0123456789 Mon Sep 17 00:00:00 2001",
        b"carriage\r", b"\r", b"mid\rdle", "line\u2028separator\x85\x0b\x0c\x1c".encode(),
        b"\xff\xfe invalid", b"\xe2\x82", "日本語".encode(), b"\x1b[31mred", b"tab\tbed",
    ]
)  # fmt: skip
NAMES = st.one_of(
    st.sampled_from(
        [
            b"a.py", b"b.py", b"d/a.py", b"d/e/f.c", b"with space", b" x ", b'quo"te', b"it's",
            b"new\nline", b"new\ndiff --git a/x b/x", b"tab\there", b"%0A", b"%00", b"-option",
            b"--output=x", b"back\\slash", "\u202ertl.py".encode(), "é".encode(), b"\xff\xfe",
            b"x differ", b"cr\r", b":colon", b"0:stage", b"*", b"#", b"{a => b}", b"a\n@@ -1 +1 @@",
            b"dev/null", b"\x7f\x01", b"z" * 200,
        ]
    ),
    st.binary(min_size=1, max_size=6).filter(
        lambda name: not set(name) & {0, 47} and name not in (b".", b"..")
    ),
)  # fmt: skip


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    lines = draw(st.lists(LINES, max_size=12))
    joined = b"\n".join(lines)
    if draw(st.integers(0, 9)) == 0:
        return joined + b"\0binary"
    return joined + draw(st.sampled_from([b"", b"\n", b"\n", b"\r\n"]))


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    mode = draw(st.sampled_from(["100644"] * 8 + ["100755", "120000", "160000"]))
    if mode == "120000":
        return Entry(mode, draw(NAMES))
    if mode == "160000":
        return Entry(mode, draw(st.integers(1, 3)).to_bytes(20, "big").hex().encode())
    return Entry(mode, draw(contents()))


@st.composite
def steps(draw: st.DrawFn, tree: Tree) -> Step:
    """One commit's changes to ``tree``, which is brought up to date."""
    step: Step = {}
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["write", "edit", "edit", "move", "delete", "mode"]))
        if kind == "write" or not tree:
            step[draw(NAMES)] = draw(entries())
        else:
            name = draw(st.sampled_from(sorted(tree)))
            mode, content = tree[name]
            regular = mode.startswith("100")
            if kind == "edit" and regular:
                step[name] = Entry(mode, draw(edited(content)))
            elif kind == "move":
                step[name] = None
                step[draw(NAMES)] = Entry(mode, draw(edited(content)) if regular else content)
            elif kind == "delete":
                step[name] = None
            elif kind == "mode" and regular:
                step[name] = Entry("100755" if mode == "100644" else "100644", content)
        _follow(tree, step)
    return step


@st.composite
def edited(draw: st.DrawFn, content: bytes) -> bytes:
    lines = content.split(b"\n")
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(lines)))
        lines[at : at + draw(st.integers(0, 2))] = draw(st.lists(LINES, max_size=2))
    return b"\n".join(lines)


def _follow(tree: Tree, step: Step) -> None:
    for name, entry in step.items():
        tree.pop(name, None)
        if isinstance(entry, Entry):
            # As in git, a file makes way for a folder of its name, and the other way round.
            for other in list(tree):
                if other.startswith(name + b"/") or name.startswith(other + b"/"):
                    del tree[other]
            tree[name] = entry


@st.composite
def histories(draw: st.DrawFn, most: int = 4) -> list[Step]:
    """What each commit changes, oldest first; the first one makes several files."""
    tree: Tree = {}
    longer = st.lists(LINES, min_size=8, max_size=30).map(b"\n".join)
    first: Step = {
        name: Entry("100644", draw(longer))
        for name in draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    }
    _follow(tree, first)
    return [first, *(draw(steps(tree)) for _ in range(draw(st.integers(1, most))))]
