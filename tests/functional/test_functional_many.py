"""Several repositories behind one index: what was learned in one guards the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from program import CLEAN, FINDINGS, PROGRAM, USAGE, bugguard, execute
from repository import Repository
from shop import FILES, FIXES, REPLACED, TWO_HUNKS, Shop

BILLING = "git.example.jp/%E7%B5%8C%E7%90%86/billing"


class Team:
    """The shop, whose bugs were fixed; a billing service that has a copy of its code; an index of
    the shop, or of both.
    """

    def __init__(self, path: Path) -> None:
        self.shop = Shop.at(path / "shop")
        self.shop.git("remote", "add", "origin", "https://github.com/acme/shop.git")
        self.billing = Repository(path / "billing")
        self.billing.git("config", "user.name", "Ada Tester")
        self.billing.git("config", "user.email", "ada@example.org")
        self.billing.git("remote", "add", "origin", "ssh://git@git.example.jp/経理/billing.git")
        copied = {f"copied/{Path(name).name}": self.shop.read(name) for name in FILES}
        self.billing.commit(copied, "Take over the shop's code")
        self.billing.commit(
            {"billing/books.py": "def close(book):\n    book.seal()\n"}, "Add books"
        )
        self.billing.commit(
            {"billing/books.py": "def close(book):\n    book.settle()\n    book.seal()\n"},
            "fix: unsettled books were sealed (#12)",
        )
        self.index = path / "index"

    def learn(self, *repositories: Repository) -> None:
        given = [part for one in repositories for part in ("--repo", one.path)]
        done = bugguard(self.shop, "index", "build", *given, "--output", self.index)
        assert done.code == CLEAN, done

    def takes_back(self, message: str = "") -> None:
        """Billing stages the shop's fix of its vouchers taken back in its copy."""
        copy = self.billing.path / "copied" / "prices.py"
        text = copy.read_text("utf-8")
        for buggy, fixed in REPLACED.edits:
            text = text.replace(fixed, buggy)
        copy.write_text(text, "utf-8")
        self.billing.git("add", "-A")


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path)


def test_a_fix_of_one_guards_the_other_and_says_whose_it_is(team: Team) -> None:
    team.learn(team.shop, team.billing)
    team.takes_back()
    told = bugguard(team.billing, "check", "--index", team.index)
    assert told.code == FINDINGS
    assert "copied/prices.py:24  BG001 takes back a past fix" in told.out
    assert "  in github.com/acme/shop\n" in told.out
    assert "https://github.com/acme/shop/pull/12" in told.out
    [finding] = bugguard(team.billing, "check", "--index", team.index, "--format", "json").json[
        "findings"
    ]
    assert finding["fix"]["repository"] == "github.com/acme/shop"
    assert finding["fix"]["foreign"] is True
    assert finding["fix"]["tickets"][0]["id"] == "#12"
    for format_ in ("markdown", "github", "gitlab", "junit", "sarif"):
        told = bugguard(team.billing, "check", "--index", team.index, "--format", format_)
        assert "github.com/acme/shop" in told.out.replace("github.com/acme/shop/pull", ""), format_


def test_twin_at_home_nothing_is_said_of_repositories(team: Team) -> None:
    team.learn(team.shop, team.billing)
    team.shop.stage(team.shop.undone(REPLACED))
    told = bugguard(team.shop, "check", "--index", team.index)
    assert told.code == FINDINGS
    assert "  in github.com" not in told.out
    alone = bugguard(team.shop, "check", "--format", "json")
    assert alone.code == USAGE  # it has no index of its own yet
    bugguard(team.shop, "index", "build")
    own = bugguard(team.shop, "check", "--format", "json").json["findings"]
    shared = bugguard(team.shop, "check", "--index", team.index, "--format", "json").json[
        "findings"
    ]
    assert [(one["rule"], one["line"], one["fix"]["sha"]) for one in own] == [
        (one["rule"], one["line"], one["fix"]["sha"]) for one in shared
    ]
    assert not any(one["fix"]["foreign"] for one in shared)


