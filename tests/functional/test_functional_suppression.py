"""Silencing a finding in the code."""

from __future__ import annotations

import pytest
from contract import assert_report
from program import CLEAN, FINDINGS, USAGE, bugguard
from shop import FIXES, GUARD, JAPANESE, REPLACED, Fix, Shop

pytestmark = pytest.mark.functional


def stage_undone(shop: Shop, fix: Fix, before: str = "", after: str = "") -> None:
    """Stages the fix taken back, with text before its line or at that line's end."""
    [content] = shop.undone(fix).values()
    mistake = fix.buggy.rstrip("\n")
    content = content.replace(fix.buggy, f"{before}{mistake}{after}\n")
    shop.stage({fix.path: content})


def assert_silenced(shop: Shop) -> None:
    result = bugguard(shop, "check")
    assert (result.code, result.err) == (CLEAN, "")
    assert "1 silenced" in result.out


@pytest.mark.parametrize(("fix", "comment"), [
    (REPLACED, "  # bugguard: ignore[#12] the till looks after it"),
    (GUARD, "  // bugguard: ignore[#34] the reader is checked above"),
    (GUARD, "  /* bugguard: ignore[#34] the reader is checked above */"),
    (JAPANESE, "  // bugguard: ignore[#78] 在庫は別の所で確認する"),
], ids=["hash", "slashes", "stars", "japanese"])  # fmt: skip
def test_on_the_line_and_on_the_line_before(shop: Shop, fix: Fix, comment: str) -> None:
    stage_undone(shop, fix, after=comment)
    assert_silenced(shop)
    shop.git("reset", "-q", "--hard")
    stage_undone(shop, fix, before=comment + "\n")
    assert_silenced(shop)


def test_by_sha(shop: Shop) -> None:
    sha = shop.sha("HEAD~3")
    for name in (sha, sha[:8]):
        stage_undone(shop, REPLACED, after=f"  # bugguard: ignore[{name}] checked by the till")
        assert_silenced(shop)
        shop.git("reset", "-q", "--hard")


def test_what_the_report_says_to_write_works(shop: Shop) -> None:
    stage_undone(shop, REPLACED)
    out = bugguard(shop, "check").out
    advice = out.partition("silence: ")[2].partition("\n")[0]
    shop.git("reset", "-q", "--hard")
    stage_undone(shop, REPLACED, after=f"  # {advice}")
    assert_silenced(shop)


@pytest.mark.parametrize("comment", [
    "    # bugguard: ignore[#13] another fix\n",
    "    # bugguard: ignore[deadbeef] another fix\n",
    '    note = "bugguard: ignore[#12] in a string"\n',
    "    # see what bugguard: ignore[#12] does\n",
])  # fmt: skip
def test_what_does_not_name_the_fix_does_not_silence_it(shop: Shop, comment: str) -> None:
    stage_undone(shop, REPLACED, before=comment)
    result = bugguard(shop, "check")
    assert result.code == FINDINGS
    assert "#12" in result.out


def test_two_lines_above_is_too_far(shop: Shop) -> None:
    [content] = shop.undone(REPLACED).values()
    above = "    amount = subtotal(order)\n" + REPLACED.buggy
    assert above in content
    note = "    # bugguard: ignore[#12] the till looks after it\n"
    shop.stage({REPLACED.path: content.replace(above, note + above)})
    assert bugguard(shop, "check").code == FINDINGS


@pytest.mark.parametrize("comment", [
    "# bugguard: ignore", "# bugguard: ignore[]", "# bugguard: ignore[ , ] because",
    "# bugguard: ignore[BG001] because", "# bugguard: ignore[#12]", "# bugguard: ignore[#12] --",
])  # fmt: skip
def test_a_directive_that_says_too_little_is_an_error(shop: Shop, comment: str) -> None:
    stage_undone(shop, REPLACED, after=f"  {comment}")
    for command in (["check"], ["check", "--exit-zero"], ["hook"]):
        result = bugguard(shop, *command)
        assert result.code == USAGE
        assert result.complaint.startswith("shop/prices.py:24: ")
        assert "bugguard: ignore[TICKET-or-SHA] reason" in result.complaint
        assert "#12" in result.out  # and the finding stands


