"""The Action and the GitLab template, read as files that run beside others' secrets."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION = ROOT / "action" / "action.yml"
SCRIPT = ROOT / "action" / "run.sh"
TEMPLATE = ROOT / "ci" / "gitlab.yml"

PINNED = re.compile(r"actions/[a-z-]+(/[a-z-]+)*@[0-9a-f]{40}")


def action() -> Any:
    return yaml.safe_load(ACTION.read_text("utf-8"))


def steps() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = action()["runs"]["steps"]
    return found


def test_it_is_a_composite_action_with_described_inputs() -> None:
    read = action()
    assert read["runs"]["using"] == "composite"
    for entry in (*read["inputs"].values(), *read["outputs"].values()):
        assert entry["description"]
    assert all("default" in one for one in read["inputs"].values())  # none is required


def test_every_foreign_action_is_githubs_own_and_pinned_to_a_commit() -> None:
    used = [step["uses"] for step in steps() if "uses" in step]
    assert used
    for one in used:
        assert PINNED.fullmatch(one), one
    # The version that people read stands beside each.
    for line in ACTION.read_text("utf-8").splitlines():
        assert "uses:" not in line or re.search(r"# v\d+\.\d+\.\d+$", line), line


def test_nothing_is_put_into_a_script_and_each_has_its_shell() -> None:
    scripts = [step for step in steps() if "run" in step]
    assert scripts
    for step in scripts:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
    assert "${{" not in SCRIPT.read_text("utf-8")


def test_every_input_is_used_and_comes_by_the_environment() -> None:
    given = {value for step in steps() for value in step.get("env", {}).values()}
    conditions = " ".join(str(step.get("if", "")) for step in steps())
    for name in action()["inputs"]:
        assert f"${{{{ inputs.{name} }}}}" in given or f"inputs.{name} " in conditions, name


def test_only_the_step_that_comments_has_the_token() -> None:
    holders = [step for step in steps() if "token" in str(step).lower()]
    assert [step["run"].split()[-1] for step in holders] == ["comment"]


def test_every_variable_of_a_step_is_read_by_the_script() -> None:
    script = SCRIPT.read_text("utf-8")
    names = {name for step in steps() for name in step.get("env", {})} - {"GITHUB_TOKEN"}
    for name in names:
        assert name in script, name
    # Variables of that prefix are settings of bugguard, and an unknown one is an error.
    assert not any(name.startswith("BUGGUARD_") for name in names)


def test_every_step_is_one_that_the_script_knows() -> None:
    asked = {step["run"].split()[-1] for step in steps() if "run" in step}
    assert asked == set(re.findall(r"^([a-z]+)\)$", SCRIPT.read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("argument", ["", "nonsense"])
def test_another_step_is_refused(tmp_path: Path, argument: str) -> None:
    environ = {"PATH": "/usr/bin:/bin", "RUNNER_TEMP": str(tmp_path)}
    command = ["bash", str(SCRIPT), argument]
    assert subprocess.run(command, env=environ, check=False, capture_output=True).returncode == 2


def test_no_file_speaks_of_pull_request_target_as_a_trigger() -> None:
    text = ACTION.read_text("utf-8")
    assert re.findall(r"(\S+) `?pull_request_target", text) == ["on"]
    assert "never on `pull_request_target`" in text.replace("\n# ", " ")


def job() -> Any:
    return yaml.safe_load(TEMPLATE.read_text("utf-8"))["bugguard"]


def test_the_templates_script_is_text_and_its_variables_are_no_settings() -> None:
    assert all(isinstance(line, str) for line in job()["script"])
    assert not any(name.startswith("BUGGUARD_") for name in job()["variables"])
    assert all(isinstance(value, str) for value in job()["variables"].values())


def test_the_template_hands_on_what_the_script_writes() -> None:
    script = "\n".join(job()["script"])
    report = job()["artifacts"]["reports"]["codequality"]
    assert f"--report gitlab={report}" in script
    assert job()["artifacts"]["when"] == "always"  # with findings the job fails
    for path in (*job()["cache"]["paths"], *job()["artifacts"]["paths"]):
        assert path.rstrip("/") in script


def test_the_template_runs_once_for_a_commit() -> None:
    """A branch with a merge request would otherwise have two pipelines, and a schedule, of which
    nobody can say what changed, would fail."""
    assert [rule["if"] for rule in job()["rules"]] == [
        '$CI_PIPELINE_SOURCE == "merge_request_event"',
        '$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH',
    ]


def test_no_module_of_the_checkout_can_take_the_place_of_pythons_own(tmp_path: Path) -> None:
    """The step runs in the checkout, and `python -m` looks there first unless it is isolated."""
    mark = tmp_path / "mark"
    (tmp_path / "work").mkdir()
    for name in ("venv", "pip", "ensurepip", "sitecustomize"):
        (tmp_path / "work" / f"{name}.py").write_text(f"open({str(mark)!r}, 'w')\n")
    environ = {
        "PATH": "/usr/bin:/bin", "RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": str(tmp_path / "o"),
        "GITHUB_ACTION_PATH": str(tmp_path / "nothing"), "PYTHONPATH": "", "PIP_NO_INDEX": "1",
    }  # fmt: skip
    subprocess.run(
        ["bash", str(SCRIPT), "prepare"],
        cwd=tmp_path / "work", env=environ, check=False, capture_output=True,
    )  # fmt: skip
    assert (tmp_path / "bugguard" / "venv").exists()
    assert not mark.exists()
