"""The words by which commit messages speak of bugs, in English and Japanese.

What speaks of anything else is in :mod:`bugguard.history.otherwork`. All are regexes, case
ignored, each linear in the text. They were tuned by reading samples of ten public histories (C,
Go, JavaScript, Python), for precision first: a commit that is learned without being a fix costs
false alarms, one that is missed costs one pattern among thousands.
"""

from __future__ import annotations

import re

from bugguard.history.tickets.references import NOT_KEYS


def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


MERGE_SUBJECT = _regex(
    r"""
    merge\s+pull\s+request\s+\S+(\s+from\s+\S+)?\s*
  | merge\s+(remote[- ]tracking\s+)?(branch|branches|tag|commit|pr)\s.*
  | merged\s+in\s+\S+(\s+\(pull\s+request\s+\S+\))?\s*
    """
)
REVERT = _regex(r"revert(s|ed|ing)?\b:?\s*")
QUOTED = re.compile('"[^"]*"')
KERNEL_TRAILER = _regex(r"fixes:\s+[0-9a-f]{7,40}\b.*")
CLOSING_WORD = _regex(
    r"""
    \b(this\s+)?(fix(es|ed)?|close[sd]?|resolve[sd]?)\b:?\s+((the\s+)?(issue|bug|ticket|pr)\s+)?
    """
)
TICKET = _regex(
    rf"""
    ([\w./-]{{1,100}})?[#!]\d+ | gh-\d+ | bpo-\d+
  | (?!(?:{NOT_KEYS})[0-9]*-)(?-i:[A-Z][A-Z0-9_]{{1,19}}-[0-9]+)\b
  | https?://\S{{1,300}}?/(issues?|pull|merge_requests|browse|tickets?|bugs?)/[\w-]+
    """
)
CLAUSE_END = _regex(r"[;,。、・]\s* | [.:]\s+ | \s+(?:and|&|\+|-+|–|—)\s+")

FIX_WORD = _regex(
    r"""
    (?<![\w/.-])(?:bug|hot|quick)?-?
        (?:fix(?:es|ing)?|fixed(?![\s-](?:size|width|length|point|window|rate|interval|seed)))
        (?![\w/])
  | (?<![\w/.-])repair(?:s|ed|ing)?\b | ^\W*correct(?:s|ed|ing)?\b(?!\s+way) | \bunbreak\b
  | \bresolv(?:e[sd]?|ing)\s+(?:an?\s+|the\s+)?(?:[\w'-]+\s+){0,4}(?:issue|bug|problem|error|crash)
  | \badd(?:s|ed|ing)?\s+(?:an?\s+|the\s+|some\s+)?missing\b
  | 修正|直した|直す|直し|対応漏れ|考慮漏れ
    """
)
FEATURE = _regex(
    r"""
    \W*(?:add(?:s|ed|ing)?|implement\w*|introduc\w+|support(?:s|ed|ing)?|new|initial|feature
      |creat(?:e[sd]?|ing))\b
  | .*(?:機能追加|新機能|を追加|対応を追加)
    """
)
SYMPTOM = _regex(
    r"""
    \bcrash(?:e[sd]|ing)?\b(?!\s+(?:log|report|handl|info|test|dump))
  | \b(?:seg-?faults?|sigsegv|core\s?dumps?|panics?|hang(?:s|ing)?|stuck|npe
      |leak(?:s|ed|ing|age)?|dead-?locks?|live-?locks?|race(?:s|\s+conditions?)?
      |(?:over|under)flow(?:s|ed)?|off[\s-]by[\s-]one|out[\s-]of[\s-](?:bounds?|range)
      |infinite\s+(?:loop|recurs\w*)|use[\s-]after[\s-]free|double[\s-]free
      |null[\s-](?:pointer|deref\w*)|corrupt(?:s|ed|ion|ing)?|regress(?:ions?|ed)|bugs?|buggy
      |broken|breakage|incorrect(?:ly)?|wrong(?:ly)?|erroneous(?:ly)?
      |vulnerabilit\w+|cve-\d+-\d+|(?:sql|command|code|header)\s+injection
      |security\s+(?:fix|issue|hole|bug|flaw|problem|risk)\w*
      |accidentally|forgot(?:ten)?|oops|correctly|properly|work[\s-]?around
    )\b(?!\s+(?:tests?|suite)\b)
  | (?<![\w-])xss\b
  | \bprevent(?:s|ed|ing)?\b(?!.*warning)
  | \bavoid(?:s|ed|ing)?\s+(?:\w+\s+)?(?:errors?|exceptions?|los\w+|fail\w*|treat\w*|conflict\w*)\b
  | \b(?:issue|problem)s?\s+(?:with|when|where|caused)\b
  | \bhandl(?:es?|ing)\s+(?:\w+\s+)?(?:missing|empty|none|null|nil|invalid|errors?|exceptions?
      |fail\w+|edge|corner|case|unicode)\b
  | バグ|不具合|障害|誤り|クラッシュ|デグレ|落ちる|無限ループ|リーク|文字化け|漏れ
    """
)
FIX_SENTENCE = _regex(
    r"""
    \b(?:this|it|which)\s+
        (?:(?:commit|patch|change|pr|pull\s+request|merge\s+request|diff|should|also|will|would
            |hopefully|simply|just|now)\s+){0,4}
        (?:fix(?:es|ed)?|repairs?|resolves?|prevents?|corrects?)\b
  | \b(?:before|prior\s+to|without)\s+this\s+fix\b | \bbug-?\s?fix(?:es)?:
  | (?:バグ|不具合|障害|問題)(?:を|が|の)?.{0,20}(?:修正|解消|解決)
    """
)
BROKE = _regex(
    r"""
    \b(?:broke|breaks|broken|breaking|breakage|crash\w*|regress\w*|caus(?:e[sd]?|ing)
      |fail(?:s|ed|ing|ures?)?|leak\w*|deadlock\w*|hang(?:s|ing)?|wrong|incorrect(?:ly)?|bugs?
      |fix(?:es)?)\b
  | 不具合|障害|バグ|クラッシュ|デグレ|壊れ
    """
)
