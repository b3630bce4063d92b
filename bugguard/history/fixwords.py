"""The words by which commit messages speak of bugs, in English and Japanese.

All are regexes, case ignored, each linear in the text. They were tuned by reading samples of ten
public histories (C, Go, JavaScript, Python), for precision first: a commit that is learned without
being a fix costs false alarms, one that is missed costs one pattern among thousands.
"""

from __future__ import annotations

import re

Table = tuple[tuple[str, re.Pattern[str]], ...]
"""(reason, regex) pairs: what matches is not a bug fix, for that reason."""


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
    r"\b(fix(es|ed)?|close[sd]?|resolve[sd]?)\b:?\s+((the\s+)?(issue|bug|ticket|pr)\s+)?"
)
TICKET = _regex(
    r"""
    ([\w./-]{1,100})?[#!]\d+ | gh-\d+ | bpo-\d+ | [a-z][a-z0-9_]{1,19}-\d+\b
  | https?://\S{1,300}?/(issues?|pull|merge_requests|browse|tickets?|bugs?)/[\w-]+
    """
)
CLAUSE_END = _regex(r"[;,。、・]\s* | [.:]\s+ | \s+(?:and|&|\+|-+|–|—)\s+")

_FIX = r"(?:(?:bug|hot)?-?fix(?:e[sd]|ing)?|correct(?:s|ed|ing|ions?)?|repair(?:s|ed|ing)?)"
# Adjectives and other nouns before the noun that is repaired, but no preposition and no symptom.
_MODIFIERS = r"""
    (?:(?!(?:in|on|of|for|with|when|from|to|by|at|that|where|crash\w*|leak\w*|bugs?|race|error)\b)
       [\w'`./*]+[\s-]+){0,4}
"""
# The noun ends its phrase: "fix tests" and "fix test of x", but not "fix test client".
_END = r"""
    (?=\s*(?:$|[^\w\s-]|[-–]+\s|(?:in|on|of|for|with|from|to|by|at|after|under|when|that|which|due
    |as|so|again|because|using|since|if|and|or|not|too|is|was|are|were|issue|issues|error|errors
    |failure|failures|failing|problem|problems|warning|warnings|complaints?|violations?|run|runs)
    \b))
"""
_JAPANESE_LINK = r"(?:の|を|が|も|に|ミス|漏れ|間違い|誤り|コード|ケース|ファイル|など|等|\s){0,5}"


def _trivial(nouns: str, japanese: str) -> re.Pattern[str]:
    """Repairing one of these nouns, in either order, is not repairing a bug."""
    return _regex(
        rf"""
        \b(?:{_FIX}|add(?:s|ed|ing)?\s+missing|broken|wrong|incorrect|missing)[\s:-]+
            {_MODIFIERS}(?:{nouns}){_END}
      | (?<![\w-])(?:{nouns})\s+(?:\w+\s+)?{_FIX}(?![\w-])
      | (?:{japanese}){_JAPANESE_LINK}(?:修正|直し|直す|訂正)
        """
    )


_PROSE = r"""
    docs? | documentation | docstrings? | docblocks? | read-?me(?:\.\w+)? | change-?logs?(?:\.\w+)?
  | comments? | (?:hyper|web|url)?-?links? | urls? | faq | tutorials? | guides? | examples?
  | wording
  | copyrights? | licen[sc]es? | release\s+notes? | history\.\w+ | sphinx | rst | markdown
  | javadocs?
  | man\s?pages? | authors(?:\.\w+)? | news | whats\s?new | cross-?refs? | references?
  | (?:rst\s)?syntax
"""
_TESTS = r"""
    (?<!failing\s)(?:tests? | unit-?tests? | test-?suites? | test-?cases? | testing | specs?)
  | test_\w+ | \w+_test | test\s+(?:code|names?|fail\w*|errors?|coverage|timeouts?|typo) | coverage
  | benchmarks?
"""
_CI = r"""
    ci | (?:the\s)?builds? | travis(?:\.yml)? | appveyor | (?:github\s)?actions? | workflows? | tox
  | jenkins | coveralls | codecov | cron | readthedocs | rtd | packaging | gitignore
  | docker-?files?
  | manifest(?:\.in)? | build\s+scripts?
"""
_STYLE = r"""
    lint\w* | pylint | flakes? | flake8 | pyflakes | mypy | pyright | ruff | isort | eslint | jshint
  | prettier | pep-?\s?8 | pep-?\s?257 | pycodestyle | pydocstyle | pre-?commit | (?:code
  |coding)?\s?style
  | styling | (?:white|trailing)[\s-]?(?:white)?-?spaces? | indent(?:ation|s|ing)?
  | import\s+(?:order|sort)\w*
  | (?:type|typing)[\s-]?(?:hints?|annotations?|check(?:ing|s)?|errors?|ignores?) | annotations?
  | line[\s-]?(?:length|ending|break)s? | code\s?smells? | nits? | cosmetic\w* | naming | formatting
  | type-?checking | doc-?style | unused\s+\w+ | alignment | spacing | sonar\w* | deepsource
"""
_PINS = r"""
    dep(?:endenc(?:y|ies))? | deps | requirements?(?:\.txt)? | pin(?:s|ning|ned)? | lock-?files?
  | (?:min(?:imum|imal)?|pinned)\s+versions? | package(?:-lock)?\.json | setup\.(?:py|cfg)
"""
_STRONG = r"(?:crash|broke|break|caus|wrong|fail|bug|leak|raise|error|exception|regress|security)"

