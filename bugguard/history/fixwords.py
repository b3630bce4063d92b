"""The words by which commit messages speak of bugs, in English and Japanese.

All are regexes, case ignored, each linear in the text. They were tuned by reading samples of ten
public histories (C, Go, JavaScript, Python), for precision first: a commit that is learned without
being a fix costs false alarms, one that is missed costs one pattern among thousands.
"""

from __future__ import annotations

import re

from bugguard.history.tickets.references import NOT_KEYS

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
    r"\b(?:this\s+)?(fix(es|ed)?|close[sd]?|resolve[sd]?)\b:?\s+((the\s+)?(issue|bug|ticket|pr)\s+)?"
)
TICKET = _regex(
    rf"""
    ([\w./-]{{1,100}})?[#!]\d+ | gh-\d+ | bpo-\d+
  | (?!(?:{NOT_KEYS})[0-9]*-)(?-i:[A-Z][A-Z0-9_]{{1,19}}-[0-9]+)\b
  | https?://\S{{1,300}}?/(issues?|pull|merge_requests|browse|tickets?|bugs?)/[\w-]+
    """
)
CLAUSE_END = _regex(r"[;,。、・]\s* | [.:]\s+ | \s+(?:and|&|\+|-+|–|—)\s+")

_FIX = r"(?:(?:bug|hot)?-?fix(?:e[sd]|ing)?|correct(?:s|ed|ing|ions?)?|repair(?:s|ed|ing)?)"
# Adjectives and other nouns before the noun that is repaired, but no preposition and no symptom.
_MODIFIERS = r"""
    (?:(?!(?:in|on|of|for|with|when|from|to|by|at|that|where|if|no|not|as|and|or|before|after|during
      |without|via|using|crash\w*|leak\w*|bugs?|race|error)\b)
       [\w'`./*()]+[\s-]+){0,4}
"""
# The noun ends its phrase: "fix tests" and "fix test of x", but not "fix test client".
_END = r"""
    (?=\s*(?:$|[^\w\s-]|[-–]+\s|(?:in|on|of|for|with|from|to|by|at|after|under|when|that|which|due
      |as|so|again|because|using|since|if|and|or|not|too|is|was|are|were|referring|(?:\d\S*\s+)?
      (?:issue|error|failure|problem|warning|complaint|violation|finding|run|fail)(?:s|ing)?)\b))
"""
_JAPANESE_LINK = r"(?:の|を|が|も|に|ミス|漏れ|間違い|誤り|コード|ケース|ファイル|など|等|\s){0,5}"


def _trivial(nouns: str, japanese: str) -> re.Pattern[str]:
    """Repairing one of these nouns, in either order, is not repairing a bug."""
    return _regex(
        rf"""
        (?:\b(?:{_FIX}|add(?:s|ed|ing)?\s+(?:some\s+)?missing)
          | ^\W*(?:broken|wrong|incorrect|missing))[\s:-]+{_MODIFIERS}(?:{nouns}){_END}
      | (?<![\w-])(?:{nouns})\s+(?:\w+\s+)?{_FIX}(?![\w-])
      | (?:{japanese}){_JAPANESE_LINK}(?:修正|直し|直す|訂正)
        """
    )


