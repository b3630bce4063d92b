"""``bugguard check``: what it looks at, what it writes, and how it ends."""

from __future__ import annotations

import json
import math
import os
import stat
from pathlib import Path

import pytest
from contract import assert_report
from program import CLEAN, FINDINGS, PROGRAM, USAGE, bugguard, execute
from shop import FIXES, GUARD, JAPANESE, REPLACED, TWO_HUNKS, Fix, Shop

pytestmark = pytest.mark.functional

NUMBERS = {REPLACED: "#12", GUARD: "#34", TWO_HUNKS: "#56", JAPANESE: "#78"}


@pytest.fixture
def undone(shop: Shop) -> Shop:
    """With a fix taken back, staged and not committed."""
    shop.stage(shop.undone(REPLACED))
    return shop


def test_what_is_staged_is_the_default(undone: Shop) -> None:
    result = bugguard(undone, "check")
    assert (result.code, result.err) == (FINDINGS, "")
    assert "shop/prices.py:24  BG001 takes back a past fix" in result.out
    assert "#12 fix: vouchers took more than the order was worth" in result.out
    assert "1 finding in 1 hunk, checked against 4 past fixes" in result.out
    assert bugguard(undone, "check", "--staged").code == FINDINGS


def test_the_work_tree_does_not_count(shop: Shop) -> None:
    for name, content in shop.undone(REPLACED).items():
        shop.write(name, content)
    result = bugguard(shop, "check")
    assert (result.code, result.out) == (CLEAN, "0 hunks checked\n")


@pytest.mark.parametrize("fix", FIXES, ids=NUMBERS.get)
def test_a_commit_against_its_past(shop: Shop, fix: Fix) -> None:
    """Before the fix nothing is known of it, the fix is silent on itself, its undoing is told."""
    place = len(FIXES) - 1 - FIXES.index(fix)
    for revision in (f"HEAD~{place}", f"HEAD~{place + 1}"):
        report = bugguard(shop, "check", "--commit", revision, "--format", "json")
        assert report.code == CLEAN, report.out
    shop.commit(shop.undone(fix), "Shorten the code")
    report = bugguard(shop, "check", "--commit", "HEAD", "--format", "json")
    assert report.code == FINDINGS
    assert [t["id"] for t in report.json["findings"][0]["fix"]["tickets"]] == [NUMBERS[fix]]


def test_a_commit_that_was_made_before_the_fix_is_not_told_of_it(fresh: Shop) -> None:
    """The same code, on a branch that left before the fix: nobody knew it there."""
    fresh.git("checkout", "-q", "-b", "old", "HEAD~4")
    sha = fresh.commit({"shop/copy.py": fresh.read("shop/prices.py")}, "Copy the prices")
    fresh.git("checkout", "-q", "main")
    assert bugguard(fresh, "index", "build").code == CLEAN
    assert bugguard(fresh, "check", "--commit", sha).code == CLEAN


def test_a_range_is_its_net_change(shop: Shop) -> None:
    start = shop.sha()
    shop.commit(shop.undone(GUARD), "Shorten the parser")
    middle = shop.sha()
    assert bugguard(shop, "check", "--range", f"{start}..HEAD").code == FINDINGS
    assert bugguard(shop, "check", "--range", f"{start}..").code == FINDINGS
    shop.commit(shop.replaced(GUARD.path, *GUARD.edits), "Bring the guard back")
    assert bugguard(shop, "check", "--range", f"{start}..HEAD").code == CLEAN
    assert bugguard(shop, "check", "--range", f"{start}...{middle}").code == FINDINGS


def test_a_range_does_not_blame_a_branch_for_what_main_got_meanwhile(shop: Shop) -> None:
    shop.git("checkout", "-q", "-b", "topic", "HEAD~2")
    shop.commit({"shop/topic.py": "topic_value = make()\n"}, "Add a topic")
    assert bugguard(shop, "check", "--range", "main..topic").code == CLEAN


