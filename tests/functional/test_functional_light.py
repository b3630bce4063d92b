"""What a commit pays for: nothing heavy is imported, and git is started a few times only."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from program import CLEAN, FINDINGS, bugguard, environment, execute
from shop import REPLACED, Shop

pytestmark = pytest.mark.functional

HEAVY = ("torch", "sentence_transformers", "transformers", "git", "pydantic", "openai", "rich",
         "huggingface_hub", "tomlkit", "requests", "filelock", "unittest", "multiprocessing",
         "bugguard.pipeline.learn", "bugguard.pipeline.refresh", "bugguard.history.fixes",
         "bugguard.history.repository", "sqlite3", "bugguard.tickets", "psycopg",
         "pgvector", "bugguard.index.postgres", "bugguard.pipeline.tickets", "mcp", "anyio",
         "bugguard.agents", "bugguard.pipeline.search", "jinja2")  # fmt: skip

#: Runs the command line as the installed script does, then tells what was imported.
PROBE = """
import sys
from bugguard.cli import run
code = run(sys.argv[1:])
print("\\n".join(sorted(sys.modules)), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize("undone", [True, False])
@pytest.mark.parametrize("command", [["hook"], ["check"], ["--version"], ["--help"]])
def test_no_heavy_import(shop: Shop, command: list[str], undone: bool) -> None:
    if undone:
        shop.stage(shop.undone(REPLACED))
    result = execute(shop, [sys.executable, "-c", PROBE, *command])
    found = undone and not command[0].startswith("-")
    assert result.code == (FINDINGS if found else CLEAN), result
    imported = set(result.err.splitlines())
    assert "bugguard.cli" in imported
    assert imported.isdisjoint(HEAVY), imported & set(HEAVY)
    if command[0].startswith("-"):
        assert "numpy" not in imported


@pytest.mark.parametrize("judge", ["off", "auto"])
def test_a_scan_loads_a_judge_only_where_one_is_wanted(shop: Shop, judge: str) -> None:
    told = ["scan", ".", "--judge", judge]
    result = execute(shop, [sys.executable, "-c", PROBE, *told])
    assert result.code == CLEAN, result
    imported = set(result.err.splitlines())
    assert "bugguard.pipeline.scan" in imported
    assert imported.isdisjoint(HEAVY), "nothing is to be judged, so nobody is asked"
    judges = {name for name in imported if "judge" in name.split(".") or name.endswith("judging")}
    assert judges == ({"bugguard.domain.judging"} if judge == "off" else judges)
    assert ("bugguard.judge.sections" in judges) == (judge == "auto")


@pytest.fixture
def counted(shop: Shop, tmp_path: Path) -> tuple[dict[str, str], Path]:
    """Variables that put a git before the real one, and where it notes each start."""
    notes, folder = tmp_path / "starts", tmp_path / "bin"
    folder.mkdir()
    path = environment(shop)["PATH"]
    wrapper = folder / "git"
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> "{notes}"\nPATH="{path}" exec git "$@"\n')
    wrapper.chmod(0o755)
    return {"PATH": f"{folder}:{path}"}, notes


@pytest.mark.parametrize("staged", ["nothing", "an undone fix", "other work"])
def test_the_hook_starts_git_six_times_at_most(
    shop: Shop, counted: tuple[dict[str, str], Path], staged: str
) -> None:
    variables, notes = counted
    if staged == "an undone fix":
        shop.stage(shop.undone(REPLACED))
    if staged == "other work":
        shop.stage({f"shop/new_{n}.py": f"new_value = make_new({n})\n" for n in range(20)})
    result = bugguard(shop, "hook", **variables)
    assert result.code == (FINDINGS if staged == "an undone fix" else CLEAN)
    starts = notes.read_text().splitlines()
    assert 1 <= len(starts) <= 6, "\n".join(starts)


def test_what_was_decided_costs_one_start_more(
    shop: Shop, counted: tuple[dict[str, str], Path]
) -> None:
    """Whether a baseline is this repository's own; votes need no git at all."""
    variables, notes = counted
    shop.stage(shop.undone(REPLACED))
    assert bugguard(shop, "hook", **variables).code == FINDINGS
    without = notes.read_text().splitlines()
    created = bugguard(shop, "baseline", "create", "--staged")
    assert created.code == CLEAN, created
    [known] = [one for one in json.loads(shop.read(".bugguard-baseline.json"))["findings"] if one]
    assert bugguard(shop, "feedback", known["fingerprint"], "useful").code == CLEAN
    notes.unlink()
    assert bugguard(shop, "hook", **variables).code == CLEAN
    assert len(notes.read_text().splitlines()) == len(without) + 1


def test_nothing_is_loaded_for_what_was_never_decided(shop: Shop) -> None:
    shop.stage(shop.undone(REPLACED))
    result = execute(shop, [sys.executable, "-c", PROBE, "hook"])
    imported = set(result.err.splitlines())
    assert "bugguard.triage.suppression" in imported
    assert imported.isdisjoint({"bugguard.triage.baseline", "bugguard.triage.votes"})


def test_the_hook_of_a_commit_starts_git_ten_times_at_most(
    shop: Shop, counted: tuple[dict[str, str], Path]
) -> None:
    """Within a commit it also asks whether this is an amended one, and what came since."""
    variables, notes = counted
    shop.commit({"shop/more.py": "more_values = make_more(1)\n"}, "Add more")
    shop.stage({"shop/most.py": "most_values = make_most(1)\n"})
    # What git tells its hooks; a real one would have its own git first on the PATH.
    told = {"GIT_INDEX_FILE": ".git/index", "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_DATE": "@9 +0000",
            "GIT_AUTHOR_EMAIL": "ada@example.org"}  # fmt: skip
    assert bugguard(shop, "hook", **variables, **told).code == CLEAN
    starts = notes.read_text().splitlines()
    assert 1 <= len(starts) <= 10, "\n".join(starts)


def test_a_refusal_to_update_costs_little(shop: Shop, counted: tuple[dict[str, str], Path]) -> None:
    """A thousand fixes came: nothing is loaded and none of them is read to see that."""
    (_, notes), variables = counted, {"BUGGUARD_HOOK_UPDATE_SECONDS": "1"} | counted[0]
    shop.load((b"fix: wrong", {b"fixes.py": b"number = %d\n" % n}) for n in range(1_000))
    shop.git("reset", "-q")
    result = execute(shop, [sys.executable, "-c", PROBE, "hook"], **variables)
    assert result.code == CLEAN
    assert "run `bugguard index update`" in result.err
    assert set(result.err.splitlines()).isdisjoint(HEAVY)
    starts = notes.read_text().splitlines()
    assert len(starts) <= 10
    assert not any(" log " in start for start in starts), "\n".join(starts)


def test_the_hook_uses_no_network(shop: Shop) -> None:
    """A socket would have to be made by Python: in this process none can be."""
    probe = "import socket\nsocket.socket = None\n" + PROBE
    shop.stage(shop.undone(REPLACED))
    assert execute(shop, [sys.executable, "-c", probe, "hook"]).code == FINDINGS
