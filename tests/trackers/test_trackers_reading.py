"""What a server says is taken for no more than it is."""

from __future__ import annotations

import string
import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugguard.trackers import adf, reading
from bugguard.trackers.adf import plain
from bugguard.trackers.closing import GITHUB, GITLAB, Home, closed
from bugguard.trackers.reading import CUT

ANY = st.text(st.characters(exclude_categories=[]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY, inner, max_size=4),
)


@given(ANY, st.integers(12, 60))
def test_a_text_is_kept_as_far_as_it_goes(whole: str, most: int) -> None:
    kept = reading.text(whole, most)
    storable = "".join(
        "\ufffd" if one == "\x00" or "\ud800" <= one <= "\udfff" else one for one in whole
    )
    assert len(kept.encode("utf-8", "strict")) <= most
    if len(storable.encode()) <= most:
        assert kept == storable
    else:
        assert kept.endswith(CUT)
        assert storable.startswith(kept.removesuffix(CUT))
        assert len(kept.encode()) > most - 4


@pytest.mark.parametrize("verbatim", ["", "日本語 🐛 \x1b[0m \u202e\r\n\t", "x" * 65_536, "👨‍👩‍👧"])
def test_a_text_that_fits_is_verbatim(verbatim: str) -> None:
    assert reading.text(verbatim) == verbatim
    assert reading.text(verbatim + "y" * 65_537).endswith(CUT)


@given(VALUES)
def test_nothing_is_tripped_over(value: Any) -> None:
    for name in ("text", "title", "word", "words", "moment", "seconds", "sha", "address", "shown"):
        getattr(reading, name)(value)
    assert isinstance(reading.objects(value), list)
    reading.at(value, "a", "b")
    assert isinstance(plain(value), str)


@given(
    st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)),
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["+0900", "+09:00", "Z"]),
)
def test_a_moment_is_what_datetime_says(naive: datetime, minutes: int, form: str) -> None:
    zone = timezone.utc if form == "Z" else timezone(timedelta(minutes=minutes))
    moment = naive.replace(tzinfo=zone, microsecond=naive.microsecond // 1000 * 1000)
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    colon = ":" if ":" in form else ""
    offset = "Z" if form == "Z" else f"{sign}{hours:02}{colon}{rest:02}"
    written = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}{offset}"
    found = reading.moment(written)
    assert found == pytest.approx(moment.timestamp(), abs=1e-5)
    assert reading.seconds(written) in (int(found), int(found) - 1)
    assert reading.moment(reading.iso(found)) == pytest.approx(found, abs=2e-3)
    assert reading.moment(reading.iso(found)) <= found


@pytest.mark.parametrize(
    "written",
    ["", "yesterday", "2024-13-01T00:00:00Z", "2024-01-01", "2024-01-01T00:00:00Z x", 5, None,
     "9" * 10**6, "２０２４-01-01T00:00:00Z"],
)  # fmt: skip
def test_what_is_no_moment(written: Any) -> None:
    assert reading.moment(written) is None


@pytest.mark.parametrize(
    "url",
    ["https://gitlab.example/g/p/-/issues/1", "http://host:8080/%E6%97%A5?x=1#note"],
)
def test_a_web_address(url: str) -> None:
    assert reading.address(url) == url


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "https://", "ftp://x/y", "https://user:pw@x/", "https://x/\x1b[0m",
     "https://x/ y", "https://x/\u202e", "https://x/" + "y" * 3000, "https://x/<script>",
     'https://x/"onclick', "https://[x/", None, 5],
)  # fmt: skip
def test_what_is_no_web_address(url: Any) -> None:
    assert reading.address(url) == ""


def test_shas() -> None:
    for good in ("a" * 40, "0123456789abcdef" * 4, "A" * 40):
        assert reading.sha(good) == good.lower()
    for bad in ("a" * 39, "g" * 40, "a" * 41, "", None, 7, "a" * 40 + "\n"):
        assert reading.sha(bad) == ""


def test_numbers() -> None:
    assert [reading.number(one) for one in (1, 12, 10**9)] == [1, 12, 10**9]
    for bad in (True, 0, -1, 1.0, "1", None, 10**10, [1]):
        assert reading.number(bad) == 0


# Words that close a ticket.

HOME = Home("gitlab.example", "Group/Sub/Shop")
TICKET = ("gitlab.example/group/sub/shop", 12)


