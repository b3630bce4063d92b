"""A judge beside the real program: what it is told, what is made of its words, and what they cost.

The server is scripted and on this machine; everything else is real.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from contract import assert_report
from judging import MODEL, by_form, judged, judgement, named, sections, variables
from program import CLEAN, FINDINGS, USAGE, bugguard, execute
from server import Server, say, slow
from shop import GUARD, REPLACED, Shop

pytestmark = pytest.mark.functional

NO_JUDGE = 3
REPEATS = say(judgement())
UNRELATED = say(judgement("unrelated"))


@pytest.fixture
def undone(shop: Shop) -> Shop:
    shop.stage(shop.undone(REPLACED))
    return shop


def test_a_finding_is_explained_with_the_record_s_own_ticket(undone: Shop) -> None:
    with Server(REPEATS) as server:
        result = judged(undone, server)
    assert (result.code, result.err) == (FINDINGS, "")
    assert "the past bug is back, says scripted-1" in result.out
    assert "A voucher can take more than the order is worth again." in result.out
    assert "change: rebate = amount * voucher.percent / 100" in result.out
    assert "#12 fix: vouchers took more than the order was worth" in result.out
    assert "judge scripted-1: 1 close match, 1 call, 110 tokens" in result.out
    shown = sections(server.received[0])
    assert "+    rebate = amount * voucher.percent / 100" in shown["change"]
    assert shown["after"].startswith("def apply_voucher")
    assert "min(amount" in shown["fixed"]


def test_the_json_contract_holds_with_a_judgement(undone: Shop) -> None:
    with Server(REPEATS) as server:
        report = judged(undone, server, "--format", "json").json
    [finding] = report["findings"]
    assert finding.pop("judgement") == {
        "verdict": "repeats",
        "explanation": "A voucher can take more than the order is worth again.",
        "evidence": [{"quote": "rebate = amount * voucher.percent / 100", "where": "change"}],
        "suggestion": None,
        "model": MODEL,
        "cached": False,
    }
    assert_report(report | {"findings": [finding | {"judgement": None}]})
    assert report["stats"]["escalated"] == report["stats"]["llm_calls"] == 1
    assert report["stats"]["tokens"] == 110
    assert report["stats"]["judge"]["failures"] == []


def test_what_is_unrelated_is_shown_and_fails_nothing(undone: Shop) -> None:
    with Server(UNRELATED) as server:
        result = judged(undone, server)
        assert judged(undone, server, "--format", "json").json["findings"][0]["downgraded"]
        hidden = judged(undone, server, BUGGUARD_JUDGE_MAY_SILENCE="yes")
    assert result.code == CLEAN
    assert "taken for unrelated by a judge" in result.out
    assert "#12" in result.out
    assert hidden.code == CLEAN
    assert "BG001" not in hidden.out
    assert "not shown, as the judge takes them for unrelated: " in hidden.out


def test_what_is_certain_fails_whatever_a_judge_says(undone: Shop) -> None:
    with Server(UNRELATED) as server:
        result = judged(undone, server, BUGGUARD_JUDGE_CERTAIN="0.01",
                        BUGGUARD_JUDGE_MAY_SILENCE="yes")  # fmt: skip
    assert result.code == FINDINGS
    assert "unrelated to the past bug, says" in result.out


def test_it_is_off_until_it_is_turned_on(undone: Shop) -> None:
    with Server(UNRELATED) as server:
        told = variables(server, OPENAI_API_KEY="k", OPENAI_BASE_URL=server.url)
        del told["BUGGUARD_JUDGE"]
        assert bugguard(undone, "check", **told).code == FINDINGS
        assert bugguard(undone, "hook", **told).code == FINDINGS
        assert judged(undone, server, "--judge", "off").code == FINDINGS
        assert server.received == []
        assert bugguard(undone, "check", "--judge", "auto", **told).code == CLEAN
        assert len(server.received) == 1


@pytest.mark.parametrize(
    "line",
    ["mode = 'auto'", "base_url = 'http://127.0.0.1:1/v1'", "model = 'x'", "api_key = 'k'",
     "ca_file = 'ca.pem'", "cache = 'verdicts'", "certain = 1.0", "prices = ['* 0 0']",
     "allow = ['.']", "max_calls = 100", "azure_endpoint = 'https://x'"],
)  # fmt: skip
def test_a_repository_cannot_choose_who_is_asked_or_believed(undone: Shop, line: str) -> None:
    undone.write(".bugguard.toml", f"[judge]\n{line}\n")
    with Server(UNRELATED) as server:
        result = judged(undone, server)
        assert result.code == USAGE
        assert "only who runs bugguard may say" in result.complaint
        assert server.received == []


def test_a_repository_can_say_what_is_never_shown(undone: Shop) -> None:
    undone.write(".bugguard.toml", "[judge]\ndeny = ['^shop/prices']\n")
    with Server(REPEATS) as server:
        result = judged(undone, server, BUGGUARD_JUDGE_DENY="^nothing")
        assert server.received == []
    assert result.code == FINDINGS
    assert "1 close match not put to the judge, which may not see the files" in result.out
    undone.write(".bugguard.toml", "[judge]\ndeny = ['[']\n")
    with Server(REPEATS) as server:
        assert "judge.deny: '[' is not a regular expression" in judged(undone, server).complaint
        assert server.received == []


def test_a_second_run_of_the_same_diff_makes_no_call(undone: Shop, tmp_path: Path) -> None:
    cache = str(tmp_path / "verdicts")
    with Server(REPEATS) as server:
        first = judged(undone, server, BUGGUARD_JUDGE_CACHE=cache)
        again = judged(undone, server, BUGGUARD_JUDGE_CACHE=cache)
        assert len(server.received) == 1
        undone.git("commit", "-q", "-m", "Shorten the code, in a commit that has a message")
        as_commit = judged(undone, server, "--commit", "HEAD", BUGGUARD_JUDGE_CACHE=cache)
        as_range = judged(undone, server, "--range", "HEAD~1..HEAD", BUGGUARD_JUDGE_CACHE=cache)
        assert len(server.received) == 1, "CI knows what the commit hook asked"
    assert "as it did before" not in first.out
    for result in (again, as_commit, as_range):
        assert result.code == FINDINGS
        assert "the past bug is back, says scripted-1, as it did before" in result.out
        assert "0 calls, 1 known already" in result.out


def test_another_hunk_or_model_or_language_is_asked_anew(undone: Shop) -> None:
    with Server(say(lambda request: judgement(quotes=[("change", "voucher.percent / 100")]))) as s:
        judged(undone, s)
        judged(undone, s, BUGGUARD_JUDGE_MODEL="other")
        judged(undone, s, BUGGUARD_LANGUAGE="ja")
        undone.stage(undone.replaced(REPLACED.path, ("percent / 100\n", "percent / 100  # so\n")))
        judged(undone, s)
        assert len(s.received) == 4
    assert "Japanese (日本語)" in s.received[2].messages[0]["content"]


def test_a_cache_that_was_tampered_with_is_believed_no_more_than_a_server(undone: Shop) -> None:
    with Server(REPEATS) as server:
        judged(undone, server)
        [file] = (undone.path / ".git" / "bugguard-verdicts").glob("??/*.json")
        file.write_text(judgement("unrelated", quotes=[("change", "is nowhere to be seen")]))
        result = judged(undone, server)
        assert result.code == FINDINGS
        assert "the past bug is back, says scripted-1\n" in result.out, "it was asked again"
        file.write_text("[" * 1000)
        assert "the past bug is back" in judged(undone, server).out
        assert len(server.received) == 3


def test_a_verdict_without_evidence_is_unsure_and_kept_as_that(undone: Shop) -> None:
    nowhere = judgement("unrelated", quotes=[("change", "is nowhere to be seen")])
    with Server(say(nowhere)) as server:
        for known in ("", ", as it did before"):
            result = judged(undone, server)
            assert result.code == FINDINGS
            assert f"cannot tell, says scripted-1{known}\n" in result.out
        assert len(server.received) == 1


def test_a_verdict_that_rests_on_what_is_gone_is_asked_again(undone: Shop) -> None:
    undone.stage({"shop/guard.py": "def guarded(order):\n    return min(order.amount, 0)\n"})
    with Server(say(judgement("unrelated", quotes=[("rest", "return min(order.amount, 0)")]))) as s:
        assert judged(undone, s).code == CLEAN
        assert judged(undone, s).code == CLEAN
        assert len(s.received) == 1
        undone.git("rm", "-q", "-f", "shop/guard.py")
        assert judged(undone, s).code == FINDINGS
        assert len(s.received) == 2


def test_verdicts_do_not_come_with_a_repository(undone: Shop) -> None:
    told = {"BUGGUARD_JUDGE_CACHE": str(undone.path / "verdicts")}
    with Server(UNRELATED) as server:
        assert judged(undone, server, **told).code == CLEAN
        undone.git("add", "verdicts")
        result = judged(undone, server, **told)
    assert result.code == FINDINGS
    assert "which git tracks: whoever changes it there could acquit any change" in result.out


@pytest.mark.parametrize("folder", ["bugguard", "~/.config/bugguard", ".config/bugguard"])
def test_no_folder_of_a_repository_passes_for_the_user_s_own(undone: Shop, folder: str) -> None:
    with Server(UNRELATED) as server:
        config = f"[judge]\nmode = 'auto'\nmodel = 'm'\nbase_url = '{server.url}'\n"
        undone.write(f"{folder}/config.toml", config)
        for variables_ in ({"XDG_CONFIG_HOME": ""}, {"XDG_CONFIG_HOME": "", "HOME": ""}):
            assert bugguard(undone, "check", **variables_).code == FINDINGS
        assert server.received == []


@pytest.mark.parametrize("format_", ["gitlab", "github", "junit"])
def test_a_failure_is_said_beside_formats_without_a_place_for_it(
    undone: Shop, format_: str
) -> None:
    result = judged(undone, "http://127.0.0.1:9/v1", "--format", format_)
    assert result.code == FINDINGS
    assert "the judge could not be reached at 127.0.0.1:9" in result.complaint


def test_required_and_the_hook(undone: Shop) -> None:
    with Server(REPEATS) as server:
        assert judged(undone, server, BUGGUARD_JUDGE="required").code == FINDINGS
        ok = bugguard(undone, "hook", **variables(server, BUGGUARD_JUDGE="required"))
        assert ok.code == FINDINGS
    gone = "http://127.0.0.1:9/v1"
    undone.git("reset", "-q", "--hard")
    assert judged(undone, gone, BUGGUARD_JUDGE="required").code == CLEAN, "nothing to judge"
    undone.stage(undone.undone(GUARD))
    result = judged(undone, gone, "--exit-zero", BUGGUARD_JUDGE="required")
    assert result.code == NO_JUDGE
    assert "a judge is required, and 1 close match was not judged" in result.complaint
    assert "BG001" in result.out
    told = variables(gone, BUGGUARD_JUDGE="required")
    assert bugguard(undone, "hook", **told).code == FINDINGS
    assert bugguard(undone, "hook", BUGGUARD_HOOK_STRICT="1", **told).code == NO_JUDGE


def test_a_judge_without_a_model_is_said_and_stands_in_nobody_s_way(undone: Shop) -> None:
    result = bugguard(undone, "check", BUGGUARD_JUDGE="auto")
    assert result.code == FINDINGS
    assert "the judge has no model: set BUGGUARD_JUDGE_MODEL" in result.out
    assert "1 match stands as found without it" in result.out
    assert bugguard(undone, "check", BUGGUARD_JUDGE="required").code == NO_JUDGE


def test_a_suggested_repair_is_shown_if_it_applies(undone: Shop) -> None:
    right = (
        "@@ -1,1 +1,1 @@\n-    rebate = amount * voucher.percent / 100\n"
        "+    rebate = min(amount, amount * voucher.percent / 100)\n"
    )
    with Server(say(judgement(suggestion=right)), say(judgement(suggestion=right))) as server:
        result = judged(undone, server)
        report = judged(undone, server, "--format", "json").json
    assert "  repair  @@ -21,7 +21,7 @@" in result.out
    diff = report["findings"][0]["judgement"]["suggestion"]
    done = execute(undone, ["git", "apply", "--cached", "--check"], diff.encode())
    assert done.code == 0, done
    wrong = right.replace("voucher.percent", "voucher.share")
    undone.git("reset", "-q", "--hard")
    undone.stage(undone.undone(REPLACED) | {"a.py": "x = 1\n"})
    with Server(say(judgement(suggestion=wrong))) as server:
        assert "repair" not in judged(undone, server, BUGGUARD_JUDGE_MODEL="other").out


def test_show_prompt_prints_what_would_be_sent_and_sends_nothing(undone: Shop) -> None:
    with Server(REPEATS) as server:
        shown = judged(undone, server, "--show-prompt")
        assert (shown.code, server.received) == (CLEAN, [])
        judged(undone, server)
        sent = server.received[0].messages
        assert judged(undone, server, "--show-prompt").out == "a judge would be sent nothing\n"
    import re

    def without_nonce(text: str) -> str:
        return re.sub(r"[0-9a-f]{16}", "NONCE", text)

    for message in sent:
        assert without_nonce(message["content"]) in without_nonce(shown.out)
    assert "=== request 1 of 1, judgement, about " in shown.out


def test_secrets_stay_here(shop: Shop) -> None:
    secret = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345"
    files = shop.undone(REPLACED)
    files[REPLACED.path] = files[REPLACED.path].replace(
        "    order.history", f'    token = "{secret}"\n    order.history'
    )
    shop.stage(files)
    with Server(say(lambda request: judgement(explanation=request.text[-3000:]))) as server:
        result = judged(shop, server)
        shown = judged(shop, server, "--show-prompt", BUGGUARD_JUDGE_MODEL="other").out
    sent = json.dumps([request.json for request in server.received])
    verdicts = shop.path / ".git" / "bugguard-verdicts"
    kept = "".join(path.read_text() for path in verdicts.glob("??/*"))
    for text in (sent, shown, kept):
        assert "apply_voucher" in text
        assert secret not in text
    assert "2 secrets blanked out" in result.out, "in the hunk and in the function around it"


def test_a_thorough_judge_finds_what_only_shares_names(shop: Shop) -> None:
    code = """
