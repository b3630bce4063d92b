"""A model's repair: when it is believed, what is made of it, and that git takes that."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from injections import INJECTIONS

from bugguard.judge.verifying.suggestion import MOST_CHANGED, applied, resulting

PATH = "src/app.py"
CONTENT = """import os


def first(items):
    return items[0]


def last(items):
    return items[len(items)]


def size(items):
    return len(items)
"""
REPAIR = """--- a/src/app.py
+++ b/src/app.py
@@ -8,2 +8,2 @@
 def last(items):
-    return items[len(items)]
+    return items[-1]
"""
BLANK = " "  # how a diff writes an empty line that stays
SHOWN = f"""--- a/src/app.py
+++ b/src/app.py
@@ -6,7 +6,7 @@
{BLANK}
{BLANK}
 def last(items):
-    return items[len(items)]
+    return items[-1]
{BLANK}
{BLANK}
 def size(items):
"""
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CEILING_DIRECTORIES": "/",
}


def after(diff: str, path: str, content: str) -> str:
    """The file after ``git apply``, which checks first whether it can."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content.encode("utf-8", "surrogateescape"))
        git("init", "-q", cwd=folder)
        data = diff.encode("utf-8", "surrogateescape")
        for check in (["--check"], []):
            git("apply", "--whitespace=nowarn", *check, "-", cwd=folder, data=data)
        assert [one for one in folder.rglob("*") if one.is_file() and ".git" not in one.parts] == [
            folder / path
        ]
        return (folder / path).read_bytes().decode("utf-8", "surrogateescape")


def git(*arguments: str, cwd: Path, data: bytes = b"") -> None:
    subprocess.run(
        ["git", *arguments], cwd=cwd, input=data, check=True, env=ENVIRONMENT, capture_output=True
    )


def test_a_repair_is_written_anew() -> None:
    assert applied(REPAIR, PATH, CONTENT) == SHOWN
    assert after(SHOWN, PATH, CONTENT) == CONTENT.replace("[len(items)]", "[-1]")
    assert resulting(SHOWN) == "\n\ndef last(items):\n    return items[-1]\n\n\ndef size(items):"


@pytest.mark.parametrize(
    "repair",
    [
        REPAIR.replace("@@ -8,2 +8,2 @@", "@@ -80,17 +3 @@"),
        REPAIR.replace("@@ -8,2 +8,2 @@", "@@ -8,2 +8,2 @@ def last(items):"),
        REPAIR.replace("@@ -8,2 +8,2 @@", "@@ ... @@"),
        REPAIR.replace("@@ -8,2 +8,2 @@", "@@"),
        REPAIR.replace("@@ -8,2 +8,2 @@\n", ""),
        REPAIR.replace("a/src", "src").replace("b/src", "src"),
        REPAIR.replace("a/src/app.py", "./src/app.py\t2024-01-01 00:00:00"),
        REPAIR.replace("a/src/app.py", '"a/src/app.py"'),
        REPAIR[REPAIR.index("@@") :],
        REPAIR[REPAIR.index(" def") :],
        REPAIR[REPAIR.index("-    return") :],
        "diff --git a/src/app.py b/src/app.py\nindex 1234567..89abcde 100644\n" + REPAIR,
        f"```diff\n{REPAIR}```",
        f"Here is the repair:\n\n```\n{REPAIR}```\nIt indexes from the end.\n- so it is right\n",
        f"```\n{REPAIR[REPAIR.index('-    return') :]}```\n",
        REPAIR + "\nThis indexes from the end.\n",
        REPAIR.replace("\n", "\r\n"),
        REPAIR.rstrip("\n"),
        "\n\n" + REPAIR + "\n\n",
        REPAIR.replace("len(items)]", "len(items)]   "),
        REPAIR.replace(" def last", "\n\n def last"),
        REPAIR.replace("@@\n", "@@\n \n").replace("-8,2", "-7,3"),
        REPAIR + "\\ No newline at end of file\n",
        REPAIR + "@@ -12,2 +12,2 @@\n def size(items):\n     return len(items)\n",
    ],
)
def test_models_write_it_in_many_ways(repair: str) -> None:
    assert applied(repair, PATH, CONTENT) == SHOWN