@pytest.mark.parametrize("source", ["file", "stdin"])
def test_a_patch(undone: Shop, source: str) -> None:
    patch = undone.git("diff", "--cached")
    undone.git("reset", "-q", "--hard")
    file = undone.write("../change.patch", patch)
    argument = str(file) if source == "file" else "-"
    result = bugguard(undone, "check", "--patch", argument, "--format", "json", stdin=patch)
    assert result.code == FINDINGS
    assert result.json["findings"][0]["path"] == REPLACED.path


def test_a_mailed_patch(shop: Shop) -> None:
    shop.commit(shop.undone(REPLACED), "Simplify the rebate\n\nIt was too long.")
    patch = shop.git("format-patch", "-1", "--stdout")
    result = bugguard(shop, "check", "--patch", "-", stdin=patch)
    assert result.code == FINDINGS


@pytest.mark.parametrize("text", [b"", b"no patch at all\n", b"\0\xff\n" * 50,
                                  b"--- a/x.py\n+++ b/x.py\n@@ -1,9 +1,9 @@\n-one\n"])  # fmt: skip
def test_what_is_no_patch(shop: Shop, text: bytes) -> None:
    result = bugguard(shop, "check", "--patch", "-", stdin=text)
    if result.code == CLEAN:
        assert text == b""  # an empty diff is a diff
        assert result.out == "0 hunks checked\n"
    else:
        assert result.code == USAGE
        assert result.complaint.startswith("-: ")


def test_a_patch_file_that_is_not_there(shop: Shop) -> None:
    result = bugguard(shop, "check", "--patch", "nowhere.patch")
    assert result.code == USAGE
    assert "nowhere.patch" in result.complaint


@pytest.mark.parametrize("arguments", [
    ["--range", "HEAD"], ["--range", "nowhere..HEAD"], ["--range", "HEAD~1..-x"],
    ["--commit", "nowhere"], ["--commit", "--help-me"], ["--commit", "HEAD:shop"],
    ["--commit", "a\nb"], ["--staged", "--commit", "HEAD"], ["--format", "nonsense"],
    ["--threshold", "7"], ["--threshold", "nan"], ["--candidates", "-1"], ["--candidate", "1"],
    ["--index", "nowhere"], ["surplus"],
])  # fmt: skip
def test_bad_usage_is_one_sentence(shop: Shop, arguments: list[str]) -> None:
    result = bugguard(shop, "check", *arguments)
    assert (result.code, result.out) == (USAGE, "")
    assert len(result.complaint) > 10


def test_json_keeps_its_contract(shop: Shop) -> None:
    for fix in FIXES:
        shop.stage(shop.undone(fix))
    shop.stage({"picture.py": b"\0" * 100})
    result = bugguard(shop, "check", "--format", "json", "--candidates", "3")
    assert (result.code, result.err) == (FINDINGS, "")
    assert result.out.isascii()
    assert_report(result.json)
    assert {finding["fix"]["tickets"][0]["id"] for finding in result.json["findings"]} == set(
        NUMBERS.values()
    )
    assert result.json["index"]["head"] == shop.sha()
    assert result.json["stats"]["skipped"] == [
        {"path": "picture.py", "reason": "binary or too large"}
    ]


def test_json_has_candidates_only_if_asked(undone: Shop) -> None:
    assert "candidates" not in bugguard(undone, "check", "--format", "json").json
    report = bugguard(undone, "check", "--format=json", "--threshold=1", "--candidates=5")
    assert report.code == CLEAN
    assert report.json["findings"] == []
    assert report.json["candidates"][0]["fix"]["tickets"][0]["id"] == "#12"
    assert_report(report.json)


def test_the_same_change_has_the_same_report(undone: Shop) -> None:
    first, second = (bugguard(undone, "check", "--format", "json").json for _ in range(2))
    for report in (first, second):
        del report["stats"]["seconds"]
    assert first == second


