"""What is learned survives whatever happens to the learner; damage is said, not believed."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from program import (
    CLEAN,
    FINDINGS,
    INTERRUPTED,
    PROGRAM,
    USAGE,
    bugguard,
    environment,
    files_of,
    index_files,
)  # fmt: skip
from repository import Entry
from shop import GUARD, REPLACED, Shop

pytestmark = pytest.mark.functional


def start(shop: Shop, *arguments: str, **variables: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [PROGRAM, *arguments], cwd=shop.path, env=environment(shop) | variables,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip


def lengthen(shop: Shop, commits: int) -> None:
    """More history, with a fix in every other commit."""

    def change(number: int) -> tuple[bytes, dict[bytes, Entry | bytes | None]]:
        lines = [f"value_{n} = make_value({n + number * (n % 7 == 0)})\n" for n in range(60)]
        kind = b"fix: wrong values" if number % 2 else b"Change values"
        return kind, {b"shop/values.py": "".join(lines).encode()}

    shop.load([change(number) for number in range(commits)])
    shop.git("reset", "-q", "--hard")


def folder(shop: Shop) -> Path:
    return shop.path / ".git" / "bugguard"


def seconds_of_a_build(shop: Shop) -> float:
    """How long it takes here, tried in another folder."""
    started = time.monotonic()
    assert bugguard(shop, "index", "build", "--output", shop.path.parent / "timing").code == CLEAN
    return time.monotonic() - started


@pytest.mark.parametrize("deadly", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_build_that_is_ended_leaves_the_index_whole(shop: Shop, deadly: signal.Signals) -> None:
    """Ended at several moments: while reading, refining and writing."""
    before = index_files(shop)
    lengthen(shop, 1500)
    whole = seconds_of_a_build(shop)
    finished = files_of(shop.path.parent / "timing")
    codes = []
    for share in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        process = start(shop, "index", "build")
        time.sleep(share * whole)
        process.send_signal(deadly)
        out, err = process.communicate(timeout=60)
        assert b"Traceback" not in err
        assert bugguard(shop, "index", "verify").code == CLEAN
        if process.returncode == CLEAN:
            break  # it was quicker this time
        codes.append(process.returncode)
        if deadly is signal.SIGINT:
            assert (out, err) == (b"", b"bugguard: interrupted\n")
        if index_files(shop) == finished:
            break  # it had all written, and was about to say so
        assert index_files(shop) == before
    assert codes
    assert set(codes) == {INTERRUPTED if deadly is signal.SIGINT else -deadly}
    assert bugguard(shop, "index", "build").code == CLEAN
    left = {path.name for path in folder(shop).iterdir()}
    assert not any(name.startswith("tmp-") for name in left), left


def test_two_builds_at_once_give_one_index(shop: Shop) -> None:
    lengthen(shop, 200)
    both = [start(shop, "index", "build") for _ in range(2)]
    for process in both:
        _, err = process.communicate(timeout=120)
        assert (process.returncode, err) == (CLEAN, b"")
    together = index_files(shop)
    shutil.rmtree(folder(shop))
    assert bugguard(shop, "index", "build").code == CLEAN
    assert index_files(shop) == together


def test_checks_go_on_while_builds_replace_the_index(shop: Shop) -> None:
    shop.stage(shop.undone(REPLACED))
    stop = time.monotonic() + 6
    builder = start(shop, "index", "build")
    checks = 0
    while time.monotonic() < stop or checks < 3:
        if builder.poll() is not None:
            builder.communicate()
            # Another history every time, so that another generation is written every time.
            shop.git("commit", "-q", "--allow-empty", "-m", f"Turn {checks}", "--only")
            shop.clock += 3600
            builder = start(shop, "index", "build")
        result = bugguard(shop, "check")
        assert (result.code, result.err) == (FINDINGS, "")
        checks += 1
    builder.communicate(timeout=60)


def test_a_full_disk_is_one_sentence_and_loses_nothing(shop: Shop) -> None:
    before = index_files(shop)
    lengthen(shop, 300)

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = subprocess.run(
        [PROGRAM, "index", "build"], cwd=shop.path, env=environment(shop),
        capture_output=True, text=True, check=False, preexec_fn=limit,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert done.stderr.startswith("bugguard: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert index_files(shop) == before
    assert bugguard(shop, "index", "verify").code == CLEAN


def test_a_report_for_which_there_is_no_room(shop: Shop) -> None:
    shop.stage(shop.undone(REPLACED))
    shop.write("report.json", "old")

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    done = subprocess.run(
        [PROGRAM, "check", "--format", "json", "--output", "report.json"], cwd=shop.path,
        env=environment(shop), capture_output=True, text=True, check=False, preexec_fn=limit,
    )  # fmt: skip
    assert done.returncode == USAGE
    assert "report.json" in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert shop.read("report.json") == "old"
    assert {p.name for p in shop.path.iterdir()} == {".git", "shop", "src", "web", "report.json"}


def truncated(shop: Shop) -> None:
    for file in folder(shop).glob("gen-*/patterns.jsonl"):
        os.truncate(file, 10)


def tampered(shop: Shop) -> None:
    for file in folder(shop).glob("gen-*/manifest.json"):
        file.write_bytes(file.read_bytes().replace(b'"static"', b'"statis"'))


def garbled(shop: Shop) -> None:
    (folder(shop) / "CURRENT").write_bytes(b"\xff\0../../../etc/passwd\n")


def half(shop: Shop) -> None:
    for file in folder(shop).glob("gen-*/*.npy"):
        file.unlink()


def a_link(shop: Shop) -> None:
    [generation] = folder(shop).glob("gen-*")
    moved = generation.rename(shop.path.parent / "elsewhere")
    generation.symlink_to(moved)


DAMAGE = (truncated, tampered, garbled, half, a_link)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_index_is_refused(shop: Shop, damage: object) -> None:
    assert callable(damage)
    shop.stage(shop.undone(REPLACED))
    damage(shop)
    for command in (["check"], ["index", "info"], ["index", "verify"], ["show", "#12"]):
        result = bugguard(shop, *command)
        assert (result.code, result.out) == (USAGE, ""), command
        assert "run `bugguard index build`" in result.complaint
    assert bugguard(shop, "index", "build").code == CLEAN
    assert bugguard(shop, "check").code == FINDINGS


@pytest.mark.parametrize("damage", DAMAGE)
def test_the_hook_builds_its_own_damaged_index_anew(shop: Shop, damage: object) -> None:
    assert callable(damage)
    shop.stage(shop.undone(REPLACED))
    damage(shop)
    result = bugguard(shop, "hook")
    assert result.code == FINDINGS
    assert "#12" in result.out
    assert bugguard(shop, "index", "verify").code == CLEAN


def test_the_hook_never_changes_an_index_that_is_shared(shop: Shop) -> None:
    folder(shop).rename(shop.path / "learned")
    shop.stage(shop.undone(REPLACED))
    shop.write(".bugguard.toml", 'index = "learned"\n')
    assert bugguard(shop, "hook").code == FINDINGS
    for file in (shop.path / "learned").glob("gen-*/*.npy"):
        file.unlink()
    result = bugguard(shop, "hook")
    assert (result.code, result.out) == (CLEAN, "")
    assert result.complaint.endswith("this commit was not checked")
    strict = bugguard(shop, "hook", "--strict")
    assert (strict.code, strict.out) == (USAGE, "")
    assert "run `bugguard index build`" in strict.complaint


def newer(shop: Shop) -> None:
    """As a later bugguard with another format would leave it."""
    [generation] = folder(shop).glob("gen-*")
    manifest = json.loads((generation / "manifest.json").read_text("utf-8"))
    manifest["schema"] = manifest["schema"] + 1
    text = json.dumps(manifest).encode()
    (generation / "manifest.json").write_bytes(text)
    digest = hashlib.sha256(text).hexdigest()
    renamed = generation.rename(generation.with_name(f"gen-{digest[:16]}"))
    (folder(shop) / "CURRENT").write_text(f"{renamed.name} {digest}\n")


def test_an_index_of_a_newer_bugguard_is_said_and_kept(shop: Shop) -> None:
    shop.stage(shop.undone(REPLACED))
    newer(shop)
    before = index_files(shop)
    check = bugguard(shop, "check")
    assert (check.code, check.out) == (USAGE, "")
    assert "written by a newer bugguard" in check.complaint
    update = bugguard(shop, "index", "update")
    assert (update.code, update.out) == (USAGE, "")
    hook = bugguard(shop, "hook")
    assert (hook.code, hook.out) == (CLEAN, "")
    assert hook.complaint.endswith("this commit was not checked")
    assert bugguard(shop, "hook", "--strict").code == USAGE
    assert index_files(shop) == before


FAKE_HUB = """
import os
def snapshot_download(name, **options):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(f"{name} offline={os.environ.get('HF_HUB_OFFLINE')}\\n")
    raise FileNotFoundError(name)
"""


def test_only_learning_downloads_a_model(shop: Shop, tmp_path: Path) -> None:
    """The repository names it, and nobody asked for more than a check."""
    (tmp_path / "huggingface_hub.py").write_text(FAKE_HUB)
    notes = tmp_path / "notes"
    variables = {"PYTHONPATH": str(tmp_path), "NOTES": str(notes)}
    shop.commit(shop.undone(GUARD) | {".bugguard.toml": 'encoder = "acme/model"\n'}, "fix: wrong")
    shop.stage(shop.undone(REPLACED))
    for command, offline in ((["check"], "1"), (["hook"], "1"), (["index", "build"], "None")):
        notes.write_text("")
        bugguard(shop, *command, **variables)
        told = set(notes.read_text().splitlines())
        assert told == {f"acme/model offline={offline}"}, command