@pytest.mark.parametrize(
    "repair",
    [
        "",
        "return items[-1]",
        "```python\nreturn items[-1]\n```",
        REPAIR.replace("a/src", "a/lib").replace("b/src", "b/lib"),
        REPAIR.replace("b/src/app.py", "b/src/app.pyc"),
        REPAIR.replace("a/src/app.py", "/dev/null"),
        REPAIR.replace("b/src/app.py", "/dev/null"),
        REPAIR.replace("a/src/app.py", "app.py"),
        REPAIR.replace("a/src", "a/../src"),
        REPAIR + "--- a/ci.yml\n+++ b/ci.yml\n@@ -1 +1 @@\n-x\n+y\n",
        "diff --git a/src/app.py b/src/other.py\n" + REPAIR,
        "diff --git a/src/app.py b/src/app.py\nrename from src/app.py\nrename to x.py\n" + REPAIR,
        "diff --git a/src/app.py b/src/app.py\nold mode 100644\nnew mode 100755\n" + REPAIR,
        REPAIR.replace(" def last(items):", " def least(items):"),
        REPAIR.replace(" def last", "  def last"),
        REPAIR.replace("return items[len(items)]", "return Items[len(items)]"),
        REPAIR.replace("+    return items[-1]", "+    return items[len(items)]"),
        REPAIR.replace("+    return items[-1]", "+    return items[len(items)]  "),
        REPAIR.replace("+    return items[-1]\n", "").replace("-    return", "     return"),
        "@@ -1 +1,2 @@\n+import re\n",
        "@@ -7,0 +8 @@\n+x = 1\n",
        REPAIR + "It also needs this:\n+import re\n",
        REPAIR + REPAIR,
        REPAIR + "@@ -4,2 +4,2 @@\n-def first(items):\n+def head(items):\n     return items[0]\n",
        "@@ -90 +90 @@\n \n+\n+x = 1\n",  # a blank line stands in more places than one
        "@@ @@\n-    return items[0]\n+    return items[0]\x1b[2J\n",
        "@@ @@\n-    return items[0]\n+    return items[0]  # \u202e\n",
        "@@ @@\n-    return items[0]\n+    return items[0]  # \u200b\n",
        "@@ @@\n-    return items[0]\n+    return items[0]\x0c\n",
        "@@ @@\n-    return items[0]\n+    return items[0]\r\r\n",
        "@@ @@\n-    return items[0]\n+    return items[0]\u2028\n",
        "@@ @@\n-    return items[0]\n+    return items[0]  # \udcff\n",
        "@@ @@\n-    return items[0]\n" + "+    x\n" * MOST_CHANGED,
        "@@ @@\n-    return items[0]\n+" + "x" * 30_000 + "\n",
        "\n".join("-" + line for line in CONTENT.split("\n")[:-1]),
        "+x\n" * 100_000,
        "@@ @@\n import os\n \n \n+def first(items):\n@@ @@\n-def first(items):\n",  # and back
        *(one.text for one in INJECTIONS),
    ],
)
def test_what_is_not_believed(repair: str) -> None:
    assert applied(repair, PATH, CONTENT) is None


def test_a_removal_alone_is_a_repair() -> None:
    diff = applied("@@ @@\n-import os\n", PATH, CONTENT)
    assert diff is not None
    assert after(diff, PATH, CONTENT) == CONTENT.removeprefix("import os\n")


def test_the_most_that_may_change() -> None:
    repair = "@@ @@\n-    return items[0]\n" + "+    x\n" * (MOST_CHANGED - 1)
    diff = applied(repair, PATH, CONTENT)
    assert diff is not None
    assert after(diff, PATH, CONTENT).count("    x\n") == MOST_CHANGED - 1


def test_where_a_hunk_says_it_is_counts_before_where_else_it_is() -> None:
    content = "a\nb\n" * 5
    repair = "@@ -5,2 +5,2 @@\n a\n-b\n+c\n"
    diff = applied(repair, "x", content)
    assert diff is not None
    assert after(diff, "x", content) == "a\nb\n" * 2 + "a\nc\n" + "a\nb\n" * 2
    assert applied(repair.replace("-5", "-4"), "x", content) is None


def test_blank_lines_before_a_hunk_are_not_its_own() -> None:
    content = "a\nb\n" * 5
    diff = applied("@@ -4,3 +4,3 @@\n\n a\n-b\n+c\n\n", "x", content)
    assert diff is not None
    assert after(diff, "x", content) == "a\nb\n" * 2 + "a\nc\n" + "a\nb\n" * 2


def test_hunks_far_apart_and_near() -> None:
    content = "".join(f"line {n}\n" for n in range(1, 41))
    repair = "".join(f"@@ @@\n-line {n}\n+LINE {n}\n+more\n" for n in (1, 9, 20, 27, 40))
    diff = applied(repair, "x", content)
    assert diff is not None
    assert [line for line in diff.split("\n") if line[:2] == "@@"] == [
        "@@ -1,4 +1,5 @@",
        "@@ -6,7 +7,8 @@",
        "@@ -17,14 +19,16 @@",
        "@@ -37,4 +41,5 @@",
    ]
    changed = after(diff, "x", content)
    assert changed.count("more\n") == 5
    assert changed.replace("more\n", "").lower() == content