def test_a_fingerprint_outlives_moved_lines_and_rebased_fixes(undone: Shop) -> None:
    [before] = bugguard(undone, "check", "--format", "json").json["findings"]
    shifted = undone.read(REPLACED.path).replace('"""Prices of', '"""First.\n\nPrices of')
    undone.stage({REPLACED.path: shifted})
    [after] = bugguard(undone, "check", "--format", "json").json["findings"]
    assert after["line"] == before["line"] + 2
    assert after["fingerprint"] == before["fingerprint"]


def test_exit_zero(undone: Shop) -> None:
    result = bugguard(undone, "check", "--exit-zero")
    assert result.code == CLEAN
    assert "1 finding" in result.out


def test_output_goes_to_a_file_and_nowhere_else(undone: Shop) -> None:
    result = bugguard(undone, "check", "--format", "json", "--output", "report.json")
    assert result == (FINDINGS, "", "")
    written = undone.path / "report.json"
    assert_report(json.loads(written.read_text("utf-8")))
    assert [f.name for f in undone.path.iterdir() if f.name.startswith(".report")] == []


def test_output_replaces_what_was_there(undone: Shop) -> None:
    (undone.path / "report.txt").write_text("old " * 10_000)
    bugguard(undone, "check", "--output", "report.txt")
    assert (undone.path / "report.txt").read_text("utf-8").endswith(" s\n")


