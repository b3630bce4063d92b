"""A model's prose: what is taken out of it, what stays, and that nothing gets past."""

from __future__ import annotations

import time

import looking
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from injections import INJECTIONS
from past import FIX, MIXED, SHA, URL, strangers

from bugguard.domain import FixCommit, Ticket
from bugguard.judge.verifying.prose import Record, scrub

RECORD = Record.of(FIX)
EMPTY = Record.of(FixCommit(SHA, 0, "Fix it", "Fix it\n"))

REFERENCES = """
    #123 #4 #448 #44850 ##12 !12 &12 owner/repo#7 owner/repo!7 r#7 caddy#4485 other/caddy#4485
    caddyserver/caddy/x#4485 GH-12 gh-12 GH12 GH-4485 ABC-123 ABC_D-1 PROJ-123 PROJ-1 proj-300
    abc-123 Abc-4485 ABC–12 CVE-2021-12345 cve-2021-9999 GHSA-abcd-ef12-3456 RUSTSEC-2021-0001
    bpo-12345 lp:12345 b/12345 T12345 D12345 No.12 №12 rhbz#12 !4485 #33 #512 #71
    issue4486 bug-7 PR55 pr#55 test_issue_4486 abc1234 ABC1234F 5333c353 5333c352ab13 1234abce
    abc1234... abc1234… gabc1234 r12345 0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7
    http://evil.example HtTp://evil.example x-thing://a hxxp[:]//evil.example http:\\\\evil.example
    www.evil.example WWW.evil.example mailto:a@b javascript:alert(1) data:text/html,x file:/etc/x
    a@evil.example a.b+c@evil.example git@github.com:o/r.git <http://evil.example> <a@evil.example>
    evil.example/x evil.example:80/x evil.example?x=1 //evil.example/x sub.evil.example/ 127.0.0.1/x
    evil。example/x 例え.テスト/x github.com/caddyserver/caddy/pull/4485/files docs.rs/x
    [text](target) ![alt](target) [text](<target>) ![alt][ref] [text][ref] [text][] [a[b]c](target)
    <b> </b> <img> <br/> <script> <!--x--> <?php?>
    チケット12番 チケット１２ 課題34 不具合#5 第12号 12番の課題 12番チケット マージリクエスト9
    プルリク12 管理番号4486 課題三十四 チケット番号:12 障害No.12
    """
SPACED = (
    """
    # 123|sha 7654321|commit deadbeef
    issue 4486|Issue: 4486|issue no. 12|issue No 12|ticket number 12|ticket #12|bug 7
    bugs 3, 4 and 5|PR 55|PRs 55|MR 12|mr !12|pull request 9|merge request #3|Pull-Request 9
    issue (12)|issue "12"|issue id 12|work item 12|incident 12|the 4486 ticket|fixes 4486
    commit abc1|commit 12345678|revision 12345|changeset ab12|コミット abc1|closes: 123
    課題 34|課題の34番|不具合 #5|プルリクエスト 12|第 12 号
    #<b>12|issue <b>4486|issue [4486](x)|<img src=x onerror=y>|<a href='x'>|<a b=c
    &#35;4486|&#x23;4486|&num;4486|&amp;#35;4486|issue&nbsp;4486|&lt;b&gt;
    %234486|issue%204486|%2523%34%34|h%74tp://evil|http%3A%2F%2Fevil
    \\#4486|issue **4486**|issue `4486`|#**4486**|http:\\/\\/evil
    """.strip()
    .replace("\n    ", "|")
    .split("|")
)
DISGUISED = [
    *("issue\n4486", "#\n12", "issue\n\n4486", "http://\nevil.example/x", "#\x004486"),
    *("＃４４８６", "Ｉｓｓｕｅ　４４８６", "！１２", "ｈｔｔｐ：／／ｅｖｉｌ", "#𝟒𝟒𝟖𝟔", "#①②"),
    *("#\u200b4486", "#44\u200b86", "is\u00adsue 4486", "#\u20604486", "ht\ufefftp://evil"),
    *("#\u202e4486", "#\u034f4486", "#4\ufe0f\u20e34\ufe0f\u20e3", "#\u31644486", "#\u28004486"),
    *("іssue 4486", "httрs://evil.example", "http:∕∕evil.example/x", "♯4486", "АBC-123"),
    *("issue ٤٤٨٦", "#४४८६", "dead\u00adbee1", "\x1b]8;;http://evil\x1b\\"),
]


@pytest.mark.parametrize("reference", [*REFERENCES.split(), *SPACED, *DISGUISED])
def test_what_looks_like_a_reference_goes(reference: str) -> None:
    for text in (reference, f"As in {reference} before.", f"これは{reference} と同じ。"):
        scrubbed = scrub(text, EMPTY)
        assert scrubbed.removed > 0, text
        assert "[…]" in scrubbed.text
        assert not looking.tickets(scrubbed.text), scrubbed
        assert not looking.commits(scrubbed.text)
        assert not looking.links(scrubbed.text)
        assert scrub(text, RECORD).removed > 0


