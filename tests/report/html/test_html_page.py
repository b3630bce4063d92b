"""The report's page: well-formed, and whatever strangers write is text in it."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from dataclasses import replace
from importlib.resources import files
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsed import all_text, articles, local, parsed, read_aloud, with_class
from sample_report import empty, explained, finding, judged, sample
from strangers import NASTY, many, reports

from bugguard.domain import Skipped, Ticket
from bugguard.report import html
from bugguard.report.escape import terminal
from bugguard.report.html.cards import MESSAGE, PAIRS, TICKETS
from bugguard.report.html.groups import ASIDE, CROWD, FEW, SHOWN
from bugguard.report.html.visible import visible
from bugguard.report.model import Report

TAGS = {
    "html", "head", "meta", "title", "style", "body", "a", "header", "main", "footer", "script",
    "nav", "section", "article", "h1", "h2", "h3", "p", "ul", "ol", "li", "dl", "div", "dt", "dd",
    "b", "small", "span", "bdi", "code", "pre", "kbd", "figure", "figcaption", "del", "ins", "mark",
    "time", "details", "summary", "q", "br", "table", "caption", "thead", "tbody", "tfoot", "tr",
    "th", "td", "fieldset", "legend", "label", "input", "select", "option", "button", "svg", "line",
    "text", "circle",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "href", "id", "tabindex", "rel",
    "aria-label", "aria-labelledby", "role", "data-rule", "data-path", "data-line", "data-score",
    "data-words", "data-repository", "data-n", "datetime", "scope", "hidden", "type", "value",
    "checked", "autocomplete", "spellcheck", "height", "x1", "x2", "y1", "y2", "x", "y", "cx",
    "cy", "r",
}  # fmt: skip
PARTS = files("bugguard.report.html") / "templates"
OWN = {name: (PARTS / name).read_text("utf-8") for name in ("page.css", "page.js")}


def read(report: Report) -> ET.Element:
    """The page, after nothing in it was found to be of a stranger's making."""
    text = html.render(report)
    text.encode("utf-8", "strict")
    assert text.endswith("</html>\n")
    tree = parsed(text)
    seen: set[str] = set()
    for element in tree.iter():
        assert local(element.tag) in TAGS, element.tag
        assert set(element.keys()) <= ATTRIBUTES, element.keys()
        if (id_ := element.get("id")) is not None:
            assert id_ not in seen
            seen.add(id_)
    assert [all_text(one) for one in tree.iter("style")] == [OWN["page.css"]]
    assert [all_text(one) for one in tree.iter("script")] == [OWN["page.js"]]
    records = _records(report)
    for element in tree.iter():
        href = element.get("href")
        if href is None:
            continue
        if href.startswith("#"):
            assert href[1:] in seen
        else:
            assert re.match("https?://", href, re.IGNORECASE)
            assert any(url.lower().startswith(href.lower()[:9]) for url in records), href
            assert element.get("rel") == "noopener noreferrer"
    return tree


def _records(report: Report) -> list[str]:
    silenced = report.judged.silenced if report.judged else ()
    kinds = (report.findings, report.suppressed, report.known, report.muted, silenced,
             report.suggested or (), report.candidates or ())  # fmt: skip
    return [ticket.url for some in kinds for one in some for ticket in one.match.fix.tickets]


def shown(report: Report) -> str:
    """The page's text, its own style and script aside."""
    body = read(report).find("body")
    assert body is not None
    for script in body.findall("script"):
        body.remove(script)
    return read_aloud(body)


@given(reports())
def test_whatever_strangers_write_is_shown_and_does_nothing(report: Report) -> None:
    tree = read(report)
    told = (*report.findings, *(report.suggested or ()), *report.suppressed)
    assert len(articles(tree)) == len(told)
    paths = sorted(all_text(one) for head in tree.iter("h3") for one in with_class(head, "path"))
    assert paths == sorted(visible(one.match.hunk.path) for one in told)
    subjects = [all_text(one).strip() for one in with_class(tree, "subject")]
    assert len(subjects) == len(told)