def test_output_through_a_link_leaves_the_link(undone: Shop, tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    link = undone.path / "report.txt"
    link.symlink_to(tmp_path / "reports" / "latest.txt")
    for _ in range(2):  # where it leads to nothing yet, and where it leads to a file
        assert bugguard(undone, "check", "--output", "report.txt").code == FINDINGS
        assert link.is_symlink()
        assert (tmp_path / "reports" / "latest.txt").read_text("utf-8").count("1 finding in") == 1
    assert len(list((tmp_path / "reports").iterdir())) == 1


def test_output_to_a_pipe_is_written_there(undone: Shop, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with os.fdopen(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), "rb") as reader:
        assert bugguard(undone, "check", "--output", pipe).code == FINDINGS
        assert b"1 finding in 1 hunk" in reader.read()
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    result = bugguard(undone, "check", "--output", "/dev/fd/1")
    assert (result.code, result.err) == (FINDINGS, "")
    assert "1 finding in 1 hunk" in result.out


def test_output_to_stdout_that_is_a_file_is_added_to_it(undone: Shop, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    script = f"{PROGRAM} check --output /dev/fd/1 >>{log}; echo $? >>{log}"
    assert execute(undone, ["sh", "-c", script]) == (CLEAN, "", "")
    first, *_, summary, code = log.read_text("utf-8").splitlines()
    assert (first, code) == ("before", str(FINDINGS))
    assert "1 finding in 1 hunk" in summary


@pytest.mark.parametrize("place", ["nowhere/report.txt", ".git", "shop/prices.py/report.txt"])
def test_output_that_cannot_be_written(undone: Shop, place: str) -> None:
    result = bugguard(undone, "check", "--output", place)
    assert (result.code, result.out) == (USAGE, "")
    assert place in result.complaint


def test_without_an_index_it_says_what_to_run(fresh: Shop) -> None:
    result = bugguard(fresh, "check")
    assert (result.code, result.out) == (USAGE, "")
    assert "run `bugguard init`" in result.complaint


def test_another_encoder_than_the_index_has_is_refused(shop: Shop, tmp_path: Path) -> None:
    folder = tmp_path / "no-model"
    folder.mkdir()
    result = bugguard(shop, "check", BUGGUARD_ENCODER=str(folder))
    assert result.code == USAGE
    assert str(folder) in result.complaint


def test_from_a_subfolder_and_from_elsewhere(undone: Shop, tmp_path: Path) -> None:
    assert bugguard(undone, "check", cwd=undone.path / "shop").code == FINDINGS
    assert bugguard(undone, "check", cwd=undone.path / ".git").code == FINDINGS
    assert bugguard(undone, "check", "--repo", undone.path, cwd=tmp_path).code == FINDINGS
    result = bugguard(undone, "check", "--repo", undone.path / "nowhere")
    assert result.code == USAGE
    assert "nowhere" in result.complaint


def test_a_detached_head(undone: Shop) -> None:
    undone.git("checkout", "-q", "--detach")
    assert bugguard(undone, "check").code == FINDINGS


@pytest.mark.parametrize("config", [
    "[check]\nthreshhold = 0.5\n", "[check]\nthreshold = 'high'\n", "not toml at all",
    "[learn]\nfix_subjects = ['(']\n", "[learn]\nexclude = ['(']\n", "\0",
])  # fmt: skip
@pytest.mark.parametrize("command", [["check"], ["index", "update"], ["hook", "--strict"]])
def test_settings_that_cannot_be_used(undone: Shop, config: str, command: list[str]) -> None:
    undone.commit({"a.py": "value_of_a = fix()\n"}, "Fix a")  # so that the hook has to learn
    undone.write(".bugguard.toml", config)
    result = bugguard(undone, *command)
    if "fix_subjects" in config and command == ["check"]:
        assert result.code == CLEAN  # only learning reads it
        return
    assert (result.code, result.out) == (USAGE, "")
    assert len(result.complaint) > 10


def test_the_head_of_the_index_is_head_where_it_was_learned(shop: Shop, tmp_path: Path) -> None:
    """Whichever of the two shas comes first."""
    clone = Shop.existing(Shop.clone(shop.path, tmp_path / "clone").path, shop.clock)
    firsts = set()
    for number in range(8):
        clone.commit({"shop/more.py": f"more_values = make({number})\n"}, "Add more")
        assert bugguard(clone, "index", "update").code == CLEAN
        heads = bugguard(clone, "index", "info", "--json").json["heads"]
        firsts.add(heads.index(clone.sha()))
        told = bugguard(clone, "check", "--format", "json").json["index"]["head"]
        assert told == clone.sha()
    assert firsts == {0, 1}


def test_why_names_channel_lines_tokens_and_the_sum(undone: Shop) -> None:
    plain = bugguard(undone, "check").out.splitlines()
    result = bugguard(undone, "check", "--why")
    assert (result.code, result.err) == (FINDINGS, "")
    lines = result.out.splitlines()
    assert [*lines[: len(plain) - 3], *lines[-3:-1]] == plain[:-1]
    assert "  why     undo at its place" in lines
    at = lines.index("  yours   > rebate = amount * voucher.percent / 100")
    assert lines[at + 1] == "  same    - rebate = amount * voucher.percent / 100"
    assert "  tokens  in 1 of 5 commits  fixed_amount" in lines
    assert lines[-4].endswith(f"sum, which makes the score {lines[0][-4:]}")


def test_why_for_programs_and_for_candidates(undone: Shop) -> None:
    arguments = ("--threshold", "1", "--candidates", "1", "--why", "--format", "json")
    result = bugguard(undone, "check", *arguments)
    assert result.code == CLEAN
    assert_report(result.json)
    [candidate] = result.json["candidates"]
    why = candidate["why"]
    assert why["channel"] == "undo-in-place"
    assert {pair["similarity"] for pair in why["pairs"]} == {1.0}
    assert why["commits"] == 5
    total = why["constant"] + sum(feature["logit"] for feature in why["features"])
    assert total == pytest.approx(why["logit"], abs=0.001)
    assert 1 / (1 + math.exp(-total)) == pytest.approx(candidate["score"], abs=0.001)


def test_why_says_nothing_where_nothing_is_found(shop: Shop) -> None:
    shop.stage({"shop/new.py": "new_value = make_new()\n"})
    result = bugguard(shop, "check", "--why")
    assert (result.code, result.out.count("\n")) == (CLEAN, 1)