def gift_card(order, voucher):
    amount = order.total
    cheaper = amount * voucher.percent
    return amount - cheaper
"""
    shop.stage({"shop/gifts.py": code})
    quote = [("change", "cheaper = amount * voucher.percent")]
    script = by_form(judgement(quotes=quote), named(1, 99, 1))
    with Server(say(script)) as server:
        plain = judged(shop, server, BUGGUARD_JUDGE="auto")
        assert (plain.code, server.received) == (CLEAN, [])
        result = judged(shop, server, "--judge", "thorough", "--format", "json")
        text = judged(shop, server, "--judge", "thorough")
        assert len(server.received) == 2, "a survey and a pair, each once"
    assert result.code == CLEAN, "what a judge alone says fails nothing"
    assert result.json["findings"] == []
    [suggested] = result.json["suggested"]
    assert suggested["judgement"]["verdict"] == "repeats"
    survey, pair = (sections(request) for request in server.received)
    first = survey["past fixes"].split("\n")[0].removeprefix("1. ")
    assert suggested["fix"]["subject"] == first
    assert pair["fix"].startswith(first)
    assert "a judge alone takes these for repeats" in text.out


def test_a_run_stays_within_its_calls_and_its_time(shop: Shop) -> None:
    shop.stage(shop.undone(REPLACED) | shop.undone(GUARD))
    with Server(say(judgement("unsure"))) as server:
        result = judged(shop, server, BUGGUARD_JUDGE_MAX_CALLS="1")
        assert len(server.received) == 1
    assert "the judge has used up its 1 calls for this run; 1 match stands" in result.out
    with Server(say(judgement("unsure")), slow(30, UNRELATED)) as server:
        late = judged(shop, server, BUGGUARD_JUDGE_MODEL="b", BUGGUARD_JUDGE_DEADLINE="1.5")
    assert late.code == FINDINGS
    assert "the judge did not answer within 1.5 s; 1 match stands" in late.out


def test_a_month_has_its_budget(undone: Shop, tmp_path: Path) -> None:
    file = str(tmp_path / "usage.json")
    told = {"BUGGUARD_JUDGE_BUDGET_FILE": file, "BUGGUARD_JUDGE_MONTHLY_COST": "0.01",
            "BUGGUARD_JUDGE_PRICES": f"{MODEL} 1 2"}  # fmt: skip
    with Server(REPEATS) as server:
        first = judged(undone, server, **told)
        assert "cost 0.0001" in first.out
        spent = json.loads(Path(file).read_text())["months"]
        assert [month["calls"] for month in spent.values()] == [1]
        told["BUGGUARD_JUDGE_MONTHLY_COST"] = "0.0001"
        told["BUGGUARD_JUDGE_CACHE"] = str(tmp_path / "empty")
        broke = judged(undone, server, **told)
        assert len(server.received) == 1
    assert "the judge would pass the monthly budget of 0.0001" in broke.out
    assert broke.code == FINDINGS


def test_the_judge_of_a_patch_knows_no_file(undone: Shop) -> None:
    patch = execute(undone, ["git", "diff", "--cached"]).out.encode()
    with Server(REPEATS) as server:
        told = variables(server)
        result = bugguard(undone, "check", "--patch", "-", stdin=patch, **told)
    assert result.code == FINDINGS
    assert "the past bug is back" in result.out
    assert "after" not in sections(server.received[0])
