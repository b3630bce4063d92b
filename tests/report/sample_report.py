"""One fixed set of findings with all that is hard to show, and the golden files made from it.

``python tests/report/sample_report.py`` writes the golden files anew; read their diff afterwards.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from bugguard.domain import (
    BugPattern,
    Channel,
    Finding,
    FixCommit,
    Hunk,
    Judgement,
    LinePair,
    Match,
    Rule,
    Skipped,
    Ticket,
    Usage,
    Why,
)
from bugguard.domain.finding import Evidence
from bugguard.report import github, gitlab, html, json_report, junit, markdown, sarif, text
from bugguard.report.model import IndexFacts, Judged, Report, Stats
from bugguard.report.terminal import page
from bugguard.report.terminal.lines import Screen

GOLDEN = Path(__file__).parent.parent / "golden"

#: The golden files of what is the same wherever it goes.
FORMATS = {
    "report{}.sarif": sarif,
    "report{}.gitlab.json": gitlab,
    "report{}.github.txt": github,
    "report{}.junit.xml": junit,
    "report{}.md": markdown,
    "report{}.html": html,
}


def finding(
    number: int,
    *,
    path: str = "caddyfile.go",
    line: int = 112,
    rule: Rule = Rule.BUG_REPEATED,
    score: float = 0.93456,
    subject: str = "Fix the parser",
    tickets: tuple[Ticket, ...] = (),
    past: tuple[str, ...] = ("-a()", "+b()"),
    yours: tuple[str, ...] = ("+a()",),
    tokens: tuple[str, ...] = (),
    judgement: Judgement | None = None,
    repository: str = "",
) -> Finding:
    """A finding whose fix has a sha of the digit ``number`` and is ``number`` days old in 2021.

    repository: whose fix it is; empty: the checked one's own.
    """
    sha = f"{number:x}" * 40
    fix = FixCommit(sha, 1609459200 + number * 86400, subject, subject + "\n", tickets, repository)
    pattern = BugPattern(sha, 0, Hunk("old/" + path, "old/" + path, 7, 7, "", past))
    changed = Hunk(path, path, line, line, "", yours)
    match = Match(
        rule,
        changed,
        pattern,
        fix,
        score,
        line,
        line + 1,
        yours,
        Evidence(tokens=tokens),
        foreign=bool(repository),
    )
    return Finding(f"{number:016x}", match, judgement)


def sample() -> Report:
    """Every difficulty once."""
    findings = (
        finding(
            5,
            subject="reverseproxy: Fix incorrect `health_headers` Caddyfile parsing (#4485)",
            tickets=(
                Ticket("#4485", "", "https://github.com/caddyserver/caddy/pull/4485", "subject"),
            ),
            past=(
                " switch d.Val() {",
                "-\tfor d.Next() { for d.NextBlock(0) {",
                "+\tfor nesting := d.Nesting(); d.NextBlock(nesting); {",
                " }",
            ),
            yours=("+\tfor h.Next() { for h.NextBlock(h.Nesting() - 1) {",),
        ),
        finding(
            1,
            path="決済/計算🐛.py",
            line=3,
            subject="端数処理の不具合を修正する。消費税の計算で一円ずれることがあり、請求書の合計が合わなかった問題への対応",
            tickets=(Ticket("PROJ-12", "端数がずれる", "", "jira"),),
            past=("-合計 = int(小計 * 1.1)", "+合計 = 切り捨て(小計, 税率)"),
            yours=("+total = int(subtotal * 1.1)  # 🧾",),
        ),
        finding(
            2,
            path="evil\x1b[2J\u202egnp.py",
            line=1,
            rule=Rule.FIX_UNDONE,
            subject="Fix \x1b]0;owned\x07 the\u2066title\u2028second\r\nline \udcff",
            tickets=tuple(
                Ticket(f"#{number}", "", f"https://example.org/{number}\x9b", "message")
                for number in range(10, 15)
            ),
            past=("-x = 1\r", "+x = 2\r"),
            yours=("-x = 2\r", "+x = 1\r"),
        ),
        finding(
            3,
            path="guard.c",
            line=40,
            rule=Rule.FIX_UNDONE,
            subject="Fix a null dereference",
            tickets=(Ticket("#7", "", "", "subject"),),
            repository="github.com/acme/請求\x1b[31m",
            past=(" use(p);", "+if (!p)", "+\treturn;"),
            yours=("-if (!p)", "-\treturn;"),
            judgement=Judgement(
                "repeats", "The guard is gone.", (("if (!p)", "yours"),), "Keep it.", "model-1"
            ),
        ),
        finding(
            4,
            path="guard.c",
            line=40,
            score=0.5,
            subject="Fix the loop " + "that is too long to show " * 8,
            past=(
                *(f"-step_{place}(the_argument);" for place in range(9)),
                "-rare_call(" + "argument, " * 20 + ");",
            ),
            yours=("+{", "+rare_call();", "+}"),
            tokens=("rare_call", "step_7"),
        ),
    )
    return Report(
        version="0.1.0",
        index=IndexFacts(3210, 1328, "static", "c" * 40),
        findings=findings,
        candidates=(finding(6, path="other.py", score=0.31),),
        stats=Stats(
            14,
            0.1834,
            skipped=(
                Skipped("a.md", "not code"),
                Skipped("b.md", "not code"),
                Skipped("big\x1b.js", "too large"),
            ),
        ),
        suppressed=(replace(finding(7), reason="the till\x1b looks after it 端"),),
        known=(finding(8), finding(9)),
        muted=(finding(10),),
        notes=("the index is 3 commits behind; run `bugguard index update`",),
    )


def empty() -> Report:
    """A run that found nothing."""
    index = IndexFacts(1, 1, "static", "c" * 40)
    return Report("0.1.0", index, (), Stats(1, 0.05))


def explained() -> Report:
    """What ``--why`` adds: hostile tokens, features without a name, more pairs than are shown."""
    evil, guard = sample().findings[2], sample().findings[3]
    evidence = Evidence(
        features={"coverage": 0.8234, "restored": 1.0, "weak": 0.0, "made_of_\x1bthings": 2.5},
        constant=-2.7,
        contributions={"coverage": 2.88, "restored": 1.5, "weak": -0.0, "made_of_\x1bthings": 0.98},
    )
    pairs = (
        LinePair("-x = 2\r", "+x = 2\r", 1.0),
        *(LinePair(f"+x = {n}\x1b[31m", "-\tx = 1", 0.5 + n / 100) for n in range(6)),
    )
    tokens = {"x\u202e": 3, "ａｂｃ" * 40: 12, "x": 1042}
    return replace(
        empty(),
        findings=(
            replace(
                evil,
                match=replace(evil.match, evidence=evidence),
                why=Why(Channel.UNDO_IN_PLACE, pairs, tokens, 10839),
            ),
        ),
        # A rule has no score's sum, and nothing need be alike.
        candidates=(replace(guard, why=Why(Channel.REPEAT_RULE, (), {}, 1)),),
    )


def judged() -> Report:
    """What a judge adds: one finding explained, one downgraded, one suggested; and what failed."""
    _, evil, _, guard, loop = (sample().findings[place] for place in (0, 2, 1, 3, 4))
    repeats = Judgement(
        "repeats",
        "The guard against a null pointer is taken out again, so `use(p)` runs with nothing in p "
        "as it did before the past fix. Nothing else in the function looks at p.\n\nSecond part.",
        (
            ("if (!p)\n\treturn;", "then"),
            ("use(p); \x1b[31m", "change"),
            ("c", "after"),
            ("d", "e"),
        ),
        "--- a/guard.c\n+++ b/guard.c\n@@ -40 +40,2 @@\n use(p);\n+if (!p)\n-\treturn;"
        + "\n+x" * 12,
        "model-1",
    )
    unrelated = Judgement(
        "unrelated",
        "ループの書き方が似ているだけで、過去の不具合とは関係がありません。元の不具合は境界の計算にあり、この変更では境界に触れていないため、同じ壊れ方はしません。",
        (("rare_call();", "change"),),
        None,
        "model-1\x9b",
        cached=True,
    )
    usage = Usage(
        calls=3, tokens_in=5000, tokens_out=321, cached=1, cost=0.01234, redacted=1, removed=2,
        dropped=1,
    )  # fmt: skip
    return replace(
        empty(),
        findings=(
            replace(guard, judgement=repeats),
            replace(loop, judgement=unrelated, downgraded=True),
        ),
        suggested=(replace(finding(8, path="new.c"), judgement=repeats),),
        judged=Judged(
            "model-1\x9b",
            usage,
            escalated=4,
            failures={"the judge did not answer within 20 s": 2, "the judge\x1b fell asleep": 1},
            hidden=1,
            silenced=(replace(evil, judgement=unrelated, downgraded=True),),
        ),
    )


def coloured(report: Report) -> str:
    """The report on a terminal that can do everything, with escape sequences to be read."""
    drawn = page.render(report, Screen(100, colour=True, links=True))
    drawn = re.sub("\x1b]8;id=[^;]*;", "\x1b]8;;", drawn)  # links in pieces have a name by chance
    return drawn.replace("\x1b", "␛")


def golden() -> dict[str, str]:
    """What each golden file is to hold."""
    return {
        "report.txt": text.render(sample()),
        "report-narrow.txt": text.render(sample(), width=60),
        "report-empty.txt": text.render(empty()),
        "report-why.txt": text.render(explained()),
        "report-why-narrow.txt": text.render(explained(), width=60),
        "report-judged.txt": text.render(judged()),
        "report-judged-narrow.txt": text.render(judged(), width=60),
        "report-judged.json": json_report.render(judged()),
        "report-why.json": json_report.render(explained()),
        "report.json": json_report.render(sample()),
        "report-empty.json": json_report.render(empty()),
        **{
            f"terminal{suffix}-{width}.txt": page.render(report, Screen(width))
            for suffix, report in (("", sample()), ("-judged", judged()), ("-why", explained()))
            for width in (60, 100)
        },
        "terminal-colours.txt": coloured(sample()),
        **{
            name.format(suffix): module.render(report)
            for name, module in FORMATS.items()
            for suffix, report in (("", sample()), ("-judged", judged()), ("-empty", empty()))
        },
    }


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name, content in golden().items():
        (GOLDEN / name).write_bytes(content.encode())
