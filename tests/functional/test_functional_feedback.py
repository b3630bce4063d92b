"""``bugguard feedback``: votes that a team shares, and what they mute."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from committing import assert_blocked, commit
from program import CLEAN, FINDINGS, USAGE, Result, bugguard
from repository import Repository
from shop import GUARD, REPLACED, Shop

pytestmark = pytest.mark.functional

NAME = ".bugguard-feedback.jsonl"


@pytest.fixture
def undone(shop: Shop) -> Shop:
    shop.stage(shop.undone(REPLACED))
    return shop


def found(shop: Repository, *arguments: str) -> str:
    """The fingerprint that the report names."""
    result = bugguard(shop, "check", *arguments)
    assert result.code == FINDINGS, result
    return result.out.partition("of no use: bugguard feedback ")[2].split()[0]


def vote(shop: Repository, name: str, word: str, *arguments: str) -> Result:
    result = bugguard(shop, "feedback", name, word, *arguments)
    assert (result.code, result.err) == (CLEAN, ""), result
    return result


def vote_down(shop: Repository, name: str) -> Result:
    for number in range(3):
        result = vote(shop, name, "not-useful", "--reason", f"reader {number}")
    return result


def votes(shop: Repository) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (shop.path / NAME).read_bytes().splitlines()]


def test_a_vote_is_kept_in_a_file_of_the_repository(undone: Shop) -> None:
    name = found(undone)
    result = vote(undone, name, "not-useful", "--reason", "  the till\nlooks   after it ")
    sha = undone.sha("HEAD~3")
    assert result.out == (
        f"past fix {sha[:8]}: 0 useful, 1 not useful\ncommit {NAME} for all to share\n"
    )
    [kept] = votes(undone)
    assert len(kept.pop("edit")) == 16
    assert len(kept.pop("date")) == 10
    assert kept == {
        "version": 1, "fix": sha, "fingerprint": name, "rule": "BG001", "vote": "not-useful",
        "reason": "the till looks after it",
    }  # fmt: skip
    assert bugguard(undone, "check").code == FINDINGS


def test_nobody_is_named_unless_they_sign(undone: Shop) -> None:
    name = found(undone)
    vote(undone, name, "useful")
    assert b"Ada" not in (undone.path / NAME).read_bytes()
    vote(undone, name, "useful", "--sign")
    assert sorted(one.get("who", "") for one in votes(undone)) == ["", "Ada Tester"]


def test_a_fix_that_is_voted_down_is_muted_until_a_vote_lifts_that(undone: Shop) -> None:
    name = found(undone)
    for number in range(2):
        vote(undone, name, "not-useful", "--reason", f"reader {number}")
        assert bugguard(undone, "check").code == FINDINGS
    told = vote(undone, name, "not-useful").out
    assert "0 useful, 3 not useful; its findings are muted, and 1 useful vote would lift" in told
    result = bugguard(undone, "check")
    assert (result.code, result.err) == (CLEAN, "")
    assert result.out.startswith("0 findings in 1 hunk")
    assert ", 1 muted\n" in result.out
    assert "note: 1 finding of #12 " in result.out
    assert f"it takes `bugguard feedback {name} useful` to hear of it again" in result.out
    report = bugguard(undone, "check", "--format", "json").json
    assert (report["findings"], report["stats"]["muted"]) == ([], 1)
    assert "muted, as 3 votes to 0 found it not useful" in report["notes"][0]
    undone.stage(undone.undone(GUARD))  # another fix is heard of as ever
    report = bugguard(undone, "check", "--format", "json").json
    assert [one["path"] for one in report["findings"]] == [GUARD.path]
    undone.stage(undone.replaced(GUARD.path, *GUARD.edits))
    off = bugguard(undone, "check", BUGGUARD_CHECK_MUTE="false")
    assert off.code == FINDINGS
    assert "muted" not in off.out
    vote(undone, name, "useful")
    assert bugguard(undone, "check").code == FINDINGS


def test_a_muted_fix_holds_up_no_commit(guarded: Shop) -> None:
    guarded.stage(guarded.undone(REPLACED))
    assert_blocked(commit(guarded))
    vote_down(guarded, found(guarded))
    guarded.git("add", NAME)
    made = commit(guarded)
    assert made.code == CLEAN, made
    assert "1 muted" in made.out + made.err


def test_votes_survive_a_rebase_of_the_fix(undone: Shop) -> None:
    vote_down(undone, found(undone))
    kept = (undone.path / NAME).read_bytes()
    (undone.path / NAME).unlink()
    undone.git("reset", "-q", "--hard")
    root = undone.text("rev-list", "--max-parents=0", "main")
    undone.git("checkout", "-q", "-b", "inserted", root)
    undone.commit({"shop/first.py": "first_value = make_first(1)\n"}, "Come before all the others")
    undone.git("rebase", "-q", "--onto", "inserted", root, "main")
    assert bugguard(undone, "index", "build").code == CLEAN
    undone.stage(undone.undone(REPLACED))
    found(undone)
    (undone.path / NAME).write_bytes(kept)
    assert votes(undone)[0]["fix"] != undone.sha("HEAD~3")
    assert bugguard(undone, "check").code == CLEAN


def test_the_same_vote_on_one_day_counts_once(undone: Shop) -> None:
    name = found(undone)
    for number in range(4):
        told = vote(undone, name, "not-useful").out
        assert (told == "the same vote was given today, and counts once\n") == (number > 0)
    assert len(votes(undone)) == 1
    assert bugguard(undone, "check").code == FINDINGS


def test_two_branches_votes_merge(undone: Shop) -> None:
    name = found(undone)
    undone.stage(undone.undone(GUARD))
    other = next(
        one["fingerprint"]
        for one in bugguard(undone, "check", "--format", "json").json["findings"]
        if one["path"] == GUARD.path
    )
    found(undone)
    undone.git("reset", "-q", "--hard")
    undone.commit({".gitattributes": f"{NAME} merge=union\n"}, "Merge votes by union")
    for branch, who in (("one", "a"), ("two", "b")):
        undone.git("checkout", "-q", "-b", branch, "main")
        for fingerprint in (name, other):
            vote(undone, fingerprint, "not-useful", "--reason", who)
        undone.git("add", NAME)
        undone.commit(message="Vote")
    undone.git("merge", "-q", "--no-edit", "one")
    assert len(votes(undone)) == 4
    assert "0 useful, 3 not useful" in vote(undone, name, "not-useful").out


def test_eval_counts_the_votes_by_rule(undone: Shop) -> None:
    assert "votes" not in bugguard(undone, "eval", "--json").json
    name = found(undone)
    vote_down(undone, name)
    sha = undone.sha("HEAD~3")
    told = bugguard(undone, "eval", "--json")
    assert told.json["votes"] == {
        "rules": {"BG001": {"useful": 0, "not_useful": 3}}, "muted": [sha]
    }  # fmt: skip
    text = bugguard(undone, "eval").out
    assert "votes of `bugguard feedback`:\n  BG001        0 useful      3 not useful\n" in text
    assert f"1 past fix is muted by them: {sha[:8]}\n" in text
    undone.write(NAME, "{")
    assert f"{NAME}:1 is no vote" in bugguard(undone, "eval").complaint


@pytest.mark.parametrize("name", ["0123456789abcdef", "abc", "#12", "", "../../etc", "\x1b[2J"])
def test_a_finding_that_nobody_knows_is_one_sentence(undone: Shop, name: str) -> None:
    found(undone)
    result = bugguard(undone, "feedback", name, "useful")
    assert (result.code, result.out) == (USAGE, "")
    assert result.complaint.startswith("no recent finding has the fingerprint ")
    assert "run `bugguard check`" in result.complaint
    assert not (undone.path / NAME).exists()


@pytest.mark.parametrize(
    "arguments", [[], ["0" * 16], ["0" * 16, "maybe"], ["0" * 16, "useful", "x"]]
)
def test_bad_usage_is_one_sentence(shop: Shop, arguments: list[str]) -> None:
    result = bugguard(shop, "feedback", *arguments)
    assert (result.code, result.out) == (USAGE, "")
    assert len(result.complaint) > 10


def test_what_others_found_is_known_by_the_baseline_and_by_their_votes(
    undone: Shop, tmp_path: Path
) -> None:
    assert bugguard(undone, "baseline", "create", "--staged").code == CLEAN
    name = next(
        one["fingerprint"]
        for one in json.loads(undone.read(".bugguard-baseline.json"))["findings"] if one
    )  # fmt: skip
    clone = Repository.clone(undone.path, tmp_path / "clone")
    assert bugguard(clone, "feedback", name, "useful").code == USAGE
    shutil.copy(undone.path / ".bugguard-baseline.json", clone.path)
    vote(clone, name, "useful")
    (clone.path / ".bugguard-baseline.json").unlink()
    vote(clone, name, "not-useful")
    assert len(votes(clone)) == 2


def test_what_is_remembered_is_not_believed_blindly(undone: Shop) -> None:
    name = found(undone)
    recent = undone.path / ".git" / "bugguard" / "recent.json"
    recent.write_text(json.dumps({name: ["--all", "BG001", ""]}))
    assert bugguard(undone, "feedback", name, "useful").code == USAGE
    assert not (undone.path / NAME).exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{\n", ":1 is no vote of `bugguard feedback`: mend or remove that line"),
        ("\n<<<<<<< HEAD\n", ":2 has a merge's conflict markers: keep the lines of both sides"),
        ("x = 1\n", ":1 is no vote"),
    ],
)
def test_a_file_that_holds_no_votes_is_refused_and_left_alone(
    undone: Shop, text: str, says: str
) -> None:
    name = found(undone)
    undone.write(NAME, text)
    for command in (["check"], ["feedback", name, "useful"], ["eval"]):
        result = bugguard(undone, *command)
        assert (result.code, result.out) == (USAGE, ""), result
        assert says in result.complaint
    assert undone.read(NAME) == text
    hook = bugguard(undone, "hook")
    assert hook.code == CLEAN
    assert hook.complaint.endswith("; this commit was not checked")
    # Where votes do not count, nobody reads them.
    assert bugguard(undone, "check", BUGGUARD_CHECK_MUTE="false").code == FINDINGS


def test_a_link_out_of_the_repository_is_not_written(undone: Shop, tmp_path: Path) -> None:
    name = found(undone)
    (undone.path / NAME).symlink_to(tmp_path / "outside")
    result = bugguard(undone, "feedback", name, "useful")
    assert result.code == USAGE
    assert "leads out of the repository's files" in result.complaint
    assert not (tmp_path / "outside").exists()


def test_the_file_can_be_anywhere_in_the_repository(undone: Shop) -> None:
    (undone.path / "quality").mkdir()
    undone.write(".bugguard.toml", '[check]\nfeedback = "quality/votes.jsonl"\n')
    name = found(undone)  # no votes yet, and no error
    assert "commit quality/votes.jsonl" in vote_down(undone, name).out
    assert bugguard(undone, "check").code == CLEAN
    assert not (undone.path / NAME).exists()


def test_a_bare_repository_has_votes_only_where_they_are_named(
    undone: Shop, tmp_path: Path
) -> None:
    undone.commit(message="Shorten")
    bare = Repository.clone(undone.path, tmp_path / "bare.git", "--bare")
    assert bugguard(bare, "index", "build").code == CLEAN
    name = found(bare, "--commit", "HEAD")
    result = bugguard(bare, "feedback", name, "useful")
    assert result.code == USAGE
    assert "is bare and has no files: name one outside with check.feedback" in result.complaint
    kept = {"BUGGUARD_CHECK_FEEDBACK": str(tmp_path / "votes.jsonl")}
    assert bugguard(bare, "feedback", name, "useful", **kept).code == CLEAN
