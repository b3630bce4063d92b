"""The function around a change, in languages that mark its end in different ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugguard.judge.enclosing import enclosing

PYTHON = """\
import os


class Store:
    def first(self):
        return 1

    @cached
    def second(self, key):
        if key:
            for one in self.all:
                use(one)  # here

        return None

    def third(self):
        return 3
"""
GO = """\
package main

func first() {
\treturn
}

func (d *Dispenser) Second(h Helper) error {
\tfor h.Next() {
\t\tswitch h.Val() {
\t\tcase "here":
\t\t\tuse(h)
\t\t}
\t}
\treturn nil
}

func third() {
}
"""
C = """\
static int first(void)
{
    return 1;
}

int second(struct reader *reader,
           struct header *header)
{
    if (header->length)
    {
        here(reader);
    }
    return 0;
}

int third(void)
{
}
"""
RUBY = """\
class Shop
  def first
    1
  end

  def second(key)
    unless key.nil?
      here(key)
    end
  end

  def third
    3
  end
end
"""
JS = """\
export class Basket {
  first() {
    return 1;
  }

  second(article) {
    const known = this.items.find((item) => {
      return here(item);
    });
    return known;
  }
}
"""


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        (PYTHON, "    def second(self, key):", "        return None"),
        (GO, "func (d *Dispenser) Second(h Helper) error {", "}"),
        (C, "int second(struct reader *reader,", "}"),
        (RUBY, "  def second(key)", "  end"),
    ],
    ids=["python", "go", "c", "ruby"],
)
def test_the_function_around_a_line(code: str, first: str, last: str) -> None:
    lines = code.split("\n")
    [here] = [number for number, line in enumerate(lines) if "here" in line][-1:]
    start, end = enclosing(lines, here, here + 1)
    assert lines[start] == first
    assert lines[end - 1] == last
    shown = "\n".join(lines[start:end])
    assert "first()" not in shown.replace(first, "")
    assert "third" not in shown


def test_a_callback_is_part_of_what_it_is_passed_in() -> None:
    lines = JS.split("\n")
    [here] = [number for number, line in enumerate(lines) if "here" in line]
    start, end = enclosing(lines, here, here + 1)
    assert "known = this.items.find" in "\n".join(lines[start:end])


def test_code_in_no_function_is_shown_with_what_stands_around() -> None:
    lines = [f"value_{number} = {number}" for number in range(100)]
    start, end = enclosing(lines, 50, 52)
    assert (start, end) == (40, 62)


@given(
    lines=st.lists(
        st.sampled_from(["def f(a):", "    x = 1", "", "}", "\tif (a) {", "end", "  y"])
    ),
    first=st.integers(0, 30),
    length=st.integers(1, 10),
)
def test_it_is_always_a_slice_around_the_change(lines: list[str], first: int, length: int) -> None:
    start, end = enclosing(lines, first, first + length)
    assert 0 <= start <= end <= len(lines)
    assert start <= min(first, len(lines))
    assert end >= min(first + length, len(lines))