def test_twin_the_copy_as_it_is(team: Team) -> None:
    team.learn(team.shop, team.billing)
    copy = team.billing.path / "copied" / "prices.py"
    copy.write_text(copy.read_text("utf-8") + "\n\nVERSION = 2\n", "utf-8")
    team.billing.git("add", "-A")
    assert bugguard(team.billing, "check", "--index", team.index).code == CLEAN


def test_a_fork_is_at_home_too(team: Team, tmp_path: Path) -> None:
    team.learn(team.shop)
    fork = Shop.existing(Repository.clone(team.shop.path, tmp_path / "fork").path, team.shop.clock)
    fork.git("remote", "set-url", "origin", "git@github.com:me/shop.git")
    fork.stage(fork.undone(REPLACED))
    told = bugguard(fork, "check", "--index", team.index)
    assert told.code == FINDINGS
    assert "  in github.com" not in told.out


def test_the_hook_reads_a_shared_index_and_never_writes_there(team: Team) -> None:
    team.learn(team.shop, team.billing)
    before = {path: path.stat().st_mtime_ns for path in [team.index, *team.index.rglob("*")]}
    team.takes_back()
    told = bugguard(team.billing, "hook", BUGGUARD_INDEX=str(team.index))
    assert told.code == FINDINGS
    assert "in github.com/acme/shop" in told.out
    assert {
        path: path.stat().st_mtime_ns for path in [team.index, *team.index.rglob("*")]
    } == before


def test_another_repository_s_ticket_silences_nothing_here(team: Team) -> None:
    """Billing has a #12 of its own."""
    team.learn(team.shop, team.billing)
    team.takes_back()
    copy = team.billing.path / "copied" / "prices.py"
    text = copy.read_text("utf-8")
    line = REPLACED.buggy.rstrip("\n")
    for name, code in (("#12", FINDINGS), (team.shop.text("rev-parse", "HEAD~3")[:8], CLEAN)):
        copy.write_text(
            text.replace(line, f"{line}  # bugguard: ignore[{name}] we owe them"), "utf-8"
        )
        team.billing.git("add", "-A")
        assert bugguard(team.billing, "check", "--index", team.index).code == code, name


def test_weights_and_opting_out(team: Team) -> None:
    team.learn(team.shop, team.billing)
    team.takes_back()
    run = ("check", "--index", team.index, "--format", "json", "--why")
    whole = bugguard(team.billing, *run).json
    team.billing.write(".bugguard.toml", '[check]\nweights = ["github.com/acme/*=0.9"]\n')
    less = bugguard(team.billing, *run).json
    assert less["findings"][0]["score"] == pytest.approx(
        0.9 * whole["findings"][0]["score"], abs=1e-3
    )
    assert less["findings"][0]["why"]["weight"] == 0.9
    told = bugguard(team.billing, "check", "--index", team.index, "--why").out
    assert ", weighed by 0.9 for its repository" in told
    team.billing.write(".bugguard.toml", '[check]\nweights = ["github.com/acme/*=0"]\n')
    none = bugguard(team.billing, *run).json
    assert none["findings"] == []
    assert none["index"]["fixes"] == 1  # billing's own
    team.billing.write(".bugguard.toml", '[check]\nweights = ["acme"]\n')
    assert (
        "check.weights must be a list of texts such as"
        in bugguard(team.billing, "check", "--index", team.index).complaint
    )