_PROSE = r"""
    (?: docs? | documentation | docstrings? | docblocks? | read-?me(?:\.\w+)?
      | change-?(?:logs?|notes?)(?:\.\w+)? | comments? | (?:hyper|web|url)?-?links? | urls? | faq
      | tutorials? | guides? | examples? | wording | copyrights? | licen[sc]es? | release\s+notes?
      | history\.\w+ | sphinx | markdown | javadocs? | man\s?pages? | authors(?:\.\w+)? | news
      | what'?s\s?new | cross-?refs? | (?:rst|sphinx|markdown)\s+\w+
      | (?<![\w./-])[\w./-]{1,80}\.(?:rst|md|txt) )
    (?: \s+(?:layout|structure|format(?:ting)?|entry|entries|builds?|headings?|markup|sections?
      |pages?|text|files?))?
"""
_TESTS = r"""
    (?<!failing\s)(?:tests? | unit-?tests? | test-?suites? | test-?cases? | testing | specs?)
  | test_[\w.]+ | \w+_test(?:\.\w+)?
  | test\s+(?:code|names?|fail\w*|errors?|coverage|timeouts?) | coverage | benchmarks?
"""
_CI = r"""
    ci | builds? | travis(?:\.yml)? | appveyor | (?:github\s)?actions? | workflows? | tox
  | jenkins | coveralls | codecov | cron | readthedocs | rtd | packaging | gitignore
  | docker-?files? | manifest(?:\.in)? | build\s+scripts?
"""
_STYLE = r"""
    lint\w* | pylint | flakes? | flake8 | pyflakes | mypy | pyright | ruff | isort | eslint | jshint
  | prettier | pep-?\s?(?:8|257) | pycodestyle | pydocstyle | pre-?commit | golangci-lint
  | (?:code|coding)?\s?style | styling | (?:white|trailing)[\s-]?(?:white)?-?spaces?
  | indent(?:ation|s|ing)? | import\s+(?:order|sort)\w* | (?:mypy|pyright|typing)\s+\w+
  | typing(?!\s+(?:on|for|under)\b) | type[\s-]?(?:hint|annotation|ignore)s? | type-?check(?:s|ing)? | annotations?
  | line[\s-]?(?:length|ending|break)s? | code\s?smells? | nits? | cosmetic\w* | naming
  | formatting | doc-?style | unused\s+\w+ | alignment | spacing | sonar\w* | deepsource
"""
_PINS = r"""
    dep(?:endenc(?:y|ies))? | deps | requirements?(?:\.txt)? | pin(?:s|ning|ned)? | lock-?files?
  | (?:min(?:imum|imal)?|pinned)\s+versions? | package(?:-lock)?\.json | setup\.(?:py|cfg)
"""
# What makes a misspelling, or a mistake in a file of prose, more than one.
_STRONG = r"(?:crash|broke|break|caus|wrong|bug|leak|rais|exception|regress|vulnerab|hang)"