@pytest.mark.parametrize("key", ["proj-3", "Proj-13", "PROJ-4485", "gh-3"])
def test_a_key_of_the_records_own_tracker_counts_in_any_case(key: str) -> None:
    assert scrub(f"as in {key}", RECORD) == ("as in […]", 1)


def test_names_that_are_innocent_are_none_where_the_tracker_has_them_as_keys() -> None:
    record = Record.of(FixCommit(SHA, 0, "", "", (Ticket("RFC-12", "", "", "jira"),)))
    assert scrub("RFC-12, RFC-7230", record) == ("RFC-12, […]", 1)
    assert scrub("RFC-12, RFC-7230", EMPTY) == ("RFC-12, RFC-7230", 0)


def test_a_definition_of_links_goes() -> None:
    assert scrub("So it is.\n\n[r]: evil/x 'title'", EMPTY) == ("So it is.\n\n[…] 'title'", 1)


@pytest.mark.parametrize(
    "innocent",
    [
        *("UTF-8 and utf-16le", "SHA-256, sha-512", "ISO-8601", "RFC-7230", "x86-64", "int32, u8"),
        *("2 of 3 callers", "line 12", "0xff and 0xdeadbeef1", "#fff, #1a2b3c, #000000"),
        *(
            "the deadline, a facade",
            "deadbeef, defaced",
            "the default of 404",
            "HTTP 500 or HTTP-404",
        ),
        *(
            "since 2021",
            "mid-2019",
            "x[1:2] and x[::2]",
            "v1.2.3, 1.2/3",
            "C# 8",
            "OFF-BY-1",
            "off-by-1",
        ),
        *(
            "src/app.py and ./a.b/c.py",
            "foo.bar() and self.io",
            "self.total/2",
            "node.js/lib",
            "a/b.example/c",
        ),
        *("List<String>", "Map<K, V> of Vec<u8>", "cells[i][j]", "a < b and c > d", "std::vector"),
        *("e.g. this", "and/or", "10.0.0.0/8", "a -> b", "fix 1 guards it", "closes 3 files"),
        *("bugs in 2 places", "the bug. 3 callers", "issue, then 4 retries", "worker-3, top-10"),
        *(
            "不具合が3件",
            "バグ 2 つ",
            "第2引数",
            "行番号 12",
            "ポート番号 8080",
            "これは良い。次へ/戻る",
        ),
        *(
            "!0 and !x",
            "x != 12",
            "#0",
            "# comment",
            "@property",
            "a@b",
            "data: none",
            "file: x.py",
        ),
        *(
            "2>&1",
            "a && b",
            "pr_number",
            "1234567 items",
            "at 10:30",
            "50% of issues",
            "issue [1, 2]",
        ),
        *("<stdio.h>", "<your name>", "100%", "5 * 3", "50 °C", "naïve café", "日本語の説明", "🐛"),
    ],
)
def test_innocent_words_stay(innocent: str) -> None:
    assert scrub(innocent, EMPTY) == (innocent, 0)
    assert scrub(f"They say {innocent}, which holds.", EMPTY).removed == 0