def test_a_commit_is_checked_against_what_the_others_had_fixed_by_then(team: Team) -> None:
    """When billing's last commit was made the shop had mended its vouchers, but not before."""
    commits = []
    for start in ("main~2", "main"):
        team.billing.git("checkout", "-q", "--detach", start)
        team.takes_back()
        team.billing.git("commit", "-qm", "Simplify vouchers")
        commits.append(team.billing.sha())
    team.billing.git("checkout", "-q", "main")
    team.learn(team.shop, team.billing)
    told = [
        bugguard(team.billing, "check", "--index", team.index, "--commit", commit)
        for commit in commits
    ]
    assert [one.code for one in told] == [CLEAN, FINDINGS]
    assert "checked against 0 past fixes" in told[0].out
    assert "checked against 2 past fixes" in told[1].out


def test_scan_tells_what_a_copy_never_got(team: Team, tmp_path: Path) -> None:
    old = Shop.at(tmp_path / "old", fixed=False)
    other = Repository(tmp_path / "branch-office")
    other.commit({"lib/sessions.py": old.read("shop/sessions.py")}, "Copy the sessions")
    team.learn(team.shop, team.billing)
    run = ("scan", ".", "--index", team.index, "--threshold", "0.02", "--format", "json")
    told = bugguard(other, *run).json["findings"]
    assert {one["fix"]["repository"] for one in told} == {"github.com/acme/shop"}
    assert {one["fix"]["subject"] for one in told} == {TWO_HUNKS.message}
    assert all(one["fix"]["foreign"] for one in told)
    got = Repository(tmp_path / "head-office")
    got.commit({"lib/sessions.py": team.shop.read("shop/sessions.py")}, "Copy the sessions")
    assert bugguard(got, *run).json["findings"] == []


def test_info_says_which_repositories_and_how_far_this_one_is_behind(team: Team) -> None:
    team.learn(team.shop, team.billing)
    told = bugguard(team.shop, "index", "info", "--index", team.index, "--json").json
    assert told["repositories"] == {"github.com/acme/shop": len(FIXES), BILLING: 1}
    assert told["current"] is True
    team.billing.commit({"billing/books.py": "def close(book):\n    pass\n"}, "fix: do not close")
    told = bugguard(team.billing, "index", "info", "--index", team.index, "--json").json
    assert told["behind"] == {"commits": 1, "fixes": 1, "gone": 0}
    told = bugguard(team.shop, "index", "info", "--index", team.index, "--json").json
    assert told["behind"] == {"commits": 0, "fixes": 0, "gone": 0}


def test_who_is_not_to_be_shared_is_left_out(team: Team) -> None:
    team.billing.write(".bugguard.toml", "[learn]\nshare = false\n")
    given = ("--repo", team.shop.path, "--repo", team.billing.path, "--output", team.index)
    done = bugguard(team.shop, "index", "build", *given)
    assert done.code == CLEAN
    assert "billing: it sets learn.share = false" in done.err
    told = bugguard(team.shop, "index", "info", "--index", team.index, "--json").json
    assert told["repositories"] == {"github.com/acme/shop": len(FIXES)}
    alone = bugguard(team.billing, "index", "build")
    assert alone.code == CLEAN  # its own index is nobody else's


def test_a_team_s_index_does_not_become_one_s_own_by_mistake(team: Team) -> None:
    team.learn(team.shop, team.billing)
    was = (team.index / "CURRENT").read_text()
    shared = {"BUGGUARD_INDEX": str(team.index)}
    for command in (("index", "build"), ("index", "update"), ("init", "--no-hook")):
        told = bugguard(team.billing, *command, **shared)
        assert told.code == USAGE
        assert "github.com/acme/shop too: " in told.err
    assert (team.index / "CURRENT").read_text() == was
    alone = bugguard(team.billing, "index", "build", "--output", team.index)
    assert alone.code == CLEAN  # who names it means it
    told = bugguard(team.shop, "index", "update", **shared)
    assert told.code == USAGE
    assert f"learned from {BILLING} too" in told.complaint


