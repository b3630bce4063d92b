"""Whatever a judge's server does: the finding stands, one line says what happened, no time is lost.

The README's table of faults is made of these.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import server as scripted
from judging import judged, judgement
from program import FINDINGS
from server import Behaviour, Server
from shop import REPLACED, Shop

pytestmark = pytest.mark.functional

DEADLINE = 2.0

FAULTS: dict[str, tuple[Behaviour, str]] = {
    "hangs": (scripted.hang(), "did not answer within 2 s"),
    "trickles": (scripted.trickle(), "did not answer within 2 s"),
    "resets": (scripted.reset(), "broke off the connection"),
    "hangs up": (scripted.hang_up(), "broke off the connection"),
    "half a body": (scripted.half(), "broke off the connection"),
    "401": (scripted.error(401), "refused the key (401)"),
    "403": (scripted.error(403), "refused access (403)"),
    "404": (scripted.error(404), "knows no such model or address (404)"),
    "429, wait long": (scripted.busy("9999"), "is too busy (429) and asks to wait for 9,999 s"),
    "429, wait a little": (scripted.busy("0"), "is too busy (429)"),
    "500": (scripted.error(500), "failed (500)"),
    "502 in HTML": (scripted.html(502), "failed (502)"),
    "garbage": (scripted.garbage(), "sent something that is not HTTP"),
    "no JSON": (scripted.body(b"<html>"), "sent a response that is not JSON"),
    "empty": (scripted.body(b""), "sent an empty response"),
    "other JSON": (scripted.body([1]), "sent a response that is no completion"),
    "endless": (scripted.endless(), "sent a response that is far too long"),
    "refuses": (scripted.refusal(), "refused to answer"),
    "cut off": (
        scripted.say(judgement(), finish_reason="length"), "gave an answer that was cut off",
    ),
    "too small": (scripted.overflow("llama.cpp"), "has too small a context for this"),
    "elsewhere": (scripted.redirect("http://127.0.0.1:9/"), "sends us elsewhere (307)"),
    "prose": (scripted.say("It is fine."), "answered in the wrong form"),
    "another schema": (scripted.say('{"verdict": "repeats"}'), "answered in the wrong form"),
    "another fix": (
        scripted.say(judgement("unrelated", fix=2)), "speaks of a past fix that was not shown",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_the_finding_stands(shop: Shop, fault: str) -> None:
    behaviour, says = FAULTS[fault]
    shop.stage(shop.undone(REPLACED))
    with Server(behaviour) as server:
        started = time.monotonic()
        result = judged(shop, server, "--format", "json", BUGGUARD_JUDGE_DEADLINE=str(DEADLINE))
        assert time.monotonic() - started < 15 * DEADLINE
    assert (result.code, result.err) == (FINDINGS, "")
    [finding] = result.json["findings"]
    assert (finding["judgement"], finding["downgraded"]) == (None, False)
    [failure] = result.json["stats"]["judge"]["failures"]
    assert says in failure["reason"]
    assert failure["matches"] == 1
    assert not (shop.path / ".git" / "bugguard-verdicts").exists()


def test_nobody_there(shop: Shop) -> None:
    shop.stage(shop.undone(REPLACED))
    with scripted.closed_port() as url:
        result = judged(shop, url)
    assert result.code == FINDINGS
    [line] = [line for line in result.out.splitlines() if "without it" in line]
    assert line.startswith("the judge could not be reached at 127.0.0.1:")
    assert line.endswith("; 1 match stands as found without it")


def test_a_mended_answer_counts(shop: Shop) -> None:
    shop.stage(shop.undone(REPLACED))
    with Server(scripted.say("{}"), scripted.say(judgement("unrelated"))) as server:
        result = judged(shop, server)
        assert len(server.received) == 2
    assert "taken for unrelated" in result.out
    assert "Field required" in server.received[1].messages[-1]["content"]


def test_no_key_is_told(shop: Shop) -> None:
    shop.stage(shop.undone(REPLACED))
    key = "sk-" + "secret" * 5
    answer = scripted.error(401, f"Incorrect API key provided: {key}")
    with Server(answer) as server:
        result = judged(shop, server, "--format", "json", BUGGUARD_JUDGE_API_KEY=key)
        assert server.received[0].headers["authorization"] == f"Bearer {key}"
    from program import bugguard

    shown = bugguard(shop, "config", "show", "--origin", BUGGUARD_JUDGE_API_KEY=key)
    for told in (result, shown):
        assert key not in told.out + told.err
    assert "# api_key is set, and not shown  # BUGGUARD_JUDGE_API_KEY" in shown.out


def test_the_readme_tells_of_every_fault() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    table = " ".join(readme.split())
    clauses = {says.replace("2 s", "20 s").replace("502", "500") for _, says in FAULTS.values()}
    missing = [clause for clause in sorted(clauses) if clause.split(" for 9")[0] not in table]
    assert missing == []


def test_nothing_is_printed_of_a_server_s_words(shop: Shop) -> None:
    shop.stage(shop.undone(REPLACED))
    evil = "\x1b]0;owned\x07 see https://evil.example/x and #9999"
    for behaviour in (scripted.error(500, evil), scripted.error(404, evil), scripted.say(evil)):
        with Server(behaviour) as server:
            result = judged(shop, server, "--format", "json")
        told = json.dumps(result.json["stats"]) + result.err
        assert "evil.example" not in told
        assert "9999" not in told
