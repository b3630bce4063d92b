"""Escaping for Markdown, held against GitHub's own parser."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from rendered import Page, page
from strangers import TEXT, URLS

from bugguard.report.escape import terminal
from bugguard.report.markup import code, fence, link, prose


def inline(markdown: str) -> Page:
    """A paragraph's page; fails if anything began a block or was HTML."""
    read = page(markdown)
    assert read.raw == 0, markdown
    assert set(read.tags) <= {"p", "code", "a"}, markdown
    assert read.tags.count("p") <= 1
    return read


@given(TEXT)
def test_prose_shows_just_its_words_and_does_nothing(stranger: str) -> None:
    words = " ".join(terminal(stranger).split())
    assume(not words.startswith("\ufeff"))  # dropped where a text begins with it; ours never do
    read = inline(prose(words))
    assert read.shown == words
    assert read.links == []
    assert read.live == []


@given(TEXT)
def test_code_shows_just_its_text(stranger: str) -> None:
    text = terminal(stranger)
    read = inline("x " + code(text))
    assert read.shown.removeprefix("x").strip() == text.strip()
    assert read.links == []
    assert read.live == []


@given(TEXT, URLS)
def test_a_link_leads_to_the_record_or_nowhere(label: str, url: str) -> None:
    label = terminal(label)
    read = inline("x " + link(label, url))
    assert read.shown.removeprefix("x").strip() == label.strip()
    assert len(read.links) <= 1
    for target in read.links:
        assert target.lower().startswith(("http://", "https://"))
        assert url.lower().startswith(target.lower()[:8])


@pytest.mark.parametrize("url", [
    "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "vbscript:x",
    "//evil.example", "file:///etc/passwd", "http:evil", "https://", "https:// evil.example", " https://a.example",
    "https://a.example\nb", "mailto:a@b.example", "",
])  # fmt: skip
def test_only_the_web_is_linked(url: str) -> None:
    assert link("#12", url) == "`#12`"


@pytest.mark.parametrize(("url", "target"), [
    ("https://t.example/a?b=c&copy=d&amp;e", "https://t.example/a?b=c&copy=d&amp;e"),
    ("https://t.example/(a)[b]<c>`d`'e'", "https://t.example/%28a%29%5Bb%5D%3Cc%3E%60d%60%27e%27"),
    ("https://t.example/%E5%95%8F#x", "https://t.example/%E5%95%8F#x"),
    ("https://t.example/問題", "https://t.example/%E5%95%8F%E9%A1%8C"),
])  # fmt: skip
def test_an_address_keeps_its_meaning(url: str, target: str) -> None:
    assert inline(link("#12", url)).links == [target]


@pytest.mark.parametrize("id_", ["#4485", "!12", "PROJ-12", "A_B-1", "owner/repo_x#7"])
def test_a_ticket_s_id_is_plain_in_its_link(id_: str) -> None:
    read = inline(link(id_, "https://t.example/1"))
    assert (read.shown, read.tags.count("code")) == (id_, 0)


@given(TEXT, TEXT)
def test_nothing_ends_a_fence_but_its_own_end(first: str, second: str) -> None:
    lines = [sign + terminal(text) for sign, text in zip(" +", (first, second), strict=True)]
    read = page(fence(lines) + "\n\nafter\n")
    assert read.tags == ["pre", "code", "p"]
    assert read.blocks == ["\n".join(lines) + "\n"]
    assert read.shown.endswith("after")


@pytest.mark.parametrize("words", [
    "plain words (with these), and: those; \"quoted\" it's fine? Yes! 1.5 x = 2", "日本語の件名。",
    "utf8 and a-b and 3-way", "ends with a colon:",
])  # fmt: skip
def test_ordinary_words_need_no_escape(words: str) -> None:
    assert prose(words) == words


@pytest.mark.parametrize("word", [
    "@alice", "(@alice)", "a@b.example", "#12", "(#12)", "GH-12", "o/r#12", "!34", "~bug", "%1.0",
    "&5", "$6", "PROJ-12", "utf-8", "deadbeef", ":tada:", "http://x", "www.x.example", "<b>", "*a*",
    "^a", "C:\\x", "std::move", "a|b", "[x]", "{+x+}", "~~x~~", "__x__", "WWW.x.example",
])  # fmt: skip
def test_a_word_that_hosts_act_upon_is_code(word: str) -> None:
    assert prose(f"see {word} there") == f"see {code(word)} there"


def test_words_in_a_row_are_one_piece_of_code() -> None:
    assert prose("@a @b c") == "`@a @b` c"


@pytest.mark.parametrize(("text", "shown"), [
    ("a", "`a`"), ("", "`   `"), ("`", "`` ` ``"), ("a``b", "```a``b```"), ("`a` b", "`` `a` b ``"),
])  # fmt: skip
def test_code_has_enough_backticks(text: str, shown: str) -> None:
    assert code(text) == shown