def test_a_repository_that_got_another_name_is_the_same(team: Team) -> None:
    team.learn(team.shop)
    team.shop.git("remote", "set-url", "origin", "https://github.com/acme/webshop.git")
    done = bugguard(team.shop, "index", "update", BUGGUARD_INDEX=str(team.index))
    assert done.code == CLEAN
    told = bugguard(team.shop, "index", "info", "--index", team.index, "--json").json
    assert told["repositories"] == {"github.com/acme/webshop": len(FIXES)}


def test_what_is_said_of_wrong_calls(team: Team) -> None:
    both = ("--repo", team.shop.path, "--repo", team.billing.path)
    for arguments, said in [
        (("index", "build", *both), "an index of several repositories needs a place"),
        (("index", "build", "--shard", "1/2"), "a part of an index is for no hook to find"),
        (("index", "build", "--shard", "3/2", "--output", team.index), "'3/2' is no shard"),
        (("index", "build", "--shard", "x", "--output", team.index), "'x' is no shard"),
        (("index", "merge", team.shop.path, "--output", team.index), "no index at"),
    ]:
        told = bugguard(team.shop, *arguments)
        assert told.code == USAGE
        assert said in told.complaint
    assert not team.index.exists()


def test_shards_by_hand(team: Team, tmp_path: Path) -> None:
    both = ("--repo", team.shop.path, "--repo", team.billing.path)
    team.learn(team.shop, team.billing)
    parts = [tmp_path / "part1", tmp_path / "part2"]
    for number, part in enumerate(parts, 1):
        done = bugguard(
            team.shop, "index", "build", *both, "--shard", f"{number}/2", "--output", part
        )
        assert done.code == CLEAN, done
        assert done.out.startswith(f"shard {number}/2 of a whole: ")
    team.takes_back()
    assert (
        "is only shard 1/2 of a whole"
        in bugguard(team.billing, "check", "--index", parts[0]).complaint
    )
    # Wherever it runs: no repository is needed any more.
    merged = execute(team.shop, [PROGRAM, "index", "merge", *map(str, parts), "--output",
                                 str(tmp_path / "merged")], cwd=tmp_path)  # fmt: skip
    assert merged.code == CLEAN, merged
    pointers = [(path / "CURRENT").read_text() for path in (team.index, tmp_path / "merged")]
    assert pointers[0] == pointers[1]
    assert bugguard(team.billing, "check", "--index", tmp_path / "merged").code == FINDINGS
    lacking = bugguard(team.shop, "index", "merge", parts[0], "--output", tmp_path / "merged")
    assert lacking.code == USAGE
    assert "shard 2/2 is missing" in lacking.complaint
    assert (tmp_path / "merged" / "CURRENT").read_text() == pointers[0]


def built(team: Team, *repositories: Repository, output: Path | None = None) -> None:
    given = [part for one in repositories for part in ("--repo", one.path)]
    done = bugguard(team.shop, "index", "build", *given, "--output", output or team.index)
    assert done.code == CLEAN, done


def ticket_file(folder: Path) -> Path:
    """Billing's own #12, as exported."""
    record = {"id": "#12", "title": "Payroll", "text": "Payroll of the board", "project": BILLING}
    path = folder / "tickets.jsonl"
    path.write_text(json.dumps(record) + "\n", "utf-8")
    return path


def told(repository: Repository, index: Path, *arguments: str) -> list[dict[str, Any]]:
    run = ("check", "--index", index, "--format", "json", *arguments)
    findings: list[dict[str, Any]] = bugguard(repository, *run).json["findings"]
    return findings


