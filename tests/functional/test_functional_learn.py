"""``bugguard index build``, ``info``, ``explain`` and ``verify``, and ``bugguard show``."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from program import CLEAN, USAGE, bugguard
from repository import Repository
from shop import GUARD, JAPANESE, REPLACED, Shop

from bugguard import index as store

pytestmark = pytest.mark.functional


def explained(repository: Repository, sha: str) -> str:
    result = bugguard(repository, "index", "explain", sha)
    assert (result.code, result.err) == (CLEAN, "")
    return result.out


def learned(repository: Repository) -> int:
    """How many fixes the index can match after a build."""
    assert bugguard(repository, "index", "build").code == CLEAN
    info = bugguard(repository, "index", "info", "--json").json
    fixes: int = info["fixes"]
    return fixes


@pytest.mark.parametrize("message", [
    "fix(prices): vouchers take too much",
    "Fix crash in the voucher code",
    "割引額の計算の不具合を修正",
    "Handle vouchers with care\n\nFixes: 0123456789ab (\"Add the shop\")",
    "Round rebates\n\nCloses #7",
    "Vouchers, with care (fixes SHOP-12)",
])  # fmt: skip
def test_a_fix_is_learned(tmp_path_factory: pytest.TempPathFactory, message: str) -> None:
    shop = Shop.at(tmp_path_factory.mktemp("fix") / "shop", fixed=False)
    sha = shop.commit(shop.replaced(REPLACED.path, *REPLACED.edits), message)
    assert learned(shop) == 1
    told = explained(shop, sha)
    assert "its message says it is a fix" in told
    assert "shop/prices.py:21: a pattern" in told


@pytest.mark.parametrize(("message", "files"), [
    ("chore: bump version to 1.2.3", {"shop/version.py": "version_number = '1.2.3'\n"}),
    ("Fix the docs of vouchers", {"docs/vouchers.md": "Vouchers are worth money.\n"}),
    ("fix: vouchers are described wrong", {"README.md": "Vouchers are worth money.\n"}),
    ("fix: flaky test of vouchers", {"tests/test_prices.py": "assert voucher_total() == 12\n"}),
    ("fix: crash in the vendored reader", {"vendor/reader/read.c": "int length = wanted;\n"}),
    ("fix: generated code was old", {"api/shop_pb2.py": "DESCRIPTOR = build_the_pool()\n"}),
    ("fix: crash in old browsers", {"web/basket.min.js": "function a(){return window.basket}\n"}),
    ("Add vouchers", {"shop/vouchers.py": "voucher_table = read_vouchers()\n"}),
])  # fmt: skip
def test_no_fix_of_code_is_not_learned(
    tmp_path_factory: pytest.TempPathFactory, message: str, files: dict[str, str]
) -> None:
    shop = Shop.at(tmp_path_factory.mktemp("other") / "shop", fixed=False)
    sha = shop.commit(files, message)
    assert learned(shop) == 0
    told = explained(shop, sha)
    assert "does not say it is a fix" in told or "nothing to learn" in told


@pytest.mark.parametrize("message", ["Fix typo in a name", "Remove the old limit\n\nCloses #12"])
def test_a_lesser_repair_is_remembered(
    tmp_path_factory: pytest.TempPathFactory, message: str
) -> None:
    shop = Shop.at(tmp_path_factory.mktemp("lesser") / "shop", fixed=False)
    sha = shop.commit({"shop/prices.py": "amount_of_everything = 12\n"}, message)
    assert learned(shop) == 1
    assert "remembered all the same" in explained(shop, sha)


def test_a_merge_is_not_learned_but_what_it_brought_is(shop: Shop) -> None:
    shop.git("checkout", "-q", "-b", "topic")
    edit = ('return f"{year}-{counter}"', 'return f"{year:04d}-{counter:06d}"')
    sha = shop.commit(shop.replaced("shop/prices.py", edit), "fix: invoices sorted wrongly")
    shop.git("checkout", "-q", "main")
    shop.commit({"shop/other.py": "other_value = make()\n"}, "Add something else")
    shop.git("merge", "-q", "--no-ff", "-m", "Fix crash: merge topic", "topic")
    assert "a pattern" in explained(shop, sha)
    assert "merge" in explained(shop, "HEAD")
    assert learned(shop) == 5


def test_a_cherry_picked_fix_is_learned_once(shop: Shop) -> None:
    shop.git("checkout", "-q", "-b", "stable", shop.sha("HEAD~4"))
    shop.git("cherry-pick", "-x", "main~3")
    shop.git("checkout", "-q", "main")
    shop.git("merge", "-q", "-s", "ours", "-m", "Merge stable", "stable")
    assert learned(shop) == 4
    picked = shop.sha("stable")
    assert "set aside, duplicate" in explained(shop, picked)


def test_a_formatting_sweep_teaches_nothing(fresh: Shop) -> None:
    wide = fresh.read("shop/prices.py").replace("    ", "\t")
    sha = fresh.commit({"shop/prices.py": wide}, "fix: rebates were wrong")
    assert learned(fresh) == 4
    assert "set aside" in explained(fresh, sha)


REMOTES = {
    "git@github.com:acme/shop.git": "https://github.com/acme/shop/pull/12",
    "https://gitlab.acme.example/web/team/shop.git":
        "https://gitlab.acme.example/web/team/shop/-/issues/12",
    "https://ada@bitbucket.org/acme/shop.git": "https://bitbucket.org/acme/shop/issues/12",
}  # fmt: skip


@pytest.mark.parametrize("remote", REMOTES)
def test_a_ticket_is_linked_by_the_remote(fresh: Shop, remote: str) -> None:
    fresh.git("remote", "add", "origin", remote)
    assert learned(fresh) == 4
    fresh.stage(fresh.undone(REPLACED))
    finding = bugguard(fresh, "check", "--format", "json").json["findings"][0]
    [ticket] = finding["fix"]["tickets"]
    assert (ticket["id"], ticket["url"]) == ("#12", REMOTES[remote])


def test_a_password_in_the_remote_is_never_told(fresh: Shop) -> None:
    fresh.git("remote", "add", "origin", "https://ada:geheim@gitlab.acme.example/web/shop.git")
    assert learned(fresh) == 4
    told = bugguard(fresh, "show", "#12").out
    assert "https://gitlab.acme.example/web/shop/-/issues/12" in told
    assert "geheim" not in told
    folder = fresh.path / ".git" / "bugguard"
    assert not any(b"geheim" in f.read_bytes() for f in folder.rglob("*") if f.is_file())


def test_a_ticket_is_linked_by_a_template(fresh: Shop) -> None:
    config = '[learn]\nticket_url = "https://jira.acme.example/browse/{id}"\n'
    fresh.commit(
        fresh.replaced("shop/prices.py", ('"4.90"', '"5.90"')) | {".bugguard.toml": config},
        "SHOP-99: fix wrong shipping cost at home",
    )
    assert learned(fresh) == 5
    assert "https://jira.acme.example/browse/SHOP-99" in bugguard(fresh, "show", "SHOP-99").out


def test_a_team_says_what_its_fixes_are_called(fresh: Shop) -> None:
    edit = ('"4.90"', '"5.90"')
    sha = fresh.commit(fresh.replaced("shop/prices.py", edit), "HOTFIX shipping")
    fresh.write(".bugguard.toml", '[learn]\nfix_subjects = ["^HOTFIX"]\nexclude = ["^web/"]\n')
    assert learned(fresh) == 4  # one more, and the basket's gone
    assert "configured (HOTFIX)" in explained(fresh, sha)
    assert "excluded" in explained(fresh, "HEAD~1")


def test_since(fresh: Shop) -> None:
    fresh.clock += 365 * 24 * 3600
    fresh.commit(fresh.replaced("shop/prices.py", ('"4.90"', '"5.90"')), "fix: wrong shipping cost")
    assert bugguard(fresh, "index", "build", "--since", "2020-06-01").code == CLEAN
    assert bugguard(fresh, "index", "info", "--json").json["fixes"] == 1
    result = bugguard(fresh, "index", "build", "--since", "gibberish")
    assert result.code == USAGE
    assert "not a date" in result.complaint


def test_flags_that_do_not_last_are_said(fresh: Shop) -> None:
    built = bugguard(fresh, "index", "build", "--since", "2018-01-01", "--branch", "main")
    assert built.code == CLEAN
    assert 'to keep it, set `since = "2018-01-01"` under [learn] in .bugguard.toml' in built.out
    assert 'set `branch = "main"` under [learn]' in built.out
    fresh.write(".bugguard.toml", '[learn]\nsince = "2018-01-01"\n')
    kept = bugguard(fresh, "index", "build", "--since", "2018-01-01")
    assert "to keep it" not in kept.out + bugguard(fresh, "index", "build").out


def test_a_relative_date_does_not_read_everything_at_each_update(fresh: Shop) -> None:
    fresh.write(".bugguard.toml", '[learn]\nsince = "30 years ago"\n')
    assert bugguard(fresh, "index", "build").code == CLEAN
    time.sleep(1.1)  # git's clock is one of seconds
    assert "(0 read now)" in bugguard(fresh, "index", "update").out


def test_info_tells_what_the_index_holds(shop: Shop) -> None:
    told = bugguard(shop, "index", "info", "--json").json
    assert (told["fixes"], told["patterns"], told["commits"]) == (4, 5, 5)
    assert told["heads"] == [shop.sha()]
    assert told["current"] is True
    assert all(re.fullmatch("[a-z_]+", key) for key in told)
    assert (told["set_aside"], told["unread_commits"]) == ({}, 0)
    assert "unread commits  0" in bugguard(shop, "index", "info").out
    assert told["behind"] == {"commits": 0, "fixes": 0, "gone": 0}
    assert "up to date" in bugguard(shop, "index", "info").out


def test_info_tells_how_far_behind_the_index_is(shop: Shop) -> None:
    def told() -> str:
        return bugguard(shop, "index", "info").out.splitlines()[-1]

    shop.commit({"shop/more.py": "more_values = make()\n"}, "Add more")
    assert "1 commit behind, none of them a fix: run `bugguard index update`" in told()
    shop.commit({"shop/more.py": "more_values = make_more()\n"}, "fix: more was wrong")
    assert "2 commits behind, 1 of them a fix" in told()
    json = bugguard(shop, "index", "info", "--json").json
    assert json["current"] is False
    assert json["behind"] == {"commits": 2, "fixes": 1, "gone": 0}
    shop.git("reset", "-q", "--hard", "HEAD~3")
    assert "1 commit of it no longer in the history" in told()


def test_explain_says_why_a_fix_is_not_in_the_index(shop: Shop, tmp_path: Path) -> None:
    source = f"file://{shop.path}"
    clone = Repository.clone(source, tmp_path / "clone", "--depth=2")
    end = clone.sha("HEAD~1")
    assert "run `bugguard index build`" in explained(clone, "HEAD")
    assert bugguard(clone, "index", "build").code == CLEAN
    told = explained(clone, end)
    assert "not in the index: this shallow clone ends at it" in told
    assert "git fetch --deepen=1" in told
    assert "pattern" not in told

    shop.git("checkout", "-q", "-b", "topic")
    sha = shop.commit({"shop/prices.py": "price_of_all = 1\n"}, "fix: prices were wrong")
    assert "run `bugguard index update`" in explained(shop, sha)
    shop.git("checkout", "-q", "main")
    assert "no learned branch has it" in explained(shop, sha)
    assert "index update" not in explained(shop, sha)

    shop.write(".bugguard.toml", '[learn]\nsince = "2030-01-01"\n')
    assert bugguard(shop, "index", "build").code == CLEAN
    assert "older than learn.since" in explained(shop, "HEAD")


def test_verify_reads_every_byte(shop: Shop) -> None:
    assert bugguard(shop, "index", "verify").code == CLEAN
    for file in (shop.path / ".git" / "bugguard").glob("gen-*/*"):
        whole = file.read_bytes()
        middle = len(whole) // 2
        flipped = bytes([whole[middle] ^ 1]) if whole else b"x"
        file.write_bytes(whole[:middle] + flipped + whole[middle + 1 :])
        result = bugguard(shop, "index", "verify")
        assert result.code == USAGE, file
        assert "bugguard index build" in result.complaint
        file.write_bytes(whole)
    assert bugguard(shop, "index", "verify").code == CLEAN


def test_a_hostile_path_is_shown_escaped(shop: Shop, tmp_path: Path) -> None:
    folder = tmp_path / "evil\x1b[2J\u202e"
    assert bugguard(shop, "index", "build", "--index", folder).code == CLEAN
    for command in ("verify", "info"):
        told = bugguard(shop, "index", command, "--index", folder).out
        assert "evil\\x1b[2J\\u202e" in told
        assert "\x1b" not in told


@pytest.mark.parametrize("option", ["--index", "--output"])
def test_an_index_elsewhere(shop: Shop, tmp_path: Path, option: str) -> None:
    place = tmp_path / "elsewhere"
    assert bugguard(shop, "index", "build", option, place).code == CLEAN
    assert bugguard(shop, "index", "verify", "--index", place).code == CLEAN


def test_no_index_in_a_folder_of_other_things(shop: Shop) -> None:
    (shop.path / "tmp-notes").mkdir()
    (shop.path / "tmp-notes" / "today.txt").write_text("precious")
    result = bugguard(shop, "index", "build", "--output", ".")
    assert (result.code, result.out) == (USAGE, "")
    assert "choose a new or an empty folder" in result.complaint
    assert (shop.path / "tmp-notes" / "today.txt").read_text() == "precious"
    assert shop.text("status", "--porcelain") == "?? tmp-notes/"


@pytest.mark.parametrize("name", ["#78", JAPANESE.message, "sha"])
def test_show(shop: Shop, name: str) -> None:
    if name == JAPANESE.message:
        shop.stage(shop.undone(JAPANESE))
        [finding] = bugguard(shop, "check", "--format", "json").json["findings"]
        name = finding["fingerprint"]
    result = bugguard(shop, "show", shop.sha("HEAD")[:8] if name == "sha" else name)
    assert result.code == CLEAN
    assert JAPANESE.message in result.out
    assert "-" + JAPANESE.buggy.rstrip("\n") in result.out.splitlines()
    assert "+" + JAPANESE.fixed.rstrip("\n") in result.out.splitlines()


@pytest.mark.parametrize("name", ["#4711", "abcdef12", "no such thing", "abc", "HEAD; ls"])
def test_show_of_nothing_known(shop: Shop, name: str) -> None:
    result = bugguard(shop, "show", name)
    assert (result.code, result.out) == (USAGE, "")
    assert "no remembered fix" in result.complaint
    assert ("bugguard index explain" in result.complaint) == (name == "abcdef12")


def test_explain_of_no_commit(shop: Shop) -> None:
    result = bugguard(shop, "index", "explain", "nowhere")
    assert result.code == USAGE
    assert "there is no commit 'nowhere'" in result.complaint


def test_a_shallow_clone_says_what_is_missing(shop: Shop, tmp_path: Path) -> None:
    source = f"file://{shop.path}"
    shallow = Repository.clone(source, tmp_path / "shallow", "--depth=3")
    result = bugguard(shallow, "index", "build")
    assert result.code == CLEAN
    assert "git fetch --unshallow" in result.out
    assert "2 past fixes" in result.out
    end = shallow.text("rev-list", "--max-parents=0", "HEAD")
    check = bugguard(shallow, "check", "--commit", end)
    assert check.code == USAGE
    assert "git fetch --deepen" in check.complaint


def test_a_partial_clone_learns_what_is_there(shop: Shop, tmp_path: Path) -> None:
    shop.git("config", "uploadpack.allowFilter", "true")
    source = f"file://{shop.path}"
    partial = Repository.clone(source, tmp_path / "partial", "--filter=blob:none")
    shop.path.rename(tmp_path / "gone")  # whoever asked for more would not get it
    result = bugguard(partial, "index", "build")
    assert result.code == CLEAN, result
    assert "could not read" in result.out


def test_a_missing_object_is_said_and_the_rest_is_learned(fresh: Shop) -> None:
    blob = fresh.text("rev-parse", f"HEAD~3:{GUARD.path}")
    (fresh.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    result = bugguard(fresh, "index", "build")
    assert result.code == CLEAN, result
    assert "could not read" in result.out
    assert 1 <= bugguard(fresh, "index", "info", "--json").json["fixes"] < 4


def _learned_by(shop: Shop, older_by: int) -> None:
    """Rewrites the shop's index as a bugguard with other rules would have written it."""
    folder = shop.path / ".git" / "bugguard"
    knowledge = store.load(folder)
    revision = knowledge.provenance.revision - older_by
    store.write(folder, replace(knowledge, provenance=replace(knowledge.provenance,
                                                              revision=revision)))  # fmt: skip


def test_an_index_of_an_older_bugguards_rules(shop: Shop) -> None:
    """A check refuses it; the hook, in its time, learns anew."""
    _learned_by(shop, older_by=1)
    shop.stage(shop.undone(GUARD))
    refused = bugguard(shop, "check")
    assert (refused.code, refused.out) == (USAGE, "")
    assert "older bugguard: run `bugguard index build`" in refused.complaint
    late = bugguard(shop, "hook", BUGGUARD_HOOK_UPDATE_SECONDS="0")
    assert (late.code, late.out) == (CLEAN, "")
    assert "run `bugguard index build`" in late.complaint
    assert "#34" in bugguard(shop, "hook").out
    assert "#34" in bugguard(shop, "check").out


def test_an_index_of_a_newer_bugguards_rules_is_left_alone(shop: Shop) -> None:
    _learned_by(shop, older_by=-1)
    for command in (["check"], ["hook", "--strict"], ["index", "update"]):
        result = bugguard(shop, *command)
        assert (result.code, result.out) == (USAGE, "")
        assert "newer bugguard: upgrade" in result.complaint
    assert bugguard(shop, "index", "build").code == CLEAN
    assert bugguard(shop, "check").code == CLEAN