def test_a_directive_that_was_there_before_is_not_complained_about(shop: Shop) -> None:
    shop.stage({"shop/old.py": "old_value = make()  # bugguard: ignore\n"})
    shop.commit(message="Old sins")
    shop.stage(shop.replaced(REPLACED.path, ('"4.90"', '"5.90"')))
    assert bugguard(shop, "check").code == CLEAN


def test_the_staged_directive_counts_and_not_the_work_tree_s(shop: Shop) -> None:
    stage_undone(shop, REPLACED)
    content = shop.read(REPLACED.path)
    shop.write(REPLACED.path, content.replace(
        REPLACED.buggy, f"    # bugguard: ignore[#12] not staged\n{REPLACED.buggy}"))  # fmt: skip
    assert bugguard(shop, "check").code == FINDINGS


def test_in_a_commit_and_in_a_range(shop: Shop) -> None:
    start = shop.sha()
    stage_undone(shop, REPLACED, after="  # bugguard: ignore[#12] the till looks after it")
    shop.commit(message="Work")
    shop.write(REPLACED.path, "")  # the work tree has nothing to say
    assert bugguard(shop, "check", "--commit", "HEAD").code == CLEAN
    assert bugguard(shop, "check", "--range", f"{start}..HEAD").code == CLEAN


def test_in_a_patch(shop: Shop) -> None:
    stage_undone(shop, REPLACED, after="  # bugguard: ignore[#12] the till looks after it")
    patch = shop.git("diff", "--cached")
    shop.git("reset", "-q", "--hard")
    assert bugguard(shop, "check", "--patch", "-", stdin=patch).code == CLEAN


def test_every_fix_can_be_silenced(shop: Shop) -> None:
    marks = {"py": "#", "c": "//", "js": "//"}
    for fix in FIXES:
        [content] = shop.undone(fix).values()
        ticket = fix.message.partition("#")[2][:2]
        mark = marks[fix.path.rpartition(".")[2]]
        for _, (buggy, _) in enumerate(fix.edits):
            note = f"{mark} bugguard: ignore[#{ticket}] for this test"
            content = content.replace(buggy, f"{note}\n{buggy}")
        shop.stage({fix.path: content})
    result = bugguard(shop, "check")
    assert (result.code, result.err) == (CLEAN, ""), result.out
    assert "4 silenced" in result.out


@pytest.mark.parametrize("fix", FIXES, ids=lambda fix: fix.path)
@pytest.mark.parametrize("where", ["on the line", "before it"])
def test_by_fingerprint(shop: Shop, fix: Fix, where: str) -> None:
    """Naming it on its own line does not change it."""
    stage_undone(shop, fix)
    [finding] = bugguard(shop, "check", "--format", "json").json["findings"]
    shop.git("reset", "-q", "--hard")
    mark = {"py": "#", "c": "//", "js": "//"}[fix.path.rpartition(".")[2]]
    directive = f"{mark} bugguard: ignore[{finding['fingerprint']}] for this test"
    if where == "on the line":
        stage_undone(shop, fix, after=f"  {directive}")
    else:
        stage_undone(shop, fix, before=f"{directive}\n")
    assert_silenced(shop)
    [silenced] = bugguard(shop, "check", "--format", "json").json["suppressed"]
    assert silenced["fingerprint"] == finding["fingerprint"]


def test_another_fingerprint_silences_nothing(shop: Shop) -> None:
    stage_undone(shop, REPLACED, after="  # bugguard: ignore[0123456789abcdef] for this test")
    assert bugguard(shop, "check").code == FINDINGS