class TestKindred:
    """Histories that are in one another."""

    def test_what_was_merged_into_a_large_one_stays_at_home_in_the_small(self, team: Team) -> None:
        mono = Repository(team.shop.path.parent / "mono")
        mono.commit({"README": "All of it\n"}, "Begin")
        mono.git("fetch", "-q", str(team.shop.path), "main")
        mono.git("merge", "-q", "--allow-unrelated-histories", "-m", "Take in", "FETCH_HEAD")
        built(team, mono, team.shop)
        team.shop.stage(team.shop.undone(REPLACED))
        [finding] = told(team.shop, team.index)
        assert finding["fix"]["repository"] == "mono"
        assert finding["fix"]["foreign"] is False
        weighed = bugguard(team.shop, "check", "--index", team.index, "--format", "json",
                           BUGGUARD_CHECK_WEIGHTS="mono=0").json  # fmt: skip
        assert [one["score"] for one in weighed["findings"]] == [finding["score"]]
        copy = team.shop.path / "shop" / "prices.py"
        line = REPLACED.buggy.rstrip("\n")
        text = copy.read_text("utf-8")
        copy.write_text(text.replace(line, f"{line}  # bugguard: ignore[#12] on purpose"), "utf-8")
        team.shop.git("add", "-A")
        assert bugguard(team.shop, "check", "--index", team.index).code == CLEAN

    def test_one_that_has_no_beginning_yet_changes_nothing_for_the_others(self, team: Team) -> None:
        empty = Repository(team.shop.path.parent / "empty")
        built(team, team.shop, empty)
        fork = Shop.existing(
            Repository.clone(team.shop.path, team.shop.path.parent / "fork").path, team.shop.clock
        )
        fork.git("remote", "set-url", "origin", "git@github.com:me/shop.git")
        fork.stage(fork.undone(REPLACED))
        [finding] = told(fork, team.index)
        assert finding["fix"]["foreign"] is False

    def test_a_commit_is_checked_against_a_fork_s_fixes_too(self, team: Team) -> None:
        fork = Repository.clone(team.shop.path, team.shop.path.parent / "fork")
        fork.git("remote", "set-url", "origin", "git@github.com:me/shop.git")
        fork.clock = team.shop.clock
        fixed = team.shop.read("shop/prices.py").replace(
            'f"{year}-{counter}"', 'f"{year}-{counter:06}"'
        )
        fork.commit({"shop/prices.py": fixed}, "fix: invoice numbers were not sorted right (#90)")
        built(team, team.shop, fork)
        team.shop.clock += 10 * 3600
        team.shop.commit({"shop/prices.py": fixed}, "Number the invoices")
        unpadded = fixed.replace("{counter:06}", "{counter}")
        team.shop.stage({"shop/prices.py": unpadded})
        assert [one["fix"]["subject"][-5:] for one in told(team.shop, team.index)] == ["(#90)"]
        team.shop.git("commit", "-qm", "Simplify the numbers")
        late = told(team.shop, team.index, "--commit", "HEAD")
        assert [one["fix"]["subject"][-5:] for one in late] == ["(#90)"]


def test_tickets_of_one_are_not_quoted_for_another(team: Team, tmp_path: Path) -> None:
    """Both projects have a #12."""
    tickets = ticket_file(tmp_path)
    built(team, team.shop, team.billing)
    shared = {"BUGGUARD_INDEX": str(team.index)}
    assert bugguard(team.billing, "tickets", "import", tickets, **shared).code == CLEAN
    fix = team.shop.text("rev-parse", f"HEAD~{len(FIXES) - 1}")
    assert "Payroll" not in bugguard(team.billing, "show", fix, **shared).out
    own = team.billing.text("rev-parse", "HEAD")
    assert "Payroll of the board" in bugguard(team.billing, "show", own, **shared).out


def test_indexes_without_remotes_merge_to_what_one_build_gives(team: Team, tmp_path: Path) -> None:
    for repository in (team.shop, team.billing):
        repository.git("remote", "remove", "origin")
    built(team, team.shop, output=tmp_path / "a")
    built(team, team.billing, output=tmp_path / "b")
    built(team, team.shop, team.billing)
    done = bugguard(team.shop, "index", "merge", tmp_path / "a", tmp_path / "b",
                    "--output", tmp_path / "merged")  # fmt: skip
    assert done.code == CLEAN, done
    assert (tmp_path / "merged" / "CURRENT").read_text() == (team.index / "CURRENT").read_text()
    team.takes_back()
    [finding] = told(team.billing, tmp_path / "merged")
    assert (finding["fix"]["repository"], finding["fix"]["foreign"]) == ("shop", True)


