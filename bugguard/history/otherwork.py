"""The words by which commit messages speak of work that repairs no bug: prose, tests, style ...

All are regexes, case ignored, each linear in the text; English and Japanese. They were tuned by
reading samples of ten public histories (C, Go, JavaScript, Python).
"""

from __future__ import annotations

import re

Table = tuple[tuple[str, re.Pattern[str]], ...]
"""(reason, regex) pairs: what matches is not a bug fix, for that reason."""


def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


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
          | ^\W*(?:broken|wrong|incorrect|missing))[\s:-]+
            (?:an?\s+)?(?:lots?\s+of\s+)?{_MODIFIERS}(?:{nouns}){_END}
      | (?<![\w-])(?:{nouns})\s+(?:\w+\s+)?{_FIX}(?![\w-])
      | (?:{japanese}){_JAPANESE_LINK}(?:修正|直し|直す|訂正)
        """
    )


_PROSE = r"""
    (?: docs? | documentation | docstrings? | docblocks? | read-?me(?:\.\w+)?
      | change-?(?:logs?|notes?)(?:\.\w+)? | comments? | (?:hyper|web|url)?-?links? | urls? | faq
      | tutorials? | guides? | examples? | wording | sentences? | markup | copyrights?
      | licen[sc]es? | release\s+notes?
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
  | indent\w* | import\s+(?:order|sort)\w* | (?:mypy|pyright|typing)\s+\w+
  | typing(?!\s+(?:on|for|under)\b) | type[\s-]?(?:hint|annotation|ignore)s?
  | type-?check(?:s|ing)?
  | annotations?
  | line[\s-]?(?:length|ending|break)s? | code\s?smells? | nits? | cosmetic\w* | naming
  | formatting | doc-?style | unused\s+\w+ | alignment | spacing | sonar\w* | deepsource
"""
_PINS = r"""
    dep(?:endenc(?:y|ies))? | deps | requirements?(?:\.txt)? | pin(?:s|ning|ned)? | lock-?files?
  | (?:min(?:imum|imal)?|pinned)\s+versions? | package(?:-lock)?\.json | setup\.(?:py|cfg)
"""
# What makes a misspelling, or a mistake in a file of prose, more than one.
_STRONG = r"(?:crash|broke|break|caus|wrong|bugs?\b|leak|rais|exception|regress|vulnerab|hang)"

TRIVIAL: Table = (
    (
        "typo",
        _regex(
            rf"""
            \b(?:typo(?:s|graph\w+)?|tpyo|mis-?s?pell\w*|spell?ings?)\b(?!.*{_STRONG})
          | \bgrammar\s+(?:fix|error|mistake)|\b{_FIX}\s+(?:the\s+)?grammar\b
          | \bgrammatical
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
            \b(?:in|to|on)\s+(?:the\s+)?(?:[\w.-]+\s+){{0,2}}
                (?:docs?|documentation|docstrings?|read-?me\S*|\S+\.rst|tutorial|news|comments?)
                {_END}
          | \b(?:change-?logs?|relnotes?|release\s+notes?|autodoc|(?:inter)?sphinx(?:_\w+)?)\b
                (?!.*{_STRONG})
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
    ("ci", _regex(r"\b(?:ci|travis|appveyor|coveralls|codecov|github\s+actions?|tox\.ini)\b")),
    (
        "formatting",
        _regex(
            rf"""
            \b(?:flake8|pep-?8|pylint|pyright|isort|eslint|golangci-lint|pydocstyle|pycodestyle
              |style-?check|ruff)\b(?!.*{_STRONG})
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
    ("docs", _regex(r"^\[?(?:docs?|doc\s?fix|documentation|read-?me)\b[\w\s/.()-]{0,30}[:\]]")),
    ("docs", _regex(r"^\[?(?:change-?log|history)\b[\w\s/.()-]{0,30}[:\]]")),
    ("ci", _regex(r"^\[?(?:ci|build|travis|tox|pre-commit)\b[\w\s/.()-]{0,30}[:\]]")),
    ("dependency", _regex(r"^\[?(?:go\.mod|deps?|requirements|package\.json)\b[\w\s/.-]{0,30}:")),
)

WEAK = _regex(
    r"""
    \W*(?:(?:an?|another|few|final|last|little|minor|misc|more|other|quick|small|some|tiny|various)
      \W+){0,4}fix(?:e[sd])?(?:\W+(?:and\s+)?(?:clean\w*|tweaks?|improvements?|refactor\w*))?\W*
    """
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

# Work that closes tickets and is no repair. Only asked of subjects without any word for a bug.
OTHER_WORK = _regex(
    r"""
    ^\W*(?:\S{1,30}:\s)?(?:enabl|updat|upgrad|document|mention|renam|remov|drop|deprecat|delet
      |refactor|reorgani|mov|improv|bump|depend|custom|expos|expand|consolidat|extend|transform
      |print|log(?:s|ged|ging)?\b|clarif|recommend|simplif|clean|rework|switch|convert|optimi
      |optional|warn|show|mak\w+\s.*(?:able|ible|optional|easier|public|consistent))\w*\b
  | \ballow(?:s|ed|ing)?\s+(?:users?|custom\w*|setting|defin\w+|passing|specify\w*|overrid\w*
      |to\s+(?:set|pass|specify|define|configure|use))\b
  | \b(?:better|nicer|configur(?:able|ation)|optional(?:ly)?|customi\w+|extensible|supports?
      |documentation|docs?|deprecat\w+|now\s+depends|can\s+now|read-?me|recommend\w*
      |release\s+notes|features?|refactor\w*|logging|speed|faster|performance)\b
    """
)
