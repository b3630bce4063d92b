"""What counts as code on a line, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugguard.domain import Hunk
from bugguard.patterns.normalize import changed, code, edit, key, style_of, tokens


@pytest.mark.parametrize(
    ("path", "style"),
    [
        ("a.py", "#"), ("Makefile", "#"), ("src/CMakeLists.txt", "#"), ("a.c", "/"), ("a.x", "/"),
        ("a.sql", "-"), ("a.clj", ";"), ("a.erl", "%"), ("none", "/"),
    ],
)  # fmt: skip
def test_the_comment_syntax_is_the_files(path: str, style: str) -> None:
    assert style_of(path) == style


@pytest.mark.parametrize(
    ("line", "style"),
    [
        ("", "#"), ("    }", "/"), ("# prose about it", "#"), ("// prose about it", "/"),
        (" * prose about it", "/"), ("/* prose about it */", "/"), ("-- prose about it", "-"),
        ("import os", "#"), ("from os import path", "#"), ("#include <stdio.h>", "/"),
        ("import fmt", "/"), ('import x from "y"', "/"), ("use std::io;", "/"),
        ('const fs = require("fs")', "/"), ("source ./env.sh", "#"), ("DecodeError,", "#"),
        ("join as join_path,", "#"), ("x" * 1001, "#"), ('"""Says what it does."""', "#"),
    ],
)  # fmt: skip
def test_no_code(line: str, style: str) -> None:
    assert code(line, style) == ""


@pytest.mark.parametrize(
    ("line", "style", "found"),
    [
        ("  return value  # why", "#", "return value"),
        ("call('#not a comment')", "#", "call('#not a comment')"),
        ('open("http://x") // why', "/", 'open("http://x")'),
        ("a = b /* why */ + c_value;", "/", "a = b + c_value;"),
        ("source = read(path)", "#", "source = read(path)"),
        ("importer = load(x)", "#", "importer = load(x)"),
        ("*pointer = value;", "/", "*pointer = value;"),
        ("select_all -- why", "-", "select_all"),
    ],
)
def test_code_without_its_comment(line: str, style: str, found: str) -> None:
    assert code(line, style) == found


def test_white_space_makes_no_difference_to_a_key() -> None:
    assert key("if  ( a ==b ) {") == key("if (a == b) {")
    assert key("return a") != key("return b")


def test_tokens_are_names_numbers_and_operators() -> None:
    assert tokens("if x1 <= 0x1F and 値 != 'no':") == (
        "if",
        "x1",
        "<=",
        "0x1F",
        "and",
        "値",
        "!=",
        "no",
    )


@given(
    st.lists(st.sampled_from([" a = call(1)", "-b = call(2)", "+c = call(3)", "+# no", "-", "+"]))
)
def test_the_quick_way_sees_the_lines_of_an_edit(body: list[str]) -> None:
    hunk = Hunk("a.py", "a.py", 1, 1, "", tuple(body))
    lines = [(line.marker, line.key) for line in edit(hunk).lines if line.marker != " "]
    assert list(changed(hunk)) == lines


@given(st.text(), st.sampled_from("#/-;%"))
def test_any_line_is_code_or_none(line: str, style: str) -> None:
    found = code(line, style)
    assert found == "" or set("".join(found.split())) <= set(line)