class TestOptingOut:
    def test_it_is_not_merged_either(self, team: Team, tmp_path: Path) -> None:
        team.billing.write(".bugguard.toml", "[learn]\nshare = false\n")
        built(team, team.shop, output=tmp_path / "a")
        built(team, team.billing, output=tmp_path / "b")
        done = bugguard(team.shop, "index", "merge", tmp_path / "a", tmp_path / "b",
                        "--output", team.index)  # fmt: skip
        assert done.code == USAGE
        assert "is of a repository that is not to be shared (learn.share = false)" in done.complaint
        assert not team.index.exists()

    def test_who_opts_out_later_is_forgotten_by_the_next_update(self, team: Team) -> None:
        built(team, team.shop, team.billing)
        team.billing.write(".bugguard.toml", "[learn]\nshare = false\n")
        both = ("--repo", team.billing.path, "--repo", team.shop.path)
        done = bugguard(team.shop, "index", "update", *both, "--index", team.index)
        assert done.code == CLEAN, done
        info = bugguard(team.shop, "index", "info", "--index", team.index, "--json").json
        assert info["repositories"] == {"github.com/acme/shop": len(FIXES)}
        again = bugguard(team.shop, "index", "update", *both, "--index", team.index)
        assert "(0 read now)" in again.out


def test_merging_leaves_nothing_of_what_stood_there_with_other_tickets(
    team: Team, tmp_path: Path
) -> None:
    built(team, team.billing)
    tickets = ticket_file(tmp_path)
    shared = {"BUGGUARD_INDEX": str(team.index)}
    assert bugguard(team.billing, "tickets", "import", tickets, **shared).code == CLEAN
    assert bugguard(team.billing, "index", "update", **shared).code == CLEAN
    assert any(b"Payroll" in file.read_bytes() for file in team.index.glob("gen-*/fixes.jsonl"))
    built(team, team.shop, output=tmp_path / "a")
    done = bugguard(team.shop, "index", "merge", tmp_path / "a", "--output", team.index)
    assert done.code == CLEAN, done
    assert not any(b"Payroll" in file.read_bytes() for file in team.index.glob("gen-*/fixes.jsonl"))


def test_where_an_index_of_several_cannot_be_and_what_an_update_must_not_lose(
    team: Team, tmp_path: Path
) -> None:
    both = ("--repo", team.shop.path, "--repo", team.billing.path)
    inside = team.shop.path / ".git" / "bugguard"
    done = bugguard(team.shop, "index", "build", *both, "--output", inside)
    assert (done.code, "is one repository's own: give another place" in done.complaint) == (
        USAGE,
        True,
    )
    fork = Repository.clone(team.shop.path, tmp_path / "fork")
    fork.git("remote", "set-url", "origin", "git@github.com:me/shop.git")
    fork.commit({"a.py": "x = 1\n"}, "fix: one more")
    built(team, team.shop, team.billing, fork)
    update = ("index", "update", "--index", team.index)
    done = bugguard(team.shop, *update, *both, "--repo", team.shop.path)
    assert done.code == USAGE
    assert "learned from github.com/me/shop too" in done.complaint
    part = tmp_path / "part"
    bugguard(team.shop, "index", "build", *both, "--shard", "1/2", "--output", part)
    done = bugguard(team.shop, "index", "update", *both, "--index", part)
    assert (done.code, "is shard 1/2 of a whole" in done.complaint) == (USAGE, True)
    info = bugguard(team.shop, "index", "info", "--index", part, "--json").json
    assert (info["shard"], info["current"]) == ("1/2", None)