TRIVIAL: Table = (
    (
        "typo",
        _regex(
            rf"""
            (?:\btypo(?:s|graph\w+)?\b | \btpyo | \bmis-?spell\w*
              | \b(?:mis-)?spelling\b)(?!.*{_STRONG})
          | \bgrammar\s+(?:fix|error|mistake)|\b{_FIX}\s+(?:the\s+)?grammar\b | \bgrammatical
          | 誤字|脱字|誤記|タイポ|スペルミス
            """
        ),
    ),
    (
        "docs",
        _trivial(
            _PROSE, "ドキュメント|説明文?|コメント|文言|表記|README|CHANGELOG|リンク|マニュアル"
        ),
    ),
    ("tests", _trivial(_TESTS, "テスト|単体試験|test|tests|spec|specs")),
    ("ci", _trivial(_CI, "CI|ビルド|ワークフロー|パイプライン設定")),
    (
        "formatting",
        _trivial(
            _STYLE,
            "インデント|フォーマット|整形|lint|スタイル|空白|改行|命名|import順|型定義|型注釈",
        ),
    ),
    ("dependency", _trivial(_PINS, "依存関係?|依存パッケージ|バージョン")),
    ("version-bump", _trivial(r"version(?:\s+(?:number|string|bump))?s?", "リリース")),
    (
        "docs",
        _regex(
            rf"""
            \bin\s+(?:the\s+)?(?:\w+\s+)?
                (?:docs?|documentation|docstrings?|read-?me\S*|change-?log\S*|tutorial|comments?)
                {_END}(?<!\bcrash\b)
          | \bbug\s+(?:report(?:s|ing)?|tracker|template)\b | \bdocument(?:s|ed|ing)?\s+\w
            """
        ),
    ),
    (
        "tests",
        _regex(
            rf"""
            \bflak(?:y|e|ey|iness)\b
          | \b(?:in|for|of)\s+(?:the\s+|a\s+)?(?:\w+\s+)?(?:unit[\s-]?)?tests?(?:\s?(?:suites?
          |cases?))?{_END}
          | ^\W*(?:(?:add|more|improve|update|extend|new|skip|enable|disable|speed|regression)\w*\s+
                (?:[\w'`-]+\s+){{0,4}})?(?:regression\s+|unit-?)?test(?:s|ing|ed
                  |case\w*)?\b(?!.*\b{_FIX}\b)
            """
        ),
    ),
)

NEVER: Table = (
    (
        "version-bump",
        _regex(
            r"""
            ^\W*(?:v|version\s+|release\s+)?\d+(?:\.\d+)+\S*$
          | ^(?:chore:\s*)?(?:bump(?:s|ed|ing)?\s+(?:the\s+|to\s+)?(?:version|v?\d)
                |version\s+bump|(?:prepar|mak)(?:e|ing)\s+(?:for\s+)?(?:the\s+)?(?:\S+\s+)?release
                |releas(?:e|ed|ing)\s+(?:version\s+|of\s+)?v?\d|\[?releas(?:e|ing)\]?\b)
          | ^\w+\s+v?\d+\.\d+\.\d+\S*$
            """
        ),
    ),
    (
        "dependency",
        _regex(
            r"""
            ^(?:[\w()-]+:\s*)?(?:bump|update|upgrade|pin)(?:s|d|ed)?\s.{1,120}?\b(?:from
              |to)\s+[~^>=<v]*\d
          | ^(?:scheduled\s+)?(?:weekly|monthly)\s+dependency | ^\[pre-commit\.ci\]
          | ^(?:update|upgrade)\s+(?:all\s+)?(?:dependenc|requirements)
            """
        ),
    ),
    (
        "tests",
        _regex(r"^\W?[\w\s/.-]{0,40}\b(?:unit-?)?tests?\b[\w\s/.-]{0,20}:\s | ^\[tests?\]"),
    ),
    ("docs", _regex(r"^\[?(?:docs?|documentation|read-?me|change-?log)\b[\w\s/.()-]{0,30}[:\]]")),
    ("ci", _regex(r"^\[?(?:ci|build|travis|github\s+actions?)\b[\w\s/.()-]{0,30}[:\]]")),
)