TRIVIAL: Table = (
    (
        "typo",
        _regex(
            rf"""
            \b(?:typo(?:s|graph\w+)?|tpyo|mis-?s?pell\w*|spell?ings?)\b(?!.*{_STRONG})
          | \bgrammar\s+(?:fix|error|mistake)|\b{_FIX}\s+(?:the\s+)?grammar\b | \bgrammatical
          | \bincorrect\s+grammar
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
            \b(?:in|to|on)\s+(?:the\s+)?(?:\w+\s+)?(?:docs?|documentation|docstrings?|read-?me\S*
                |change-?log\S*|release\s+notes?|tutorial|comments?){_END}
          | ^\W*(?:updat|improv|tweak|clarif|expand|rework|clean|add|mention|remov|correct)\w*\s+
                (?:[\w'`./-]+\s+){{0,3}}(?:docs?|documentation|docstrings?|change-?log|read-?me)\b
          | \bbug\s+(?:report(?:s|ing)?|tracker|template)\b | \bdocument(?:s|ed|ing)?\s+\w
          | \bsecurity(?:\.md|\s+(?:polic|best|header|contact|doc|advisor)\w*)
            """
        ),
    ),
    (
        "tests",
        _regex(
            rf"""
            \bflak(?:y|e|ey|iness)\b
          | \bin\s+(?:the\s+|a\s+)?(?:[\w-]+\s+)?
                (?:unit-?)?tests?(?:[\s-]?(?:suites?|cases?))?{_END}
          | ^\W*(?:(?:add|more|improve|update|extend|new|skip|(?:re-?)?enable|disable|speed)\w*\s+
                (?:[\w'`-]+\s+){{0,4}})?(?:regression\s+|unit-?)?
                test(?:s|ing|ed|case\w*)?\b(?!.*\b{_FIX}\b)
            """
        ),
    ),
    ("ci", _regex(r"\b(?:travis|appveyor|coveralls|codecov|github\s+actions?)\b")),
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
    ("docs", _regex(r"^\[?(?:docs?|doc\s?fix|documentation|read-?me)\b[\w\s/.()-]{0,30}[:\]]")),
    ("docs", _regex(r"^\[?(?:change-?log|history)\b[\w\s/.()-]{0,30}[:\]]")),
    ("ci", _regex(r"^\[?(?:ci|build|travis|tox|pre-commit)\b[\w\s/.()-]{0,30}[:\]]")),
    ("dependency", _regex(r"^\[?(?:go\.mod|deps?|requirements|package\.json)\b[\w\s/.-]{0,30}:")),
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
    **dict.fromkeys(("chore", "refactor", "perf"), "chore"),
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
    \W*(?:add(?:s|ed|ing)?|implement\w*|introduc\w+|support(?:s|ed|ing)?|new|initial|feature
      |creat(?:e[sd]?|ing))\b
  | .*(?:機能追加|新機能|を追加|対応を追加)
    """
)
# Work that closes tickets and is no repair. Only asked of subjects without any word for a bug.
OTHER_WORK = _regex(
    r"""
    ^\W*(?:\S{1,30}:\s)?(?:enabl|updat|upgrad|document|mention|renam|remov|drop|deprecat|delet
      |refactor|reorgani|mov|improv|bump|depend|custom|expos|expand|consolidat|extend|transform|print
      |log|clarif|recommend|simplif|clean|rework|switch|convert|optimi|optional|warn|show|mak\w+\s
      .*(?:able|ible|optional|easier|public|consistent))\w*\b
  | \b(?:configur(?:able|ation)|optional(?:ly)?|customi\w+|extensible|supports?
      |documentation|docs?|deprecat\w+|now\s+depends|can\s+now|read-?me|recommend\w*
      |release\s+notes|features?|refactor\w*|logging|speed|faster|performance)\b
    """
)
SYMPTOM = _regex(
    r"""
    \bcrash(?:e[sd]|ing)?\b(?!\s+(?:log|report|handl|info|test|dump)) | \bdata\s+races?\b
  | \b(?:seg-?faults?|sigsegv|core\s?dumps?|leak(?:s|ed|ing|age)?|dead-?locks?|live-?locks?
      |race(?:s|\s+conditions?)?|(?:over|under)flow(?:s|ed)?|off[\s-]by[\s-]one|infinite\s+(?:loop|recurs\w*)
      |use[\s-]after[\s-]free|double[\s-]free|null[\s-](?:pointer|deref\w*)|npe|hang(?:s|ing)?|stuck
      |out[\s-]of[\s-](?:bounds?|range)|corrupt(?:s|ed|ion|ing)?|regress(?:ions?|ed)|bugs?|buggy|panics?
      |broken|breakage|incorrect(?:ly)?|wrong(?:ly)?|erroneous(?:ly)?|vulnerabilit\w+|cve-\d+-\d+
      |security\s+(?:fix|issue|hole|bug|flaw|problem|risk)\w*|(?:sql|command|code|header)\s+injection
      |accidentally|forgot(?:ten)?|oops|correctly|properly|work[\s-]?around)\b(?!\s+(?:tests?|suite)\b)
  | (?<![\w-])xss\b | \bprevent(?:s|ed|ing)?\b(?!.*warning)
  | \bavoid(?:s|ed|ing)?\s+(?:\w+\s+)?(?:errors?|exceptions?|los\w+|fail\w*|treat\w*|conflict\w*)\b
  | \b(?:issue|problem)s?\s+(?:with|when|where|caused)\b
  | \bhandl(?:es?|ing)\s+(?:\w+\s+)?(?:missing|empty|none|null|nil|invalid|errors?|exceptions?
      |fail\w+|edge|corner|case|unicode)\b
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