def test_programs_are_told_why(shop: Shop) -> None:
    stage_undone(shop, REPLACED, after="  # bugguard: ignore[#12] the till looks after it")
    report = bugguard(shop, "check", "--format", "json").json
    [silenced] = report["suppressed"]
    assert silenced["reason"] == "the till looks after it"
    assert silenced["path"] == REPLACED.path
    assert report["stats"]["suppressed"] == 1
    assert_report(report | {"findings": [silenced]})


def test_until_a_day(shop: Shop) -> None:
    stage_undone(shop, REPLACED, after="  # bugguard: ignore[#12, until=2999-12-31] till then")
    assert_silenced(shop)


ENDED = "  # bugguard: ignore[#12, until=2020-01-31] until the till is mended"


def test_from_the_day_after_it_is_reported_again(shop: Shop) -> None:
    stage_undone(shop, REPLACED, after=ENDED)
    for command in (["check"], ["hook"]):
        result = bugguard(shop, *command)
        assert (result.code, result.err) == (FINDINGS, "")
        assert "#12" in result.out
        assert "note: shop/prices.py:24: this silencing ended on 2020-01-31: " in result.out
    report = bugguard(shop, "check", "--format", "json").json
    assert report["stats"]["suppressed"] == 0
    assert "this silencing ended on 2020-01-31" in report["notes"][0]


@pytest.mark.parametrize("told", ["flag", "setting", "file"])
def test_where_strictness_is_asked_for_an_end_is_an_error(shop: Shop, told: str) -> None:
    stage_undone(shop, REPLACED, after=ENDED)
    commands = [["check", "--strict", "--exit-zero"]] if told == "flag" else [["check"], ["hook"]]
    variables = {"BUGGUARD_CHECK_STRICT": "true"} if told == "setting" else {}
    if told == "file":
        shop.write(".bugguard.toml", "[check]\nstrict = true\n")
    for command in commands:
        result = bugguard(shop, *command, **variables)
        assert result.code == USAGE
        assert result.complaint.startswith("shop/prices.py:24: this silencing ended on 2020-01-31")
        assert "#12" in result.out


def test_the_hook_s_own_strictness_is_another_matter(shop: Shop) -> None:
    stage_undone(shop, REPLACED, after=ENDED)
    assert bugguard(shop, "hook", "--strict").code == FINDINGS


def test_one_that_silences_nothing_is_told_of(shop: Shop) -> None:
    note = "    # bugguard: ignore[#34] the reader is checked above\n"
    price = '        return Decimal("{}")\n'.format
    shop.stage(shop.replaced(REPLACED.path, (price("4.90"), note + price("5.90"))))
    result = bugguard(shop, "check")
    assert (result.code, result.err) == (CLEAN, "")
    assert "note: shop/prices.py:18: `ignore[#34]` silences nothing here: remove it" in result.out
    strict = bugguard(shop, "check", "--strict")
    assert strict.code == USAGE
    assert strict.complaint == "shop/prices.py:18: `ignore[#34]` silences nothing here: remove it"
    shop.commit(message="Raise the price")
    shop.stage(shop.replaced(REPLACED.path, ('"5.90"', '"6.90"')))
    assert bugguard(shop, "check", "--strict").code == CLEAN  # it was there before
    assert bugguard(shop, "check", "--commit", "HEAD", "--strict").code == USAGE


def test_one_that_is_of_use_satisfies_the_strict(shop: Shop) -> None:
    stage_undone(shop, REPLACED, after="  # bugguard: ignore[#12] the till looks after it")
    result = bugguard(shop, "check", "--strict")
    assert (result.code, result.err) == (CLEAN, "")
    assert "note" not in result.out
    shop.commit(message="Work")
    # Code moves with its directive, which is then of no use and nobody's new one.
    content = shop.read(REPLACED.path)
    function = content[content.index("def apply_voucher") : content.index("def invoice_number")]
    shop.stage({REPLACED.path: content.replace(function, "") + "\n\n" + function})
    assert bugguard(shop, "check", "--strict").code == CLEAN