CONVENTIONAL = _regex(r"\W{0,4}(?P<type>[a-z]{2,20})(?:\((?P<scope>[^()]{0,60})\))?!?:\s+")
KINDS = {
    **dict.fromkeys(("fix", "fixes", "bugfix", "hotfix", "bug"), "fix"),
    **dict.fromkeys(("doc", "docs", "documentation", "readme", "changelog"), "docs"),
    **dict.fromkeys(("test", "tests", "testing"), "tests"),
    **dict.fromkeys(("ci", "build", "travis", "workflows", "github"), "ci"),
    **dict.fromkeys(("style", "lint", "format", "typing"), "formatting"),
    **dict.fromkeys(("dep", "deps", "dependencies"), "dependency"),
    **dict.fromkeys(("release", "version"), "version-bump"),
    **dict.fromkeys(("feat", "feature"), "feature"),
}

FIX_WORD = _regex(
    r"""
    (?<![\w/.-])(?:bug|hot|quick)?[\s-]?fix(?:e[sd]|ing)?
        (?![\w/] | ed?[\s-] | d?[\s-](?:size|width|length|point|window|rate|interval|number|seed))
  | (?<![\w/.-])repair(?:s|ed|ing)?\b | ^\W*correct(?:s|ed|ing)?\b | \bunbreak\b
  | \bresolv(?:e[sd]?|ing)\s+(?:an?\s+|the\s+)?(?:[\w'-]+\s+){0,4}(?:issue|bug|problem|error|crash)
  | \badd(?:s|ed|ing)?\s+(?:an?\s+|the\s+|some\s+)?missing\b
  | 修正|直した|直す|直し|対応漏れ|考慮漏れ
    """
)
FEATURE = _regex(
    r"""
    \W*(?:add(?:s|ed|ing)?|implement\w*|introduc\w+|support(?:s|ed|ing)?|new|initial
      |creat(?:e[sd]?|ing)
    |feature)\b
  | .*(?:機能追加|新機能|を追加|対応を追加)
    """
)
SYMPTOM = _regex(
    r"""
    \b(?:crash(?:e[sd]|ing)?|seg-?faults?|sigsegv|core\s?dumps?|(?:memory|fd|resource)\s+leak\w*
      |leak\w*
    |dead-?locks?|live-?locks?|rac(?:e|es|y)|race\s+conditions?|(?:over|under)flow(?:s|ed)?
    |off[\s-]by[\s-]one
    |use[\s-]after[\s-]free|double[\s-]free|null[\s-](?:pointer|deref\w*)|npe
    |out[\s-]of[\s-](?:bounds?|range)
    |infinite\s+(?:loop|recursion)|hang(?:s|ing)?|stuck|corrupt(?:s|ed|ion|ing)?|regress(?:ion
    |ions|ed)
    |broken|breakage|incorrect(?:ly)?|wrong(?:ly)?|erroneous(?:ly)?|bugs?|buggy|panics?
    |vulnerabilit\w+
    |cve-\d+-\d+|security|injection|xss|accidental(?:ly)?|forg[eo]t(?:ten)?|oops
    |prevent(?:s|ed|ing)?|correctly|properly|work[\s-]?around)\b
  | \b(?:issue|problem|error)s?\s+(?:with|when|where|caused)\b
  | \bhandl(?:e[sd]?|ing)\s+(?:\w+\s+)?(?:missing|empty|none|null|nil|invalid|errors?|exceptions?
  |fail\w+
        |edge|corner|case|unicode)\b
  | \bavoid(?:s|ed|ing)?\s+(?!(?:us(?:e|ing)|unn\w+|unnecessary|import\w*|cop(?:y|ies|ying)
  |duplicat\w+)\b)
  | バグ|不具合|障害|誤り|クラッシュ|デグレ|落ちる|無限ループ|リーク|文字化け|漏れ
    """
)
FIX_SENTENCE = _regex(
    r"""
    \b(?:this|it|which)\s+(?:(?:commit|patch|change|pr|pull\s+request|merge\s+request|diff|should
      |also
        |will|would|hopefully|simply|just|now)\s+){0,4}
        (?:fix(?:es|ed)?|repairs?|resolves?|prevents?|corrects?)\b
  | \b(?:before|prior\s+to|without)\s+this\s+fix\b | \bbug-?\s?fix(?:es)?:
  | (?:バグ|不具合|障害|問題)(?:を|が|の)?.{0,20}(?:修正|解消|解決)
    """
)
BROKE = _regex(
    r"""
    \b(?:broke|breaks|broken|breaking|breakage|crash\w*|regress\w*|caus(?:e[sd]?|ing)|fail(?:s|ed
      |ing|ures?)?
    |leak\w*|deadlock\w*|hang(?:s|ing)?|wrong|incorrect(?:ly)?|bugs?|fix(?:es)?)\b
  | 不具合|障害|バグ|クラッシュ|デグレ|壊れ
    """
)
