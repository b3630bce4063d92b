from __future__ import annotations

import json

from bugguard.domain.comparison import Comparison, Offered, Row
from bugguard.domain.evaluation import Evaluation, Step, Truth, Variant, Warned
from bugguard.report import comparison, evaluation

HOSTILE = "bad\x1b[2Jsubject\udcff"
FIX, CHANGE, LATER = "f" * 40, "c" * 40, "1" * 40


def warned(number: int = 0, kind: str | None = None) -> Warned:
    later = LATER if kind else None
    return Warned(CHANGE, HOSTILE, FIX, f"fix {number}", "BG001", 0.9, kind, later)


def sample(*findings: Warned, truth: tuple[Truth, ...] = ()) -> Evaluation:
    return Evaluation(
        commits=1200,
        alerted=len(findings),
        threshold=0.055,
        warned=findings,
        truth=truth,
        steps=(Step(0.01, 0.5, None, None, None), Step(0.055, 0.001, 0.5, 0.25, 0.0)),
        planted=(Variant("as it is", 100, 0.75, 0.02),),
        encoder="static",
        seconds=1.0,
    )


def test_what_history_shows_is_kept_apart_from_what_it_does_not() -> None:
    truth = (Truth(FIX, CHANGE, LATER, "undone", 0.9), Truth(FIX, LATER, CHANGE, "repeated", None))
    told = evaluation.text(sample(warned(0, "undone"), warned(1), truth=truth))
    assert told.startswith("would have warned 2 times in 1,200 commits, 1 of them right by what")
    assert "alerts in 100 commits: 0.2 (2 commits, at threshold 0.055)" in told
    assert (
        "history shows 2 bugs brought back in 2 commits of these (1 undone, 1 repeated), 1 of"
        in told
    )
    assert "ffffffff, right: the fix was made again in 11111111" in told
    assert "ffffffff, not known\n" in told
    assert "is not known to be wrong" in told


def test_the_plot_shows_a_little_as_something_and_none_as_nothing() -> None:
    lines = evaluation.text(sample()).splitlines()
    [low] = [line for line in lines if line.startswith("       0.01")] or [
        line for line in lines if line.lstrip().startswith("0.01 ")
    ]
    [current] = [line for line in lines if line.startswith("> ") and "#" in line]
    assert low.count("#") == 20
    assert low.split()[-3:] == ["-", "-", "-"]
    assert current.count("#") == 1 + 10
    assert current.split()[1] == "0.055"
    assert "as it is      100 planted,  75.0% told;   2.0% of the twins told wrongly" in "\n".join(
        lines
    )


def test_the_plot_fits_a_narrow_terminal() -> None:
    for width, full in ((200, 20), (100, 20), (87, 20), (86, 19), (80, 16), (60, 6), (20, 6)):
        lines = evaluation.text(sample(), width=width).splitlines()
        plot = lines[lines.index("") + 1 :][:4]
        assert max(map(len, plot)) <= max(width, 60)
        assert plot[1].count("#") == full
        assert plot[0].split()[-2:] == ["planted", "twins"]


def test_strangers_words_steer_no_terminal_and_fit_the_width() -> None:
    told = evaluation.text(sample(*(warned(n) for n in range(25))), width=40)
    assert "\x1b" not in told
    assert "bad\\x1b[2Jsubject\\xff" in told
    told.encode()  # no lone surrogate is left
    assert "fix 19" in told
    assert "fix 20" not in told
    assert "and 5 more: `--json` lists them all" in told


def test_json_has_all_of_it() -> None:
    record = evaluation.record(sample(*(warned(n) for n in range(25))))
    told = json.loads(json.dumps(record, ensure_ascii=False).encode())
    assert len(told["warnings"]) == told["warned"] == 25
    assert told["right"] == 0
    assert told["warnings"][0]["kind"] is None
    assert told["thresholds"][0] == {
        "threshold": 0.01, "alerted": 0.5, "caught": None, "planted": None, "twins": None,
    }  # fmt: skip


def row(wanted: bool, a: bool, b: bool) -> Row:
    return Row(FIX, CHANGE, "undone" if wanted else "ordinary", wanted, 0.1, None, a, b)


def better(*rows: Row) -> str | None:
    return Comparison("old\x1b", "new", rows).better


def test_better_is_no_case_fewer_and_no_alert_more_and_one_of_both_strict() -> None:
    gain, loss = row(True, False, True), row(True, True, False)
    alarm, spared = row(False, False, True), row(False, True, False)
    same = (row(True, True, True), row(True, False, False), row(False, True, True))
    assert better(*same) is None
    assert better(*same, gain) == better(*same, spared) == better(gain, spared) == "B"
    assert better(*same, loss) == better(*same, alarm) == better(loss, alarm) == "A"
    assert better(gain, alarm) is better(loss, spared) is None
    assert better(gain, loss) is None
    assert better(gain, gain, loss) == better(gain, loss, spared) == "B"


def test_case_by_case() -> None:
    compared = Comparison(
        "old\x1b", "new", [row(True, True, False)] * 22 + [row(False, True, True)]
    )
    told = comparison.text(compared)
    assert "\x1b" not in told
    assert "lost: told by A only (22)" in told
    assert told.count("  undone      fix ffffffff  change cccccccc") == 20
    assert "and 2 more: `--json` lists them all" in told
    assert "A 0.10  B    -" in told
    assert "gained" not in told
    assert told.splitlines()[-1].startswith("A is better (old\\x1b)")
    assert "offered" not in told


def test_what_is_offered_is_told_where_lessons_were_compared() -> None:
    rows, offered = [row(True, True, False)] * 22, [Offered(1, 2, 3), Offered(50, 20, 21)]
    told = comparison.text(Comparison("old", "new", rows, offered))
    assert "offered among the first  1: A     2   B     3   of 22 to be told\n" in told
    assert "offered among the first 50: A    20   B    21   of 22 to be told\n" in told


def test_votes_are_told_by_rule_with_what_they_mute() -> None:
    rules = {"BG001": (1200, 3), "BG002": (0, 1)}
    assert evaluation.voted_text(rules, []) == (
        "\nvotes of `bugguard feedback`:\n"
        "  BG001    1,200 useful      3 not useful\n"
        "  BG002        0 useful      1 not useful\n"
    )
    told = evaluation.voted_text(rules, [f"{n:040x}" for n in range(1, 25)])
    assert "  24 past fixes are muted by them: 00000000, " in told
    assert told.endswith(" …\n")
    assert evaluation.voted_record(rules, [FIX]) == {
        "rules": {
            "BG001": {"useful": 1200, "not_useful": 3}, "BG002": {"useful": 0, "not_useful": 1}
        },
        "muted": [FIX],
    }  # fmt: skip