@pytest.mark.parametrize(
    ("content", "repair", "expected"),
    [
        ("a\nb", "-b\n+c\n", "a\nc"),
        ("a\nb", " b\n+c\n", "a\nb\nc"),
        ("a\nb", "-a\n+c\n b\n", "c\nb"),
        ("a\nb", " a\n-b\n", "a\n"),
        ("b", "-b\n+c\n\\ No newline at end of file\n", "c"),
        ("a\nb\n\n", " b\n+c\n", "a\nb\nc\n\n"),
        ("a\r\nb\r\n", "-b\n+c\n+d\n", "a\r\nc\r\nd\r\n"),
        ("a\r\nb", "-b\n+c\n", "a\r\nc"),
        ("a\r\nb\r\n", " a\r\n-b\r\n+c\r\n", "a\r\nc\r\n"),
        ("a \t\nb\n", " a\n-b\n+c\n", "a \t\nc\n"),
        ("a \t\nb\n", "-a\n-b\n+a\n+c\n", "a \t\nc\n"),
        (
            "a\x0cb\x85c\u2028d\re\nx\n",
            " a\x0cb\x85c\u2028d\re\n-x\n+y\n",
            "a\x0cb\x85c\u2028d\re\ny\n",
        ),
        ("caf\udce9\nx\n", "-x\n+y\n", "caf\udce9\ny\n"),
        ("\tx\n", "-\tx\n+\ty\n", "\ty\n"),
        ("-- a\n++ b\n", "--- a\n+-- c\n", "-- c\n++ b\n"),
        ("a\n-- b\n", " a\n--- b\n+++ c\n", "a\n++ c\n"),
        ("```\nx\n```\n", " ```\n-x\n+y\n ```\n", "```\ny\n```\n"),
        ("", "+x\n", None),
        ("x\0y\nz\n", "-z\n+y\n", None),
        ("\n\n\n", " \n+x\n", None),
        ("a\nb\n", "-a\n-b\n", None),
    ],
)
def test_ends_of_lines_and_of_files(content: str, repair: str, expected: str | None) -> None:
    diff = applied(repair, "x", content)
    assert (diff and after(diff, "x", content)) == expected


@pytest.mark.parametrize(
    "path",
    [
        "x",
        "a/b",
        "b/x",
        "a b/c d.py",
        "日本 語.py",
        'q"u\\o\te.py',
        "line\nbreak",
        "-x",
        " x ",
        "x 2024-01-01 00:00:00.000000000 +0000",
        "a/a/x",
    ],
)
def test_any_path_can_be_applied(path: str) -> None:
    diff = applied("-a\n+b\n", path, "a\nc\n")
    assert diff is not None
    assert after(diff, path, "a\nc\n") == "b\nc\n"
    assert diff.count("\n") == 6


def test_a_large_file_of_equal_lines_takes_no_long() -> None:
    started = time.perf_counter()
    content = "x\n" * 300_000
    assert applied(" x\n" * 500 + "+y\n", PATH, content) is None
    assert applied("@@ -9 +9 @@\n" + " x\n" * 500 + "+y\n", PATH, content) is not None
    assert time.perf_counter() - started < 10


LINE = st.sampled_from(
    ["a", "b", "", " ", "  a", "}", "-- x", "++ y", "x\r", "é", "@@", "```", "a  "]
)
FILE = st.builds(
    lambda lines, more, ended: (
        "\n".join([*lines, *(f"line {n}" for n in range(more))]) + ("\n" if ended else "")
    ),
    st.lists(LINE, max_size=8),
    st.integers(0, 30),
    st.booleans(),
)


@st.composite
def repairs(draw: st.DrawFn) -> tuple[str, str]:
    """A file and a patch of it that is often right, and often nearly so."""
    content = draw(FILE)
    lines = content.split("\n")
    parts = [draw(st.sampled_from(["", "--- a/x\n+++ b/x\n", "```diff\n", "Well:\n\n"]))]
    end = 0
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(end, len(lines)))
        end = min(len(lines), place + draw(st.integers(0, 4)))
        stated = place + 1 + draw(st.sampled_from([0, 0, 0, 0, 1, -1]))
        parts.append(draw(st.sampled_from([f"@@ -{stated},9 +1 @@\n", "@@ @@\n"])))
        for line in lines[place:end]:
            parts.append(draw(st.sampled_from([" ", " ", "-"])) + line + "\n")
            parts += ["+" + one + "\n" for one in draw(st.lists(LINE, max_size=2))]
    parts.append(draw(st.sampled_from(["", "", "```\n", "\nDone.\n", "- done\n", "+ \x1b[0m\n"])))
    return content, "".join(parts)


@settings(max_examples=200, deadline=None)
@given(repairs())
@example(("a", "@@ @@\n a\n+b\n"))
@example(("a\na\na\na\n-- x\na", "@@ -2,9 +1 @@\n a\n a\n a\n+++ y\n--- x\n"))
def test_whatever_is_believed_git_takes(case: tuple[str, str]) -> None:
    content, repair = case
    diff = applied(repair, "x", content)
    if diff is not None:
        changed = after(diff, "x", content)
        assert changed != content
        # Only lines of the file, and lines that the model wrote, are left.
        kept = {line.rstrip() for line in content.split("\n")}
        kept |= {line[1:].rstrip() for line in repair.split("\n")}
        assert {line.rstrip() for line in changed.split("\n")} <= kept
        # Of mixed line ends the file's most frequent one is taken for new lines.
        assert "\r" in content or applied(diff, "x", content) == diff


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=[])), st.text(max_size=200))
def test_no_text_breaks_it(repair: str, content: str) -> None:
    applied(repair, PATH, content)