@pytest.mark.parametrize("words", [
    "</script><script>alert(1)</script>", "</style><style>*{display:none}</style>", "</title>",
    "--><!--", "\"' onmouseover=alert(1) x=\"", "<img src=x onerror=alert(1)>", "&lt;b&gt;&#64;",
    "{{ 7 * 7 }}{% raw %}", "</pre></code></article>", "\x00\x1b\x9b\u202e\u200f\ufeff\udcff\uffff",
])  # fmt: skip
def test_an_attack_in_any_field_is_text(words: str) -> None:
    one = finding(
        1, path=words, subject=words, tickets=(Ticket(words, words, words, words),),
        past=("-" + words, "+x"), yours=("+" + words,), tokens=(words,),
    )  # fmt: skip
    fix = replace(one.match.fix, message=f"a\n\n{words}", repository=words)
    one = replace(one, match=replace(one.match, fix=fix), reason=words, fingerprint=words)
    report = replace(
        empty(), findings=(one,), notes=(words,), version=words,
        stats=replace(empty().stats, skipped=(Skipped(words, words),)),
    )  # fmt: skip
    read(report)
    assert shown(report).count(" ".join(visible(words).split())) >= 12


@pytest.mark.parametrize("url", [
    "javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "vbscript:x",
    "//evil.example", "/etc/passwd", "file:///etc/passwd", "http:evil", "ht\ntp://x", "https://",
    "#main", "",
])  # fmt: skip
def test_only_an_address_of_the_web_is_a_link(url: str) -> None:
    report = replace(empty(), findings=(finding(1, tickets=(Ticket("#9", "t", url, "x"),)),))
    tree = read(report)
    [ticket] = with_class(tree, "tickets")
    assert list(ticket.iter("a")) == []
    assert all_text(ticket).split() == ["#9", "t", "x"]


def test_a_record_s_address_is_a_link() -> None:
    url = 'https://t.example/a?b=c&d="<e>#f\u202e'
    report = replace(empty(), findings=(finding(1, tickets=(Ticket("#9", "", url, "x"),)),))
    [link] = [one for one in read(report).iter("a") if one.get("href", "").startswith("https")]
    assert link.get("href") == "https://t.example/a?b=c&d=%22%3Ce%3E#f%E2%80%AE"
    assert all_text(link) == "#9"


