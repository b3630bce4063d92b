"""What an agent is told of a defect: a sentence, and where the rest of it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bugguard.agents.tools import Answer
from bugguard.cli.mcp_cmd import sheltered
from bugguard.errors import BugguardError


def test_a_defect_is_a_sentence_and_a_log() -> None:
    def fails(tool: str, arguments: Mapping[str, Any]) -> Answer:
        raise KeyError("secret")

    with pytest.raises(BugguardError, match="defect of bugguard") as caught:
        sheltered(fails)("show_fix", {})
    told = str(caught.value)
    assert "KeyError" in told
    assert "secret" not in told
    found = re.search(r"the details are in (\S+\.log);", told)
    assert found
    log = Path(found[1])
    assert "Traceback" in log.read_text()
    log.unlink()


def test_complaints_and_answers_pass_as_they_are() -> None:
    complaint = BugguardError("no index: build one.")

    def complains(tool: str, arguments: Mapping[str, Any]) -> Answer:
        raise complaint

    def answers(tool: str, arguments: Mapping[str, Any]) -> Answer:
        return Answer({tool: dict(arguments)}, "done")

    with pytest.raises(BugguardError) as caught:
        sheltered(complains)("show_fix", {})
    assert caught.value is complaint
    assert sheltered(answers)("show_fix", {"fix": "a"}) == Answer(
        {"show_fix": {"fix": "a"}}, "done"
    )
