"""``bugguard config show``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bugguard import cli
from bugguard.cli import options

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("BUGGUARD_INDEX", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    user = tmp_path / "config.toml"
    user.write_text("encoder = 'mine'\n")
    monkeypatch.setattr(options, "user_config", lambda: user)
    place = tmp_path / "repository"
    subprocess.run(["git", "init", "-q", str(place)], check=True)
    return place


def test_what_is_shown_can_be_kept(
    repository: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (repository / ".bugguard.toml").write_text(
        "index = 'kept'\n[learn]\nfix_subjects = ['直す \"🐛\"', '\\d+']\n", encoding="utf-8"
    )
    assert cli.run(["config", "show", "--repo", str(repository)]) == 0
    shown = tomllib.loads(capsys.readouterr().out)
    assert shown["index"] == str(repository / "kept")
    assert shown["encoder"] == "mine"
    assert shown["learn"]["fix_subjects"] == ['直す "🐛"', "\\d+"]
    assert shown["hook"]["strict"] is False


def test_origins_are_named(
    repository: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (repository / "pyproject.toml").write_text("[tool.bugguard.hook]\nstrict = true\n")
    monkeypatch.setenv("BUGGUARD_CHECK_THRESHOLD", "0.7")
    monkeypatch.chdir(repository)
    assert cli.run(["config", "show", "--origin", "--index", "elsewhere"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f'index = "{repository / "elsewhere"}"  # command line' in lines
    assert f'encoder = "mine"  # {tmp_path / "config.toml"}' in lines
    assert "threshold = 0.7  # BUGGUARD_CHECK_THRESHOLD" in lines
    assert "strict = true  # pyproject.toml" in lines
    assert "# since is not set  # default" in lines


def test_outside_of_a_repository_the_user_s_settings_are_shown(
    repository: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    assert cli.run(["config", "show"]) == 0
    assert 'encoder = "mine"' in capsys.readouterr().out
    assert cli.run(["config", "show", "--repo", "."]) == 2


def test_a_bare_repository_has_no_settings_of_its_own(
    repository: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    (bare / ".bugguard.toml").write_text("zzz = 1\n")
    assert cli.run(["config", "show", "--repo", str(bare)]) == 0
    assert 'encoder = "mine"' in capsys.readouterr().out


def test_a_wrong_setting_is_told(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / ".bugguard.toml").write_text("encodr = 'static'\n")
    assert cli.run(["config", "show", "--repo", str(repository)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "bugguard: .bugguard.toml: 'encodr' is not a setting; did you mean encoder?\n"
