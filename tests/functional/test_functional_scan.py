"""``bugguard scan`` from outside: what a fix forgot is told, and what only looks like it is not."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from contract import assert_report
from program import CLEAN, FINDINGS, USAGE, bugguard, execute
from shop import BASKET, GUARD, JAPANESE, PARSER, REPLACED, Shop, voucher
from told import NUMBERS

pytestmark = pytest.mark.functional


def scanned(shop: Shop, *arguments: str | Path, cwd: Path | None = None) -> Any:
    result = bugguard(shop, "scan", "--format", "json", *arguments, cwd=cwd)
    assert result.code in (CLEAN, FINDINGS), result
    assert_report(result.json)
    assert (result.code == FINDINGS) == bool(result.json["findings"])
    return result.json


def told(shop: Shop, *arguments: str | Path) -> list[tuple[str, int, str]]:
    findings = scanned(shop, *arguments)["findings"]
    assert all(one["rule"] == "BG003" for one in findings)
    return [(one["path"], one["line"], one["fix"]["tickets"][0]["id"]) for one in findings]


PLACE = ("shop/gifts.py", 6, "#12")


def test_the_forgotten_place_is_told_with_the_fix(forgotten: Shop) -> None:
    report = scanned(forgotten, ".")
    [finding] = report["findings"]
    assert (finding["path"], finding["line"], finding["fix"]["tickets"][0]["id"]) == PLACE
    assert finding["yours"] == ["+" + REPLACED.buggy.rstrip("\n")]
    assert report["stats"]["files"] == 5
    text = bugguard(forgotten, "scan", ".")
    assert text.code == FINDINGS
    assert "shop/gifts.py:6  BG003 never got a fix made elsewhere" in text.out
    assert "1 finding in 5 files, checked against 4 past fixes" in text.out


def test_a_shop_that_forgot_nothing_is_clean(shop: Shop) -> None:
    assert told(shop, ".") == []
    assert "0 findings in 4 files" in bugguard(shop, "scan", ".").out


Twin = Callable[[str], dict[str, str | None]]

TWINS: dict[str, Twin] = {
    "it got the fix": lambda gifts: {
        "shop/gifts.py": gifts.replace(REPLACED.buggy, REPLACED.fixed)
    },
    "under other names": lambda gifts: {
        "shop/gifts.py": gifts.replace(REPLACED.buggy, REPLACED.fixed)
        .replace("rebate", "discount")
        .replace("voucher", "gift")
    },
    "it got it and moved": lambda gifts: {
        "shop/gifts.py": None,
        "shop/more/presents.py": gifts.replace(REPLACED.buggy, REPLACED.fixed),
    },
    "only what stood around": lambda gifts: {"shop/gifts.py": gifts.replace(REPLACED.buggy, "")},
    "a test": lambda gifts: {"shop/gifts.py": None, "tests/test_gifts.py": gifts},
    "vendored": lambda gifts: {"shop/gifts.py": None, "vendor/gifts.py": gifts},
    "a comment": lambda gifts: {
        "shop/gifts.py": "".join(f"# {line}\n" for line in gifts.splitlines())
    },
}


@pytest.mark.parametrize("twin", TWINS)
def test_its_twin_is_silent(forgotten: Shop, twin: str) -> None:
    forgotten.stage(TWINS[twin](forgotten.read("shop/gifts.py")))
    assert told(forgotten, ".") == []


def test_a_place_is_told_where_it_has_moved_to(forgotten: Shop) -> None:
    gifts = forgotten.read("shop/gifts.py")
    forgotten.stage({"shop/gifts.py": None, "shop/presents.py": f"\n{gifts}"})
    assert told(forgotten, ".") == [("shop/presents.py", 7, "#12")]


def test_what_is_in_the_work_tree_counts_and_only_what_git_tracks(forgotten: Shop) -> None:
    gifts = forgotten.read("shop/gifts.py")
    forgotten.write("shop/gifts.py", gifts.replace(REPLACED.buggy, REPLACED.fixed))
    forgotten.write("shop/untracked.py", gifts)
    assert told(forgotten, ".") == []
    assert told(forgotten, ".", "--commit", "HEAD") == [PLACE]
    forgotten.stage({"shop/untracked.py": gifts})
    assert told(forgotten, ".") == [("shop/untracked.py", *PLACE[1:])]


def test_paths_choose(forgotten: Shop) -> None:
    assert told(forgotten, "shop") == told(forgotten, "shop/gifts.py", "web") == [PLACE]
    assert told(forgotten, "web", "src") == []
    below = bugguard(forgotten, "scan", "gifts.py", cwd=forgotten.path / "shop")
    assert below.code == FINDINGS
    assert "shop/gifts.py:6" in below.out


def test_a_directive_silences_it(forgotten: Shop) -> None:
    gifts = forgotten.read("shop/gifts.py")
    rebate = REPLACED.buggy.rstrip("\n")
    silenced = gifts.replace(rebate, f"{rebate}  # bugguard: ignore[#12] gifts have no amount")
    forgotten.write("shop/gifts.py", silenced)
    report = scanned(forgotten, ".")
    assert (report["findings"], report["stats"]["suppressed"]) == ([], 1)
    forgotten.write("shop/gifts.py", silenced.replace("#12", "#13"))
    assert told(forgotten, ".") == [PLACE]
    forgotten.write("shop/gifts.py", silenced.replace(" gifts have no amount", ""))
    result = bugguard(forgotten, "scan", ".")
    assert result.code == USAGE
    assert result.complaint.startswith("shop/gifts.py:6: the reason is missing")


def test_threshold_candidates_exit_zero_and_output(forgotten: Shop) -> None:
    report = scanned(forgotten, ".", "--threshold", "0.99", "--candidates", "5")
    assert report["findings"] == []
    assert [one["path"] for one in report["candidates"]] == ["shop/gifts.py"]
    result = bugguard(forgotten, "scan", ".", "--exit-zero", "--output", "report.txt")
    assert (result.code, result.out) == (CLEAN, "")
    assert "BG003" in forgotten.read("report.txt")
    assert "stands elsewhere, without the fix" in bugguard(forgotten, "scan", ".", "--why").out
    assert bugguard(forgotten, "scan", ".", "--threshold", "7").code == USAGE


def test_a_commit_is_scanned_with_what_was_known_then(forgotten: Shop) -> None:
    fix = forgotten.text("log", "--format=%H", "--grep=vouchers took")
    assert told(forgotten, ".", "--commit", fix) == [PLACE]
    assert told(forgotten, ".", "--commit", f"{fix}~1") == []


def test_a_bare_repository(forgotten: Shop, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    forgotten.git("clone", "--quiet", "--bare", ".", str(bare))
    index = forgotten.path / ".git/bugguard"
    assert told(forgotten, "shop", "--repo", bare, "--index", index) == [PLACE]
    assert told(forgotten, "web", "--repo", bare, "--index", index) == []


def test_a_folder_outside_of_git(forgotten: Shop, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    (outside / "lib").mkdir(parents=True)
    (outside / "lib" / "gifts.py").write_text(forgotten.read("shop/gifts.py"))
    (outside / "lib" / "prices.py").write_text(forgotten.read("shop/prices.py"))
    assert told(forgotten, outside) == [("lib/gifts.py", *PLACE[1:])]
    alone = ("scan", ".", "--index", forgotten.path / ".git/bugguard", "--format", "json")
    result = bugguard(forgotten, *alone, cwd=outside, GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert result.code == FINDINGS, result
    assert [one["path"] for one in result.json["findings"]] == ["lib/gifts.py"]
    assert not (outside / ".git").exists()
    lost = bugguard(forgotten, "scan", ".", cwd=outside, GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert lost.code == USAGE
    assert "is not in a git repository" in lost.complaint


def test_what_is_named_wrongly(forgotten: Shop, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (forgotten.path / "out").symlink_to(outside)
    (forgotten.path / "loop").symlink_to("loop")
    os.mkfifo(forgotten.path / "pipe")
    (forgotten.path / "new.py").write_text("x = 1\n")
    for path, words in {
        "nowhere.py": "there is no file or folder nowhere.py",
        "shop/../../outside/nowhere": "there is no file or folder",
        "out": "leads out of the repository",
        "loop": "is neither a file nor a folder",
        "pipe": "is neither a file nor a folder",
        "new.py": "git tracks no file below new.py",
        "a\0b": "",
    }.items():
        if "\0" in path:
            continue
        result = bugguard(forgotten, "scan", path)
        assert result.code == USAGE, result
        assert words in result.complaint
    two = bugguard(forgotten, "scan", outside, "shop")
    assert two.code == USAGE
    assert "by itself" in two.complaint
    assert bugguard(forgotten, "scan").code == USAGE
    assert bugguard(forgotten, "scan", ".", "--commit", "nonsense").code == USAGE


def test_without_an_index(fresh: Shop) -> None:
    result = bugguard(fresh, "scan", ".")
    assert result.code == USAGE
    assert "bugguard index build" in result.complaint


def test_odd_files_are_passed_over_with_a_reason(forgotten: Shop, tmp_path: Path) -> None:
    gifts = forgotten.read("shop/gifts.py")
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "stolen.py").write_text(gifts)
    odd: dict[str, str | bytes] = {
        f"odd/{name}.py": gifts
        for name in ("stolen", "link", "fifo", "gone", "folder", "dir/stolen", "unreadable")
    }
    odd["odd/huge.py"] = gifts + "x = 1\n" * 200_000
    odd["odd/binary.py"] = gifts.encode() + b"\0"
    odd["odd/latin.py"] = b"# caf\xe9\r\n" + gifts.replace("\n", "\r\n").encode()
    odd["odd/a \n\x1b[31m\"b'.py"] = gifts
    forgotten.stage(odd)
    root = forgotten.path / "odd"
    for name in ("stolen", "link", "fifo", "gone", "folder"):
        (root / f"{name}.py").unlink()
    (root / "stolen.py").symlink_to(secret / "stolen.py")
    (root / "link.py").symlink_to("link.py")
    os.mkfifo(root / "fifo.py")
    (root / "folder.py").mkdir()
    shutil.rmtree(root / "dir")
    (root / "dir").symlink_to(secret)
    (root / "unreadable.py").chmod(0)
    report = scanned(forgotten, ".")
    reasons = {one["path"]: one["reason"] for one in report["stats"]["skipped"]}
    expected = {
        "odd/stolen.py": "symbolic link",
        "odd/link.py": "symbolic link",
        "odd/dir/stolen.py": "symbolic link",
        "odd/fifo.py": "no regular file",
        "odd/folder.py": "no regular file",
        "odd/gone.py": "not there",
        "odd/huge.py": "too large",
        "odd/binary.py": "binary",
    }
    found = {one["path"] for one in report["findings"]}
    if os.geteuid():
        expected["odd/unreadable.py"] = "unreadable"
    else:
        found.discard("odd/unreadable.py")
    assert {path: reasons.get(path) for path in expected} == expected
    assert {"shop/gifts.py", "odd/latin.py"} < found
    assert len(found) == 3
    assert "\x1b" not in bugguard(forgotten, "scan", ".").out


def test_links_and_submodules_are_never_followed(forgotten: Shop, tmp_path: Path) -> None:
    other = Shop.at(tmp_path / "other", fixed=False)
    other.commit({"gifts.py": voucher("apply_gift", fixed=False)}, "Add gifts")
    forgotten.git("rm", "-q", "shop/gifts.py")
    add = (
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        str(other.path),
        "sub",
    )
    forgotten.git(*add)
    (forgotten.path / "linked").symlink_to(other.path)
    forgotten.git("add", "linked")
    report = scanned(forgotten, ".")
    assert report["findings"] == []
    skipped = {one["path"]: one["reason"] for one in report["stats"]["skipped"]}
    assert (skipped["sub"], skipped["linked"]) == ("submodule", "symbolic link")
    outside = tmp_path / "folder"
    outside.mkdir()
    (outside / "linked").symlink_to(other.path)
    (outside / "self").symlink_to(outside)
    assert scanned(forgotten, outside)["stats"]["files"] == 0


def cached(shop: Shop) -> Path:
    return shop.path / ".git" / "bugguard-scan" / "scanned.json"


def test_the_cache_changes_nothing_but_what_is_looked_at(forgotten: Shop) -> None:
    assert told(forgotten, ".", "--no-cache") == [PLACE]
    assert not cached(forgotten).exists()
    first = scanned(forgotten, ".")
    mark = cached(forgotten).stat().st_mtime_ns
    again = scanned(forgotten, ".")
    assert again["findings"] == first["findings"]
    assert cached(forgotten).stat().st_mtime_ns == mark
    gifts = forgotten.read("shop/gifts.py")
    forgotten.write("shop/gifts.py", gifts.replace(REPLACED.buggy, REPLACED.fixed))
    assert told(forgotten, ".") == []
    forgotten.write("shop/gifts.py", "\n\n" + gifts)
    assert told(forgotten, ".") == [("shop/gifts.py", PLACE[1] + 2, "#12")]


def test_what_a_newer_index_knows_is_found_in_files_that_did_not_change(tmp_path: Path) -> None:
    shop = Shop.at(tmp_path / "shop", fixed=False)
    shop.commit({"shop/gifts.py": voucher("apply_gift", fixed=False)}, "Add gifts")
    shop.fix(GUARD)
    assert bugguard(shop, "index", "build").code == CLEAN
    assert told(shop, ".") == []
    shop.fix(REPLACED)
    assert bugguard(shop, "index", "update").code == CLEAN
    assert [path for path, _, _ in told(shop, ".")] == ["shop/gifts.py"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[" * 100_000, b"null", b'{"form":1,"basis":7,"files":[]}', b"\xff\xfe\0", None],
)
def test_a_damaged_cache_is_none(forgotten: Shop, content: bytes | None) -> None:
    assert told(forgotten, ".") == [PLACE]
    cached(forgotten).unlink()
    if content is None:
        cached(forgotten).mkdir()
    else:
        cached(forgotten).write_bytes(content)
    assert told(forgotten, ".") == [PLACE]


def test_a_cache_that_lies_makes_nothing_up(shop: Shop) -> None:
    assert told(shop, ".") == []
    text = cached(shop).read_text()
    for spot in ("[0,0,5]", "[1,2,4]", "[99999999,0,3]", "[2,1000000,1000009]", '["x",0,1]'):
        cached(shop).write_text(text.replace("[]", f"[{spot}]"))
        assert told(shop, ".") == []


def test_a_cache_that_cannot_be_written_is_done_without(forgotten: Shop) -> None:
    cached(forgotten).parent.write_text("a file where the folder would be")
    assert told(forgotten, ".") == [PLACE]


def test_ten_thousand_files_in_bounded_memory(forgotten: Shop) -> None:
    text = "\n".join(f"value_{n} = compute_the_value({n}, offset)" for n in range(40))
    for n in range(10_000):
        folder = forgotten.path / "many" / f"d{n % 100}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"f{n}.py").write_text(f"{text}\nnumber = {n}\n")
    forgotten.git("add", "--all", "many")
    command = ["sh", "-c", "ulimit -v 1500000; exec bugguard scan . --format json"]
    result = execute(forgotten, command)
    assert result.code == FINDINGS, result.err
    assert result.json["stats"]["files"] == 10_005
    assert [one["path"] for one in result.json["findings"]] == ["shop/gifts.py"]


def test_a_file_that_changes_meanwhile(forgotten: Shop) -> None:
    busy = forgotten.path / "shop" / "gifts.py"
    script = 'while [ -e "$0" ]; do cp "$0" "$0.new"; mv "$0.new" "$0"; done'
    with subprocess.Popen(["sh", "-c", script, str(busy)], stderr=subprocess.DEVNULL) as writer:
        try:
            for _ in range(3):
                assert told(forgotten, ".", "--no-cache") in ([PLACE], [])
        finally:
            writer.kill()
    assert stat.S_ISREG(busy.stat().st_mode)


def test_other_languages_are_read_as_such(forgotten: Shop) -> None:
    """A guard in C and an expression in JavaScript, each forgotten beside its fix."""
    assert NUMBERS[GUARD] == "#34"
    start, end = PARSER.index("int parse_header"), PARSER.index("int parse_trailer")
    body = PARSER[start:end].replace("parse_header", "parse_frame")
    guarded = body.replace(GUARD.buggy, GUARD.fixed)
    basket = BASKET.replace("class Basket", "class WishList")
    repaired = basket.replace(JAPANESE.buggy, JAPANESE.fixed)
    forgotten.stage({"src/frame.c": guarded, "web/wishes.js": repaired})
    assert told(forgotten, "src", "web") == []
    forgotten.stage({"src/frame.c": body, "web/wishes.js": basket})
    assert [one[2] for one in told(forgotten, "src", "web")] == ["#34", "#78"]