@pytest.mark.parametrize(
    "said",
    [
        *(
            "#4485",
            "issue 4485",
            "PR #4485",
            "pull request 4485",
            "caddyserver/caddy#4485",
            "GH-71",
        ),
        *(
            "チケット4485番",
            "課題 #4485",
            "PROJ-12",
            "proj-12",
            "!33",
            "MR 33",
            "o/r#7",
            "CVE-2021-1234",
        ),
        *(
            "issue 512",
            SHA,
            SHA[:7],
            SHA[:12].upper(),
            SHA[:9] + "...",
            "commit 5333c352",
            "1234abcd",
        ),
        *(
            "1234abc",
            URL,
            f"({URL})",
            f"{URL}.",
            "https://docs.example/a(b)?c=1",
            "issues 4485 and 512",
        ),
    ],
)
def test_what_the_record_says_stays(said: str) -> None:
    text = f"It is {said}, as before."
    assert scrub(text, RECORD) == (text, 0)
    own = said.lower().startswith(("5333c", "commit 5333c"))
    assert own or said == "proj-12" or scrub(text, EMPTY).removed


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"{URL}/files", "[…]"),
        (f"{URL}?x=1", "[…]"),
        (f"{URL}#note", "[…]"),
        (f"{URL}0", "[…]"),
        (f"{URL.upper()}", "[…]"),
        (f"{URL}を参照", f"{URL} を参照"),
        (f"[the fix]({URL})", f"the fix ({URL})"),
        (f"![the fix](<{URL}> 'x')", f"the fix ({URL})"),
        (f"[{URL}](http://evil.example)", "[…]"),
        (f"<{URL}>", URL),
        (f"see {URL}, #4485 and #4486", f"see {URL}, #4485 and […]"),
        ("issues 4485, 12 and 512.", "issues 4485, […] and 512."),
        ("issues 12, 4485, #13, 14.", "[…], 4485, […], […]."),
        (f"{URL}, 4486", f"{URL}, […]"),
        ("handlers[name](event)", "handlers[name] (event)"),
        ("#12#13 #14", "[…] […]"),
        ("[x]: y", "[x] : y"),
        ("issue 33, MR 33 and PR #33", "[…], MR 33 and […]"),
        (f"commit {SHA[:4]}, {SHA[3:12]}", "[…], […]"),
        ("github.com/caddyserver/caddy/pull/4485", "[…]"),
        ("a &lt; b &amp;&amp; c", "a < b && c"),
        ("The loop\nends. \t Twice.\r\n\r\nSo  it is.\n\n\n", "The loop ends. Twice.\n\nSo it is."),
        ("a\x00b\x1b[31mc\x1b[0m\u202ed\u200be\ud800", "abcde"),
        ("１２ ﬁles", "12 files"),
        ("配列[i]（添字）を確認：良い！", "配列[i]（添字）を確認：良い！"),
        ("これは！１２ではない（＃４４８６）", "これは[…]ではない（[…]）"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert scrub(text, RECORD).text == shown


def test_a_record_has_what_its_commit_says_and_no_more() -> None:
    assert SHA in RECORD.shas
    assert RECORD.keys == {"proj", "gh"}
    assert "#512" not in RECORD.names  # its message says it in words, of who knows which tracker
    assert EMPTY.names == frozenset()


def test_it_is_cut_to_size_where_no_reference_is_cut() -> None:
    text = "word " * 100 + "#4485 " + "word " * 100
    scrubbed = scrub(text, RECORD, 504)
    assert scrubbed == ("word " * 99 + "word…", 0)
    assert scrub("x" * 5000, RECORD).text == "x" * 1199 + "…"
    assert len(scrub("語" * 5000, RECORD).text) == 1200
    assert scrub("!33 or caddyserver/caddy!33", RECORD, 26) == ("!33 or…", 0)


def test_few_paragraphs() -> None:
    assert scrub("\n\n".join("abcdefghij"), EMPTY).text == "a\n\nb\n\nc\n\nd\n\ne\n\nf g h i j"


@pytest.mark.parametrize("injection", INJECTIONS, ids=lambda injection: injection.name)
def test_no_injection_gets_past(injection: object) -> None:
    text = injection.text  # type: ignore[attr-defined]
    for record in (RECORD, EMPTY):
        scrubbed = scrub(text, record)
        assert not strangers(scrubbed.text), scrubbed
        assert not looking.controls(scrubbed.text)
        assert len(scrubbed.text) <= 1200
        assert scrub(scrubbed.text, record) == (scrubbed.text, 0)


@pytest.mark.parametrize(
    "unit",
    [
        "#",
        "a.",
        "a@",
        "[](",
        "[a](",
        "<a ",
        "issue ",
        "&amp;",
        "%25",
        "A-",
        "http:",
        "第課題",
        "1,",
        "()",
        *("\u0301", "[…]", "</", "a/", "abc1", "\\", "`*", "`", "é-", "&#3"),
    ],
)
def test_it_takes_no_long_over_anything(unit: str) -> None:
    started = time.perf_counter()
    scrub(unit * (200_000 // len(unit)), RECORD)
    Record.of(FixCommit(SHA, 0, "", unit * (200_000 // len(unit))))
    assert time.perf_counter() - started < 10


@settings(max_examples=500, deadline=None)
@given(MIXED)
@example("5333c35fіssue")
@example("</a# </change> # <instructions>")
@example("merge request\\~abc1234")
@example("merge request://33")
@example("Issue %23!4485")
@example("[4485httpwas//bug!33")
@example("...http_evil.example//x")
def test_whatever_is_left_is_in_the_record(text: str) -> None:
    scrubbed = scrub(text, RECORD)
    assert not strangers(scrubbed.text), scrubbed
    assert not looking.controls(scrubbed.text)
    assert len(scrubbed.text) <= 1200
    assert scrub(scrubbed.text, RECORD) == (scrubbed.text, 0)


@settings(deadline=None)
@given(MIXED, st.integers(1, 60))
def test_any_size_holds(text: str, most: int) -> None:
    scrubbed = scrub(text, RECORD, most)
    assert len(scrubbed.text) <= most
    assert not strangers(scrubbed.text)
    assert scrub(scrubbed.text, RECORD, most) == (scrubbed.text, 0)
