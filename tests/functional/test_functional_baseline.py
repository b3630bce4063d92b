"""``bugguard baseline``: what is known is passed over, what is new is told."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest
from committing import assert_blocked, commit
from program import CLEAN, FINDINGS, USAGE, Result, bugguard
from repository import Repository
from shop import FIXES, GUARD, JAPANESE, REPLACED, TWO_HUNKS, Fix, Shop

from bugguard.encoders.static import MODEL

pytestmark = pytest.mark.functional

NAME = ".bugguard-baseline.json"
BRANCH = ("check", "--range", "main..topic")


@pytest.fixture
def topic(shop: Shop) -> Shop:
    """A branch that took back two fixes long ago."""
    shop.git("checkout", "-q", "-b", "topic")
    shop.commit(shop.undone(REPLACED), "Shorten the prices")
    shop.commit(shop.undone(TWO_HUNKS), "Shorten the sessions")
    return shop


def entries(shop: Repository, name: str = NAME) -> list[dict[str, Any]]:
    document = json.loads((shop.path / name).read_bytes())
    return [one for one in document["findings"] if one is not None]


def created(shop: Repository, *arguments: str) -> Result:
    result = bugguard(shop, "baseline", "create", *arguments)
    assert (result.code, result.err) == (CLEAN, ""), result
    return result


def test_what_is_known_is_passed_over_and_what_is_new_is_told(topic: Shop) -> None:
    assert bugguard(topic, *BRANCH).code == FINDINGS
    assert f"2 findings added to {NAME}: " in created(topic).out
    result = bugguard(topic, *BRANCH)
    assert (result.code, result.err) == (CLEAN, "")
    assert result.out.startswith("0 findings in 3 hunks")
    assert "2 known by the baseline" in result.out
    stats = bugguard(topic, *BRANCH, "--format", "json").json["stats"]
    assert (stats["baseline"], stats["muted"], stats["suppressed"]) == (2, 0, 0)
    assert "stale" not in stats
    topic.commit(topic.undone(GUARD), "Shorten the parser")
    result = bugguard(topic, *BRANCH, "--format", "json")
    assert result.code == FINDINGS
    assert [one["path"] for one in result.json["findings"]] == [GUARD.path]
    assert result.json["stats"]["baseline"] == 2


def test_what_is_known_leaves_this_machine_no_more(topic: Shop) -> None:
    shown = (*BRANCH, "--show-prompt")
    told = {"BUGGUARD_JUDGE_MODEL": "scripted-1", "BUGGUARD_CHECK_ESCALATE": "0"}
    assert "=== request 2 of 2" in bugguard(topic, *shown, **told).out
    created(topic, "--commit", "HEAD")
    for threshold in ("0.055", "1"):  # where it is only close to being reported, too
        half = bugguard(topic, *shown, "--threshold", threshold, **told).out
        assert "=== request 1 of 1" in half
        assert "vouchers took more" in half
        assert "expired sessions broke" not in half
    created(topic)
    assert bugguard(topic, *shown, **told).out == "a judge would be sent nothing\n"


def test_the_file_says_what_people_want_to_know(topic: Shop) -> None:
    created(topic)
    first, second = sorted(entries(topic), key=lambda one: one["path"])
    sha = topic.text("log", "--format=%H", "--grep=vouchers took more", "main").strip()
    assert (first["rule"], first["path"], first["line"]) == ("BG001", REPLACED.path, 24)
    assert (first["fix"], first["ticket"]) == (sha, "#12")
    assert first["subject"] == REPLACED.message
    assert len(first["added"]) == 10
    assert second["ticket"] == "#56"
    root = topic.text("rev-list", "--max-parents=0", "main")
    assert json.loads((topic.path / NAME).read_bytes())["repository"] == [root]


def test_creating_again_adds_and_loses_nothing(topic: Shop) -> None:
    created(topic)
    before = (topic.path / NAME).read_bytes()
    assert "0 findings added" in created(topic).out
    assert (topic.path / NAME).read_bytes() == before
    topic.commit(topic.undone(GUARD), "Shorten the parser")
    assert f"1 finding added to {NAME}, 2 known before" in created(topic).out
    assert {one["ticket"] for one in entries(topic)} == {"#12", "#34", "#56"}
    topic.stage(topic.undone(JAPANESE))
    assert (
        f"1 finding added to {NAME}: the staged changes, 1 hunk" in created(topic, "--staged").out
    )
    assert len(entries(topic)) == 4


@pytest.mark.parametrize("source", ["staged", "range", "commit", "patch"])
def test_every_way_of_naming_a_change(shop: Shop, source: str) -> None:
    shop.stage(shop.undone(REPLACED))
    patch = shop.git("diff", "--cached")
    if source in ("range", "commit"):
        shop.commit(message="Shorten")
    told = {
        "staged": ["--staged"],
        "range": ["--range", "HEAD~1..HEAD"],
        "commit": ["--commit", "HEAD"],
        "patch": ["--patch", "-"],
    }[source]
    result = bugguard(shop, "baseline", "create", *told, stdin=patch)
    assert result.code == CLEAN, result
    assert bugguard(shop, "check", *told, stdin=patch).code == CLEAN
    # One and the same finding, whichever way it is come by.
    assert [one["ticket"] for one in entries(shop)] == ["#12"]
    if source == "staged":
        shop.commit(message="Shorten")
        assert bugguard(shop, "check", "--range", "HEAD~1..HEAD").code == CLEAN
        assert bugguard(shop, "check", "--commit", "HEAD").code == CLEAN


def test_what_is_known_fails_no_commit_and_what_is_new_does(guarded: Shop) -> None:
    guarded.stage(guarded.undone(REPLACED))
    assert_blocked(commit(guarded))
    created(guarded, "--staged")
    guarded.git("add", NAME)
    made = commit(guarded)
    assert made.code == CLEAN, made
    assert "1 known by the baseline" in made.out + made.err
    guarded.stage(guarded.undone(GUARD))
    assert_blocked(commit(guarded), "#34")


def test_a_range_that_pre_commit_gives(topic: Shop) -> None:
    told = {"PRE_COMMIT_FROM_REF": "main", "PRE_COMMIT_TO_REF": "topic"}
    assert bugguard(topic, "hook", **told).code == FINDINGS
    created(topic)
    result = bugguard(topic, "hook", **told)
    assert (result.code, result.err) == (CLEAN, "")
    assert "2 known by the baseline" in result.out


@pytest.mark.parametrize("fix", FIXES, ids=lambda fix: fix.path)
@pytest.mark.parametrize("then", ["lines above", "renamed", "indented"])
def test_known_findings_stay_known_wherever_the_code_goes(shop: Shop, fix: Fix, then: str) -> None:
    shop.git("checkout", "-q", "-b", "topic")
    shop.commit(shop.undone(fix), "Shorten")
    created(shop)
    if then == "lines above":
        mark = {"py": "#", "c": "//", "js": "//"}[fix.path.rpartition(".")[2]]
        lines = "".join(f"{mark} line {n} of a long introduction\n" for n in range(40))
        shop.commit({fix.path: lines + shop.read(fix.path)}, "Introduce")
    elif then == "renamed":
        (shop.path / "elsewhere").mkdir()
        shop.git("mv", fix.path, "elsewhere/" + fix.path.rpartition("/")[2])
        shop.commit(message="Move")
    else:
        deeper = fix.buggy.replace("    ", "\t  ")
        shop.commit(shop.replaced(fix.path, (fix.buggy, deeper)), "Indent")
    report = bugguard(shop, *BRANCH, "--format", "json")
    assert (report.code, report.json["stats"]["baseline"]) == (CLEAN, 1), report


def test_known_findings_stay_known_when_the_fix_is_rebased(topic: Shop) -> None:
    created(topic)
    kept = (topic.path / NAME).read_bytes()
    before = entries(topic)[0]["fix"]
    root = topic.text("rev-list", "--max-parents=0", "main")
    topic.git("checkout", "-q", "-b", "inserted", root)
    topic.commit({"shop/first.py": "first_value = make_first(1)\n"}, "Come before all the others")
    topic.git("checkout", "-q", "main")
    topic.git("rebase", "-q", "inserted")
    topic.git("rebase", "-q", "--onto", "main", "topic~2", "topic")
    assert bugguard(topic, "index", "build").code == CLEAN
    (topic.path / NAME).write_bytes(kept)
    report = bugguard(topic, *BRANCH, "--format", "json")
    assert (report.code, report.json["stats"]["baseline"]) == (CLEAN, 2)
    (topic.path / NAME).unlink()
    fixes = {
        one["fix"]["sha"] for one in bugguard(topic, *BRANCH, "--format", "json").json["findings"]
    }
    assert before not in fixes  # it was a rebase


def test_known_findings_stay_known_with_another_encoder(topic: Shop, tmp_path: Path) -> None:
    created(topic)
    folder = shutil.copytree(MODEL, tmp_path / "model")
    [weights] = folder.rglob("model.safetensors")
    data = bytearray(weights.read_bytes())
    half = len(data) // 2
    data[half:] = data[half:][::-1]  # other vectors: the header in front stays as it is
    weights.write_bytes(data)
    other = {"BUGGUARD_ENCODER": str(folder)}
    built = bugguard(topic, "index", "build", **other)
    assert built.code == CLEAN, built
    report = bugguard(topic, *BRANCH, "--format", "json", **other)
    assert report.json["index"]["encoder"] == str(folder)
    assert (report.code, report.json["stats"]["baseline"]) == (CLEAN, 2)


def test_pruning_takes_out_what_is_found_no_more(topic: Shop) -> None:
    created(topic)
    assert bugguard(topic, "baseline", "prune").out == f"removed 0 of 2 findings from {NAME}\n"
    topic.commit(topic.replaced(REPLACED.path, *REPLACED.edits), "Mend the prices")
    before = (topic.path / NAME).read_bytes()
    dry = bugguard(topic, "baseline", "prune", "--dry-run")
    assert f"would remove 1 of 2 findings from {NAME}" in dry.out
    assert (topic.path / NAME).read_bytes() == before
    result = bugguard(topic, "baseline", "prune")
    assert (result.code, result.err) == (CLEAN, "")
    assert "shop/prices.py:24  BG001  #12 fix: vouchers took more" in result.out
    assert f"removed 1 of 2 findings from {NAME}" in result.out
    assert [one["ticket"] for one in entries(topic)] == ["#56"]
    again = bugguard(topic, "baseline", "prune")
    assert again.out == f"removed 0 of 1 finding from {NAME}\n"
    topic.commit(topic.undone(REPLACED), "Shorten again")
    assert bugguard(topic, *BRANCH).code == FINDINGS


def test_a_branch_that_changes_nothing_any_more_has_nothing_left(topic: Shop) -> None:
    created(topic)
    topic.git("revert", "--no-edit", "HEAD", "HEAD~1")
    assert f"removed 2 of 2 findings from {NAME}" in bugguard(topic, "baseline", "prune").out
    assert entries(topic) == []


def test_pruning_keeps_what_the_change_cannot_show(topic: Shop) -> None:
    created(topic)
    lines = (topic.path / NAME).read_text().split("\n")
    other = (
        lines[1].replace('"BG001"', '"BG003"').replace(entries(topic)[0]["fingerprint"], "f" * 16)
    )
    (topic.path / NAME).write_text("\n".join([*lines[:-2], other, *lines[-2:]]))
    told = {"BUGGUARD_LEARN_EXCLUDE": r"^shop/sessions"}
    topic.commit(topic.replaced(REPLACED.path, *REPLACED.edits), "Mend the prices")
    topic.commit(topic.replaced(REPLACED.path, ('"4.90"', '"5.90"')), "Raise the price")
    result = bugguard(topic, "baseline", "prune", **told)
    assert f"removed 1 of 3 findings from {NAME}" in result.out
    assert {one["path"] for one in entries(topic)} == {TWO_HUNKS.path, REPLACED.path}
    assert {one["rule"] for one in entries(topic)} == {"BG001", "BG003"}


def test_pruning_keeps_what_is_silenced_or_scores_less(topic: Shop) -> None:
    created(topic)
    content = topic.read(REPLACED.path).replace(
        REPLACED.buggy, f"    # bugguard: ignore[#12] on purpose\n{REPLACED.buggy}"
    )
    topic.commit({REPLACED.path: content}, "Explain")
    told = {"BUGGUARD_CHECK_THRESHOLD": "1"}
    assert (
        f"removed 0 of 2 findings from {NAME}" in bugguard(topic, "baseline", "prune", **told).out
    )


def test_pruning_by_a_change_that_shows_nothing_is_refused(topic: Shop) -> None:
    created(topic)
    before = (topic.path / NAME).read_bytes()
    for told in (["--staged"], ["--patch", "-"], ["--range", "main..main"]):
        result = bugguard(topic, "baseline", "prune", *told)
        assert result.code == USAGE
        assert "there is no code, so nothing can be told from it" in result.complaint
    topic.git("checkout", "-q", "-f", "main")
    (topic.path / NAME).write_bytes(before)
    assert (
        "HEAD adds nothing to main: name a change" in bugguard(topic, "baseline", "prune").complaint
    )
    assert (topic.path / NAME).read_bytes() == before


def test_pruning_without_a_baseline(topic: Shop) -> None:
    result = bugguard(topic, "baseline", "prune")
    assert result.code == USAGE
    assert "there is no baseline" in result.complaint


def test_a_branch_without_findings_gets_an_empty_baseline(shop: Shop) -> None:
    shop.git("checkout", "-q", "-b", "topic")
    shop.commit(shop.replaced(REPLACED.path, ('"4.90"', '"5.90"')), "Raise the price")
    assert f"0 findings added to {NAME}" in created(shop).out
    assert entries(shop) == []
    assert bugguard(shop, *BRANCH, "--baseline", NAME).code == CLEAN


def test_where_the_branch_cannot_be_told_a_change_must_be_named(shop: Shop) -> None:
    result = bugguard(shop, "baseline", "create")
    assert result.code == USAGE
    assert "HEAD adds nothing to main" in result.complaint
    shop.git("branch", "-m", "main", "trunk")
    result = bugguard(shop, "baseline", "create")
    assert result.code == USAGE
    assert "it cannot be told what this branch left" in result.complaint
    assert not (shop.path / NAME).exists()


def test_the_file_can_be_anywhere_in_the_repository(topic: Shop) -> None:
    (topic.path / "quality").mkdir()
    topic.write(".bugguard.toml", '[check]\nbaseline = "quality/known.json"\n')
    missing = bugguard(topic, *BRANCH)
    assert missing.code == USAGE
    assert "there is no baseline" in missing.complaint
    assert "run `bugguard baseline create`" in missing.complaint
    assert "2 findings added to quality/known.json" in created(topic).out
    assert bugguard(topic, *BRANCH).code == CLEAN
    assert bugguard(topic, *BRANCH, cwd=topic.path / "shop").code == CLEAN
    assert bugguard(topic, *BRANCH, "--baseline", "nowhere.json").code == USAGE
    assert not (topic.path / NAME).exists()


def test_a_named_file_is_seen_from_where_its_name_was_given(topic: Shop) -> None:
    done = bugguard(
        topic, "baseline", "create", "--baseline", "known.json", cwd=topic.path / "shop"
    )
    assert done.code == CLEAN, done
    assert (topic.path / "shop" / "known.json").exists()
    assert bugguard(topic, *BRANCH, "--baseline", "shop/known.json").code == CLEAN


def test_permissions_stay(topic: Shop) -> None:
    created(topic)
    path = topic.path / NAME
    path.chmod(0o640)
    topic.commit(topic.undone(GUARD), "Shorten the parser")
    created(topic)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def refusal(topic: Shop, *arguments: str) -> str:
    """What every command says of the baseline that is there, which none of them changes."""
    path = topic.path / NAME
    before = path.read_bytes() if path.is_file() else None
    told = set()
    for command in (BRANCH, ("baseline", "create"), ("baseline", "prune")):
        result = bugguard(topic, *command, *arguments)
        assert (result.code, result.out) == (USAGE, ""), result
        told.add(result.complaint)
    assert (path.read_bytes() if path.is_file() else None) == before
    [sentence] = told
    hook = bugguard(topic, "hook", PRE_COMMIT_FROM_REF="main", PRE_COMMIT_TO_REF="topic")
    assert hook.code == CLEAN
    assert hook.complaint == f"{sentence.rstrip('.')}; this commit was not checked"
    strict = bugguard(
        topic, "hook", "--strict", PRE_COMMIT_FROM_REF="main", PRE_COMMIT_TO_REF="topic"
    )
    assert (strict.code, strict.complaint) == (USAGE, sentence)
    return sentence


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "damaged (it is empty)"),
        ("{", "damaged (line 1: "),
        ('{"version": 1, "findings": [7]}', "damaged (its finding 1 is none)"),
        ('{"version": 9}', "newer bugguard (its format is 9, this one reads 1): update bugguard"),
        ("def main():\n    pass\n", "damaged (line 1: "),
        ("[]", "is no baseline"),
    ],
)
def test_a_file_that_is_no_baseline_is_refused_and_left_alone(
    topic: Shop, text: str, says: str
) -> None:
    topic.write(NAME, text)
    assert says in refusal(topic)


def test_a_merge_s_conflict_is_told_and_solved_by_keeping_both_sides(topic: Shop) -> None:
    topic.git("add", "-f", ".")
    created(topic, "--commit", "HEAD~1")
    topic.git("add", NAME)
    topic.commit(message="Set aside the prices")
    topic.git("checkout", "-q", "-b", "other", "HEAD~1")
    created(topic, "--commit", "HEAD")
    topic.git("add", NAME)
    topic.commit(message="Set aside the sessions")
    with pytest.raises(Exception, match="returned non-zero"):
        topic.git("merge", "-q", "topic")
    sentence = refusal(topic)
    assert f"{NAME}:2 has a merge's conflict markers: " in sentence
    assert "keep the findings of both sides and take out the marker lines" in sentence
    kept = [
        one for one in topic.read(NAME).split("\n") if one[:7] not in ("<" * 7, "=" * 7, ">" * 7)
    ]
    topic.write(NAME, "\n".join(kept))
    report = bugguard(topic, *BRANCH, "--format", "json")
    assert (report.code, report.json["stats"]["baseline"]) == (CLEAN, 2)


def test_another_repository_s_baseline_is_refused_and_a_fork_s_is_not(
    topic: Shop, tmp_path: Path
) -> None:
    created(topic)
    fork = Repository.clone(topic.path, tmp_path / "fork", "--branch=topic")
    fork.git("branch", "main", "origin/main")
    shutil.copy(topic.path / NAME, fork.path / NAME)
    assert bugguard(fork, "index", "build").code == CLEAN
    assert bugguard(fork, *BRANCH).code == CLEAN
    shallow = Repository.clone(f"file://{topic.path}", tmp_path / "shallow", "--depth=2",
                               "--branch=topic")  # fmt: skip
    shutil.copy(topic.path / NAME, shallow.path / NAME)
    index = ("--index", str(topic.path / ".git" / "bugguard"))
    assert bugguard(shallow, "check", "--range", "HEAD~1..HEAD", *index).code == CLEAN
    text = topic.read(NAME)
    root = topic.text("rev-list", "--max-parents=0", "main")
    topic.write(NAME, text.replace(root, "1234" * 10))
    assert "belongs to another repository, which began with commit 12341234" in refusal(topic)


def test_a_baseline_that_is_too_large(topic: Shop) -> None:
    with (topic.path / NAME).open("wb") as file:
        file.truncate((16 << 20) + 1)
    assert "is over 16 MiB" in refusal(topic)


def test_a_link_out_of_the_repository_is_neither_followed_nor_written(
    topic: Shop, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.json"
    created(topic, "--baseline", str(outside))
    before = outside.read_bytes()
    (topic.path / NAME).symlink_to(outside)
    assert "leads out of the repository's files" in refusal(topic)
    assert "leads out of the repository's files" in refusal(topic, "--baseline", NAME)
    assert outside.read_bytes() == before
    assert bugguard(topic, *BRANCH, "--baseline", str(outside)).code == CLEAN


def test_a_pipe_does_not_hang(topic: Shop) -> None:
    os.mkfifo(topic.path / NAME)
    assert "is not a regular file" in refusal(topic)


def test_a_repository_chooses_no_baseline_outside_itself(topic: Shop) -> None:
    topic.write(".bugguard.toml", "[check]\nbaseline = '../known.json'\n")
    result = bugguard(topic, "baseline", "create")
    assert result.code == USAGE
    assert "a file inside the repository" in result.complaint
    assert not (topic.path.parent / "known.json").exists()


def test_a_bare_repository_has_one_only_where_it_is_named(topic: Shop, tmp_path: Path) -> None:
    bare = Repository.clone(topic.path, tmp_path / "bare.git", "--bare")
    assert bugguard(bare, "index", "build").code == CLEAN
    assert bugguard(bare, *BRANCH).code == FINDINGS
    told = ("--range", "main..topic")
    result = bugguard(bare, "baseline", "create", *told)
    assert result.code == USAGE
    assert "is bare and has no files" in result.complaint
    kept = ("--baseline", str(tmp_path / "known.json"))
    created(bare, *told, *kept)
    assert bugguard(bare, *BRANCH, *kept).code == CLEAN


@pytest.mark.parametrize("command", ["create", "prune"])
def test_bad_usage_is_one_sentence(topic: Shop, command: str) -> None:
    created(topic)
    for told in (["--staged", "--commit", "HEAD"], ["--range", "nowhere..HEAD"], ["--baseline", ""],
                 ["surplus"], ["--patch", "nowhere.patch"]):  # fmt: skip
        result = bugguard(topic, "baseline", command, *told)
        assert (result.code, result.out) == (USAGE, ""), result
        assert len(result.complaint) > 10


def test_ten_thousand_known_findings(topic: Shop) -> None:
    created(topic)
    head, *known, last, end = topic.read(NAME).split("\n")
    more = [known[0].replace(entries(topic)[0]["fingerprint"], f"{n:016x}") for n in range(10_000)]
    topic.write(NAME, "\n".join([head, *known, *more, last, end]))
    assert bugguard(topic, *BRANCH).code == CLEAN
    result = bugguard(topic, "baseline", "prune")
    assert f"removed 10,000 of 10,002 findings from {NAME}" in result.out
    assert len(entries(topic)) == 2
