"""``bugguard eval --calibrate``: a threshold that fits, written with its evidence, or a refusal."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from program import CLEAN, USAGE, bugguard
from repository import Repository

pytestmark = pytest.mark.functional

FIXES, ORDINARY = 24, 210
_NAMES = ("alpha", "bravo", "delta", "gamma", "kappa", "omega")


def _line(number: int, what: str) -> bytes:
    name = f"{_NAMES[number % len(_NAMES)]}_{number}"
    return f"    return {what}_{name}(order.{name}, limit_{name})\n".encode()


def _module(number: int, *lines: bytes) -> bytes:
    head = f"def compute_{number}(order):\n    check_order_{number}(order)\n".encode()
    return head + b"".join(lines)


@pytest.fixture(scope="session")
def _history(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Fixes, then ordinary commits, of which the last three take a fix back each."""
    repository = Repository(tmp_path_factory.mktemp("calibrate") / "r")
    buggy = {f"m{n}.py".encode(): _module(n, _line(n, "unchecked")) for n in range(FIXES)}
    fixed = [(f"m{n}.py".encode(), _module(n, _line(n, "limited"))) for n in range(FIXES)]
    commits: list[tuple[bytes, dict[bytes, bytes]]] = [(b"Start", buggy)]
    commits += [(b"fix: order %d exceeded its limit" % n, {name: text})
                for n, (name, text) in enumerate(fixed)]  # fmt: skip
    commits += [(b"Add page %d" % n, {b"page%d.py" % n: b"title = 'page number %d'\n" % n})
                for n in range(ORDINARY - 3)]  # fmt: skip
    commits += [(b"Tidy module %d" % n, {b"m%d.py" % n: buggy[b"m%d.py" % n]}) for n in range(3)]
    repository.load(commits)  # type: ignore[arg-type]
    repository.git("checkout", "--quiet", "--force", "main")
    assert bugguard(repository, "index", "build").code == CLEAN
    return repository


@pytest.fixture
def history(_history: Repository, tmp_path: Path) -> Repository:
    shutil.copytree(_history.path, tmp_path / "r", symlinks=True)
    return Repository._at(tmp_path / "r")


def calibrate(repository: Repository, *options: str) -> str:
    result = bugguard(repository, "eval", "--calibrate", *options)
    assert result.code == CLEAN, result
    assert len(result.out.splitlines()) == 2
    return result.out


def test_it_is_written_with_its_evidence(history: Repository) -> None:
    out = calibrate(history, "--rate", "0.01", "--last", "210")
    config = (history.path / ".bugguard.toml").read_text()
    found = re.fullmatch(
        r"\[check\]\nthreshold = (0\.\d+) # bugguard eval --calibrate, \d{4}-\d\d-\d\d: "
        rf"([0-2]) of 210 ordinary commits up to {history.sha()[:8]} alert\n",
        config,
    )
    assert found, config
    assert f"threshold {found[1]} instead of" in out
    assert "wrote it into .bugguard.toml" in out
    # From then on it is the threshold; of 210 commits three take a fix back and two may alert.
    told = bugguard(history, "eval", "--last", "210", "--json").json
    assert told["threshold"] == float(found[1])
    assert told["alerted"] == int(found[2])


def test_how_many_may_alert_matters(history: Repository) -> None:
    none = calibrate(history, "--rate", "0", "--dry-run")
    assert " 0 alert" in none
    assert "nothing was written" in none
    many = calibrate(history, "--rate", "0.5", "--dry-run")
    assert "; it is never set lower" in many
    assert " 3 alert" in many
    assert not (history.path / ".bugguard.toml").exists()


def test_pyproject_keeps_all_else(history: Repository) -> None:
    before = '[project]\nname = "x"  # a remark\n\n[tool.bugguard.check]\nthreshold = 0.9  # mine\n'
    (history.path / "pyproject.toml").write_text(before)
    assert "instead of 0.9" in calibrate(history)
    after = (history.path / "pyproject.toml").read_text()
    assert after.startswith(before[: before.index("0.9")])
    assert "# mine" not in after
    assert not (history.path / ".bugguard.toml").exists()


def test_what_overrules_it_is_said(history: Repository) -> None:
    result = bugguard(history, "eval", "--calibrate", BUGGUARD_CHECK_THRESHOLD="0.77")
    assert "wrote it into .bugguard.toml, but BUGGUARD_CHECK_THRESHOLD overrules it" in result.out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--last", "199"], "there are 199 ordinary commits to replay and 200 are needed"),
        (["--rate", "1.5"], "--rate"),
        (["--rate", "nan"], "--rate"),
    ],
)
def test_too_little_history(history: Repository, options: list[str], says: str) -> None:
    result = bugguard(history, "eval", "--calibrate", *options)
    assert result.code == USAGE
    assert says in result.err
    assert not (history.path / ".bugguard.toml").exists()


def test_too_few_fixes_before_the_commits(history: Repository) -> None:
    skip = {"BUGGUARD_LEARN_NOT_FIX_SUBJECTS": "order (1|2).? exceeded"}  # leaves fewer than 20
    assert bugguard(history, "index", "build", **skip).code == CLEAN
    result = bugguard(history, "eval", "--calibrate", **skip)
    assert result.code == USAGE
    assert "only 0 ordinary commits come after 20 remembered fixes" in result.complaint


def test_a_bare_repository_has_no_config(history: Repository, tmp_path: Path) -> None:
    bare = Repository.clone(history.path, tmp_path / "bare.git", "--bare")
    index = str(history.path / ".git" / "bugguard")
    result = bugguard(bare, "eval", "--calibrate", "--index", index)
    assert result.code == USAGE
    assert "is bare and has no config to write" in result.complaint
    dry = bugguard(bare, "eval", "--calibrate", "--index", index, "--dry-run", "--last", "210")
    assert dry.code == CLEAN


def test_a_shallow_clone_does_not_guess(history: Repository, tmp_path: Path) -> None:
    clone = Repository.clone(f"file://{history.path}", tmp_path / "c", "--depth=220")
    index = str(history.path / ".git" / "bugguard")
    result = bugguard(clone, "eval", "--calibrate", "--index", index)
    assert result.code == USAGE
    assert "is a shallow clone" in result.complaint


def test_a_config_that_is_broken_is_told_before_the_wait(history: Repository) -> None:
    (history.path / ".bugguard.toml").symlink_to("../elsewhere.toml")
    result = bugguard(history, "eval", "--calibrate")
    assert result.code == USAGE
    assert "is a link that leads out of the repository" in result.complaint
    assert not (history.path.parent / "elsewhere.toml").exists()


def test_json(history: Repository) -> None:
    told = bugguard(history, "eval", "--calibrate", "--last", "210", "--json").json
    assert told["written"] == ".bugguard.toml"
    assert (told["commits"], told["fixes"], told["rate"]) == (210, FIXES, 0.03)
    assert told["head"] == history.sha()
    assert told["alerts"] <= 6