@pytest.mark.parametrize(
    ("text", "gitlab", "github"),
    [
        ("Closes #12", True, True),
        ("closes: #12", True, True),
        ("FIXED #12.", True, True),
        ("Resolve\n#12", True, True),
        ("Closes #11, #12", True, True),
        ("Closes #11 and #12", True, True),
        ("Closes #11, and #12", True, True),
        ("Fixes issue #12", True, True),
        ("This fixes issues #10, #11 and #12, I hope", True, True),
        ("Closes group/sub/shop#12", True, True),
        ("Closes shop#12", True, True),
        ("Closes https://gitlab.example/group/sub/shop/-/issues/12", True, True),
        ("Closes https://gitlab.example:8443/Group/sub/shop/issues/12", True, True),
        ("Closes https://gitlab.example/group/sub/shop/-/work_items/12", True, True),
        ("closes GH-12", True, True),
        ("Implements #12", True, False),
        ("Closing #12", True, False),
        ("fixing #12", True, False),
        ("#12", False, False),
        ("See #12", False, False),
        ("Closes #120", False, False),
        ("Closes #12a", False, False),
        ("Closes# 12", False, False),
        ("uncloses #12", False, False),
        ("Closes other/shop#12", False, False),
        ("Closes shop-api#12", False, False),
        ("Closes https://other.example/group/sub/shop/-/issues/12", False, False),
        ("Closes https://gitlab.example/group/sub/shop/-/merge_requests/12", False, False),
        ("Closes !12", False, False),
        ("Closes #11; later #12", False, False),
        ("", False, False),
    ],
)
def test_words_that_close(text: str, gitlab: bool, github: bool) -> None:
    assert (TICKET in closed(text, GITLAB, HOME)) is gitlab
    assert (TICKET in closed(text, GITHUB, HOME)) is github


@given(ANY, st.sampled_from(["Closes", "fix", "Resolves:"]), ANY)
def test_they_are_found_wherever_they_stand(before: str, word: str, after: str) -> None:
    text = f"{before}\n{word} #12 {after}"
    assert TICKET in closed(text, GITLAB, HOME)


@pytest.mark.parametrize(
    "hostile",
    ["closes " * 9_000, "closes " + "#1, " * 16_000, "closes " + "a/" * 30_000,
     "closes https://" + "x/" * 30_000, "closes " + " " * 60_000, "fix" * 20_000,
     "closes " + "issues " * 9_000, "closes https://a/" * 4_000],
)  # fmt: skip
def test_closing_words_take_linear_time(hostile: str) -> None:
    begin = time.monotonic()
    assert TICKET not in closed(hostile, GITLAB, HOME)
    assert time.monotonic() - begin < 5


# Atlassian's documents.


def node(kind: str, *content: Any, **rest: Any) -> dict[str, Any]:
    return {"type": kind, "content": list(content), **rest}


def said(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text, "marks": [{"type": "strong"}]}


def test_a_document_becomes_text() -> None:
    document = node(
        "doc",
        node("heading", said("手順"), attrs={"level": 2}),
        node(
            "paragraph",
            said("Ask "),
            {"type": "mention", "attrs": {"id": "5", "text": "@山田"}},
            said(" "),
            {"type": "emoji", "attrs": {"shortName": ":bug:", "text": "🐛"}},
            {"type": "hardBreak"},
            {"type": "inlineCard", "attrs": {"url": "https://x.example/1"}},
        ),
        node(
            "bulletList",
            node("listItem", node("paragraph", said("one"))),
            node("listItem", node("paragraph", said("two"))),
        ),
        node("codeBlock", said("if x:\n    y()"), attrs={"language": "python"}),
        node(
            "table",
            node("tableRow", node("tableHeader", said("a")), node("tableCell", said("b"))),
        ),
        {"type": "unheardOf", "content": [said("still read")]},
        version=1,
    )
    assert plain(document).split("\n") == [
        "手順", "Ask @山田 🐛", "https://x.example/1", "- one", "- two", "if x:", "    y()",
        "a | b", "still read",
    ]  # fmt: skip


def test_a_document_without_bottom() -> None:
    document: dict[str, Any] = said("deep")
    for _ in range(100_000):
        document = node("paragraph", document)
    assert plain(document) == "deep"
    wide = node("doc", *(node("paragraph", said("x" * 100)) for _ in range(10_000)))
    assert plain(wide).endswith(CUT)


def test_no_more_is_read_than_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    monkeypatch.setattr(adf, "text", lambda one: read.append(one) or str(one))
    plain(node("doc", *(node("paragraph", said("x" * 10_000)) for _ in range(1000))))
    assert len(read) <= 100


@given(st.text(string.printable))
def test_a_plain_description_stays_plain(words: str) -> None:
    assert plain(words) == words
