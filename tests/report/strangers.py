"""Reports whose every field is a stranger's, for properties that no text may break."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from sample_report import empty, finding

from bugguard.domain import (
    BugPattern,
    Finding,
    FixCommit,
    Hunk,
    Judgement,
    Match,
    Rule,
    Skipped,
    Ticket,
    Usage,
)
from bugguard.domain.finding import Evidence
from bugguard.report.model import Judged, Report

#: What has a meaning somewhere: to a terminal, a CI service, XML, JSON, SARIF or Markdown.
NASTY = (
    "", " ", "\t", "a b.py", "a\nb.py", "a\r\nb", "a%0Ab", "%25", "100%", "a:b,c=d", "::error::x",
    "\n::add-mask::x", "\n::stop-commands::t", "##[add-path]/tmp", "##vso[task.setvariable]x",
    "\x1b[2J", "\x00", "\x9b", "\u202egnp", "\u200fgnp", "\u2028", "\ufeff", "\ufffe", "\udcff",
    "\ud800", "🐛", "日本語の件名#12対応", '"quoted"', "'", "]]>", "<b>x</b>", "<!-- bugguard -->",
    "--><script>alert(1)</script>", "</details>", "<img src=x onerror=alert(1)>", "&lt;b&gt;",
    "&#64;alice", "@alice", "a@b.example", "@org/team", "#12", "GH-12", "o/r#12", "!34", "~bug",
    "%1.0", "&5", "$6", "PROJ-12", "deadbeef", "d" * 40, ":tada:",
    "![x](http://evil.example/x.png)", "[x](javascript:alert(1))", "[x](1)",
    "[x]: http://evil.example", "http://evil.example", "www.evil.example", "<http://evil.example>",
    "xmpp:a@b.example", "mailto:a@b.example", "`", "``", "`a` b", "```", "~~~", "```\n# x", "a\\",
    "\\`", "*x*", "_x_", "__x__", "**x**", "~~x~~", "$`x`$", "$$x$$", "# x", "- x", "1. x", "> x",
    "| a | b |", "---", "===", "{0}", "{{0}}", "{", "[^1]", "/close", "a/../../b", "/etc/passwd",
    "//host/x", "x:y/z", ".", "..", "javascript:alert(1)",
)  # fmt: skip

ANY = st.text(st.characters(exclude_categories=[]), max_size=30)
WORDS = st.lists(st.sampled_from(NASTY), min_size=1, max_size=4).map(" ".join)
JOINED = st.lists(st.sampled_from(NASTY), min_size=1, max_size=3).map("".join)
TEXT = ANY | WORDS | JOINED
LINES = st.lists(st.tuples(st.sampled_from("+- "), TEXT).map("".join), min_size=1, max_size=16)
URLS = TEXT | st.sampled_from(
    ["https://t.example/1", "http://t.example/a_b?c=d&amp=e&lt;#f", "https://t.example/(a)"]
)
TICKETS = st.lists(st.builds(Ticket, TEXT, TEXT, URLS, TEXT), max_size=4).map(tuple)
JUDGEMENTS = st.none() | st.builds(
    Judgement,
    st.sampled_from(["repeats", "unrelated", "unsure"]),
    TEXT,
    st.lists(st.tuples(TEXT, TEXT), max_size=4).map(tuple),
    st.none() | LINES.map("\n".join),
    TEXT,
    st.booleans(),
)


@st.composite
def strangers(draw: st.DrawFn, number: int) -> Finding:
    """A finding, told apart from others by its fingerprint."""
    path = draw(TEXT)
    start = draw(st.integers(0, 10**6))
    hunk = Hunk(path, draw(TEXT), start, start, draw(TEXT), tuple(draw(LINES)))
    past = Hunk(draw(st.just(path) | TEXT), "", 1, 1, "", tuple(draw(LINES)))
    fix = FixCommit(
        draw(TEXT), draw(st.integers(-(10**12), 10**12)), draw(TEXT), draw(TEXT), draw(TICKETS)
    )
    line = draw(st.integers(0, start + 20))
    match = Match(
        draw(st.sampled_from(Rule)),
        hunk,
        BugPattern(draw(TEXT), 0, past),
        fix,
        draw(st.floats(0, 1)),
        line,
        draw(st.integers(line, line + 20)),
        tuple(draw(LINES)),
        Evidence(tokens=tuple(draw(st.lists(TEXT, max_size=3)))),
    )
    judgement = draw(JUDGEMENTS)
    return Finding(
        f"{number:016x}", match, judgement, judgement is not None and draw(st.booleans())
    )


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """A report of a few findings of every standing, and remarks."""
    counts = draw(st.lists(st.integers(0, 2), min_size=3, max_size=3))
    numbers = iter(range(sum(counts)))
    groups = [tuple(draw(strangers(next(numbers))) for _ in range(n)) for n in counts]
    return replace(
        empty(),
        version=draw(TEXT),
        findings=groups[0],
        suppressed=groups[1],
        suggested=groups[2] or None,
        notes=tuple(draw(st.lists(TEXT, max_size=3))),
        stats=replace(empty().stats, skipped=(Skipped(draw(TEXT), draw(TEXT)),)),
        judged=draw(
            st.none()
            | st.builds(Judged, TEXT, st.just(Usage(1)), failures=st.dictionaries(TEXT, st.just(1)))
        ),
    )


def many(number: int) -> Report:
    """A report of that many findings in as many files, one of them the strongest by far."""
    listed = tuple(
        replace(
            finding(
                place % 15 + 1,
                path=f"src/module_{place:05}.py",
                line=place + 1,
                score=0.99 if place == number // 2 else 0.1 + place % 100 / 1000,
                subject=f"Fix the parser of part {place} when its input ends early (#{place})",
                tickets=(
                    Ticket(f"#{place}", "", f"https://tracker.example/issues/{place}", "subject"),
                ),
                past=(
                    " def parse(part):",
                    "-    return part[0]",
                    "+    return part[0] if part else None",
                ),
                yours=("+def parse_other(part):", "+    return part[0]"),
            ),
            fingerprint=f"{place:016x}",
        )
        for place in range(number)
    )
    return replace(empty(), findings=listed)
