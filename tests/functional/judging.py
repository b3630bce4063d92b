"""A judge that is scripted, beside the shop: what it is asked for real, and what it says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from program import Result, bugguard
from server import Received, Server
from shop import Shop

MODEL = "scripted-1"


def judgement(
    verdict: str = "repeats",
    explanation: str = "A voucher can take more than the order is worth again.",
    quotes: Sequence[tuple[str, str]] = (("change", "rebate = amount * voucher.percent / 100"),),
    suggestion: str | None = None,
    fix: int = 1,
) -> str:
    evidence = [{"where": where, "quote": quote} for where, quote in quotes]
    return json.dumps(
        {
            "explanation": explanation,
            "evidence": evidence,
            "fix": fix,
            "verdict": verdict,
            "suggestion": suggestion,
        }
    )


def named(*fixes: int) -> str:
    return json.dumps({"explanation": "Some.", "fixes": fixes})


def by_form(pair: str, survey: str) -> Callable[[Received], str]:
    """What to say to either kind of question."""
    return lambda request: survey if "past fixes\n1. " in request.text else pair


def sections(request: Received) -> dict[str, str]:
    """What a question shows, by the sections' names."""
    user = request.messages[1]["content"]
    found = re.findall(r"<<<([0-9a-f]{16}) ([a-z ]+)\n(.*?)\n\1>>>", user, re.DOTALL)
    assert len({nonce for nonce, _, _ in found}) == 1
    return {name: text for _, name, text in found}


def variables(server: Server | str, **more: str) -> dict[str, str]:
    """A user's surroundings in which that server is the judge."""
    return {
        "BUGGUARD_JUDGE": "auto",
        "BUGGUARD_JUDGE_MODEL": MODEL,
        "BUGGUARD_JUDGE_BASE_URL": server if isinstance(server, str) else server.url,
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        **more,
    }


def judged(shop: Shop, server: Server | str, *arguments: str, **more: str) -> Result:
    """``bugguard check`` with that judge."""
    return bugguard(shop, "check", *arguments, **variables(server, **more))