@pytest.mark.parametrize("make", [sample, judged, empty, explained])
def test_the_policy_allows_the_page_s_own_parts_and_nothing_else(make: object) -> None:
    assert callable(make)
    text = html.render(make())
    [policy] = [
        one.get("content", "")
        for one in parsed(text).iter("meta")
        if one.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    for name, tag in (("style-src", "style"), ("script-src", "script")):
        [inline] = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert rules.pop(name) == f"'sha256-{digest}'"
    assert rules == {
        "default-src": "'none'", "img-src": "data:", "base-uri": "'none'", "form-action": "'none'",
    }  # fmt: skip


def test_headings_are_in_order() -> None:
    for report in (sample(), judged(), explained(), empty()):
        levels = [int(one.tag[1]) for one in read(report).iter() if re.fullmatch("h[1-6]", one.tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_a_finding_is_told_in_full() -> None:
    told = shown(sample())
    for words in (
        "caddyfile.go:112 BG002 repeats a bug fixed before score 0.93",
        "#4485 named in the subject reverseproxy: Fix incorrect `health_headers` Caddyfile "
        "parsing 55555555 2021-01-06 repaired old/caddyfile.go",
        "bugguard show 55555555", "bugguard: ignore[#4485] reason",
        "bugguard feedback 0000000000000005 not-useful",
        "PROJ-12 端数がずれる jira", "Rests on rare_call step_7",
        "Note: the index is 3 commits behind; run `bugguard index update`",
        "Below the threshold Asked for with --candidates", "other.py:112",
        "Silenced: the till\\x1b looks after it 端", "Known by the baseline", "Muted",
        "3 files skipped: 2 not code, 1 too large", "big\\x1b.js too large",
        "hunks checked 14", "past fixes known 1,328", "patterns 3,210", "encoder static",
        "taken 0.18 s",
    ):  # fmt: skip
        assert words in told, words


def test_a_place_is_told_by_its_function_and_its_former_name() -> None:
    one = finding(1)
    changed = replace(one.match.hunk, heading="def pay(self):\u202e", old_path="old name.py")
    past = replace(one.match.pattern.hunk, heading="class <Till>")
    pattern = replace(one.match.pattern, hunk=past)
    match = replace(one.match, hunk=changed, pattern=pattern)
    report = replace(empty(), findings=(replace(one, match=match),))
    captions = [read_aloud(caption) for caption in read(report).iter("figcaption")]
    assert captions == [
        "Then before the fix class <Till>", "Fixed by 11111111 class <Till>",
        "Yours line 112 def pay(self):\\u202e",
    ]  # fmt: skip
    assert "renamed from old name.py" in shown(report)
    assert "renamed from" not in shown(sample())


def test_a_subject_that_is_cut_stands_whole_in_the_message() -> None:
    whole = "Fix the loop " + "that is too long to show " * 8
    assert list(with_class(read(replace(empty(), findings=(finding(1),))), "message")) == []
    one = finding(1, subject=whole)
    [message] = with_class(read(replace(empty(), findings=(one,))), "message")
    assert whole.strip() in all_text(message)


def test_what_a_judge_said_is_told_apart() -> None:
    tree = read(judged())
    own = [read_aloud(one) for one in with_class(tree, "judge")]
    assert len(own) == 4
    first = own[0]
    assert first.startswith("Judge: the past bug is back, says model-1 The guard against a null")
    for words in ("Second part.", "then if (!p) return;", "change use(p); \\x1b[31m", "after c",
                  "e d", "suggested by the judge", "@@ -40 +40,2 @@"):  # fmt: skip
        assert words in first
    assert first.count("+x") == 12
    rest = shown(judged())
    for words in ("A judge takes it for unrelated, so it fails nothing.",
                  "Suggested by a judge alone", "as it did before", "1 secret blanked out",
                  "the judge did not answer within 20 s; 2 matches stand",
                  "Not reported, as the judge takes them for unrelated"):  # fmt: skip
        assert words in rest
    assert all_text(next(tree.iter("h1"))) == "1 finding"


def test_why_is_told_where_it_was_asked_for() -> None:
    told = shown(explained())
    for words in ("Why: undo at its place", "x\\u202e 3 of 10,839", "+2.88", "sum +2.66",
                  "where every score of this kind starts -2.70"):  # fmt: skip
        assert words in told
    assert "Why:" not in shown(sample())


def test_a_repository_stands_beside_the_fix_and_can_be_chosen() -> None:
    own = finding(4)
    own = replace(own, match=replace(own.match, fix=replace(own.match.fix, repository="o/wn")))
    nameless = replace(own, match=replace(finding(5).match, foreign=True), fingerprint="5")
    report = replace(empty(), findings=(
        finding(1, repository="gitlab.example/web/till"), finding(2), finding(3, repository="a/b"),
        own, nameless,
    ))  # fmt: skip
    tree = read(report)
    metas = {read_aloud(one)[0]: one for one in with_class(tree, "meta")}
    told = {name: read_aloud(one).partition("caddyfile.go")[2] for name, one in metas.items()}
    assert told == {
        "1": " in gitlab.example/web/till", "2": "", "3": " in a/b", "4": " in o/wn",
        "5": " in another repository",
    }  # fmt: skip
    strong = [name for name, one in metas.items() if list(with_class(one, "repository"))]
    assert sorted(strong) == ["1", "3", "5"]
    options = [all_text(one) for one in tree.iter("option")]
    assert options[:5] == ["all", "a/b", "another repository", "gitlab.example/web/till", "o/wn"]
    kept = {one.get("id"): one.get("data-repository") for one in articles(tree)}
    assert kept[finding(1).fingerprint] == "gitlab.example/web/till"


def test_another_repository_s_ticket_silences_nothing_here() -> None:
    ticket = (Ticket("#12", "", "", "subject"),)
    report = replace(empty(), findings=(finding(1, tickets=ticket, repository="a/b"),))
    assert "bugguard: ignore[11111111] reason" in shown(report)
    assert "ignore[#12]" in shown(replace(empty(), findings=(finding(1, tickets=ticket),)))


def test_what_a_repository_counts_is_part_of_the_sum() -> None:
    one = explained().findings[0]
    weighed = replace(one.match, evidence=replace(one.match.evidence, trust=0.5))
    told = shown(replace(explained(), findings=(replace(one, match=weighed),)))
    assert "weighed, for the fix's repository, by 0.5" in told
    assert "weighed" not in shown(explained())


def test_a_finding_is_called_by_its_fingerprint_once() -> None:
    one = finding(1)
    report = replace(empty(), findings=(one,), candidates=(one,), known=(one,))
    names = [article.get("id") for article in articles(read(report))]
    assert names[0] == one.fingerprint
    assert len(set(names)) == 3


def test_nothing_found_says_so() -> None:
    tree = read(empty())
    assert all_text(next(tree.iter("h1"))) == "No past bug comes back"
    assert articles(tree) == []
    assert list(tree.iter("nav")) == []


def test_of_ten_thousand_the_surest_are_shown_and_the_rest_is_counted() -> None:
    text = html.render(many(10_000))
    assert len(text) < 4_000_000
    assert text.count("<article ") == SHOWN
    assert 'data-path="src/module_05000.py"' in text
    assert f"{10_000 - SHOWN:,} findings are not on this page" in text
    assert '<h1 class="alarm">10,000 findings</h1>' in text


def test_what_one_finding_says_is_not_without_end() -> None:
    tickets = tuple(Ticket(f"#{n}", "", "", "message") for n in range(TICKETS + 3))
    one = finding(1, tickets=tickets)
    fix = replace(
        one.match.fix, message="\n".join(["a", *(f"line {n}" for n in range(MESSAGE + 5))])
    )
    made = explained().findings[0].why
    assert made is not None
    why = replace(made, pairs=made.pairs[:1] * (PAIRS + 2))
    one = replace(one, match=replace(one.match, fix=fix), why=why)
    told = shown(replace(empty(), findings=(one,)))
    assert f"#{TICKETS - 1} named in the message and 3 more" in told
    assert f"#{TICKETS} " not in told
    assert "answer to each other, and 2 more" in told
    assert f"line {MESSAGE - 1}" in told
    assert f"line {MESSAGE} " not in told


def test_in_a_crowd_each_has_less_room() -> None:
    code = tuple(f"-step_{number}()" for number in range(30))

    def shown_lines(number: int) -> int:
        some = [
            replace(one, match=replace(one.match, pattern=finding(1, past=code).match.pattern))
            for one in many(number).findings
        ]
        text = html.render(replace(empty(), findings=tuple(some)))
        return text.count("step_") // number

    assert (shown_lines(CROWD - 1), shown_lines(CROWD)) == (30, FEW)


def test_what_is_set_aside_has_its_bound_too() -> None:
    some = many(ASIDE + 1)
    text = html.render(replace(empty(), known=some.findings, suggested=some.findings))
    assert text.count("1 finding is not on this page") == 2
    assert text.count("<article ") == 2 * ASIDE


@given(st.text(st.characters(exclude_categories=[]), max_size=30) | st.sampled_from(NASTY))
def test_what_cannot_be_seen_is_shown(text: str) -> None:
    found = visible(text)
    assert not set(found) & set("\u200b\u200e\u200f\u2060\ufeff\u202e\ufffe\uffff\x00\x1b\x9b")
    if text == terminal(text) and not set(text) - set(map(chr, range(32, 127))):
        assert found == text
