"""What can be set, with its default. The names are those of the TOML keys.

``[tool.bugguard]`` holds the fields of :class:`Settings`, ``[tool.bugguard.learn]`` those of
:class:`Learn`, and so on. Regexes are checked by the rooms that use them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bugguard.config.dsn import Dsn

#: What trackers call a bug, and what they call something else, in a label or a type.
_BUGS = (
    "bug", "bugs", "defect", "incident", "regression", "fault", "crash", "bugfix",
    "バグ", "不具合", "障害", "欠陥", "デグレ",
)  # fmt: skip
_NO_BUGS = (
    "feature", "feature request", "new feature", "enhancement", "improvement", "story", "epic",
    "question", "support", "documentation", "proposal", "discussion",
    "duplicate", "invalid", "not a bug",
    "機能追加", "新機能", "機能要望", "要望", "改善", "質問", "問い合わせ", "重複", "仕様",
    "仕様通り",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Learn:
    """Which commits are fixes, and what is taken from them."""

    since: str | None = None  #: only commits after this date, in any form that git understands
    branch: str | None = None  #: the branch whose history is learned; None: HEAD
    fix_subjects: tuple[str, ...] = ()  #: regexes: a commit whose subject matches one is a fix
    not_fix_subjects: tuple[str, ...] = ()  #: regexes: a commit whose subject matches is none
    ticket_patterns: tuple[str, ...] = ()  #: regexes for ticket ids of your own tracker
    ticket_url: str | None = None  #: template of a ticket's link, with ``{id}`` or ``{number}``
    provider: str | None = None  #: what serves the remote, where its host name does not tell
    include: tuple[str, ...] = ()  #: regexes: paths that count, whatever the built-in rules say
    exclude: tuple[str, ...] = ()  #: regexes: paths that never count
    share: bool = True  #: whether it may be learned into one index with other repositories
    bugs_only: bool = False  #: whether only fixes are learned whose ticket is known to be a bug
    #: labels and types that make a ticket a bug, and those that make it something else
    bug_labels: tuple[str, ...] = _BUGS
    not_bug_labels: tuple[str, ...] = _NO_BUGS
    #: where ``#12`` and ``!12`` lead beside the remote's own project: ``gitlab.example/old/name``
    ticket_projects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """How a change is checked."""

    threshold: float = field(default=0.055, metadata={"least": 0, "most": 1})  #: least score, 0..1
    #: from this score on a match is close enough to ask a judge about, 0..1
    escalate: float = field(default=0.02, metadata={"least": 0, "most": 1})
    #: larger files are skipped; git itself compares none of 1 GB
    max_file_kb: int = field(default=1024, metadata={"least": 1, "most": 1_000_000})
    max_hunks: int = field(default=2000, metadata={"least": 1})  #: further hunks are skipped
    #: findings that are known and set aside; None: .bugguard-baseline.json, if it is there
    baseline: Path | None = field(default=None, metadata={"file": True})
    #: votes on findings; None: .bugguard-feedback.jsonl, if it is there
    feedback: Path | None = field(default=None, metadata={"file": True})
    mute: bool = True  #: whether past fixes that were voted down are not reported
    strict: bool = False  #: whether a directive that ended or silences nothing is an error
    #: what past fixes of other repositories count, 0 (not at all) to 1, as ``NAME=WEIGHT`` of the
    #: first name or shell pattern that fits
    weights: tuple[str, ...] = field(
        default=(),
        metadata={
            "pattern": r"[^=]*[^\s=][^=]*=\s*(0?\.[0-9]+|[01](\.0*)?|0\.[0-9]+)\s*",
            "meaning": 'a list of texts such as "github.com/acme/*=0.5", with weights from 0 to 1',
        },
    )
    rules: bool = True  #: whether rules made of the fixes count, see ``bugguard index rules``
    disabled_rules: tuple[str, ...] = ()  #: ids of rules that do not, such as ``5333c352.1``

    @property
    def judged(self) -> float:
        """From which score on a judge is asked: what is reported is always close enough."""
        return min(self.escalate, self.threshold)


@dataclass(frozen=True, slots=True)
class Scan:
    """How code is scanned that stands already."""

    threshold: float = field(default=0.3, metadata={"least": 0, "most": 1})  #: least score, 0..1
    #: from this score on a place is close enough to ask a judge about, 0..1
    escalate: float = field(default=0.1, metadata={"least": 0, "most": 1})


@dataclass(frozen=True, slots=True)
class Hook:
    """How the commit hook behaves."""

    #: seconds that a commit may wait for the index to be brought up to date; 0: never waits
    update_seconds: float = field(default=2.0, metadata={"least": 0, "most": 3600})
    strict: bool = False  #: whether a failure of the hook itself blocks the commit


#: For what only who runs bugguard may set, in the own config, the environment or a flag: a
#: repository under check must not choose who is asked, at whose cost, or what is believed.
_OWN: dict[str, Any] = {"own": True}


@dataclass(frozen=True, slots=True)
class Judge:
    """An LLM that reads close matches: who it is, and what it may cost. Off until turned on.

    Where a key is not set, the openai client's own variables count: ``OPENAI_API_KEY``,
    ``OPENAI_BASE_URL``, ``AZURE_OPENAI_*``, ``OPENAI_API_VERSION``.
    """

    mode: str = field(
        default="off",
        metadata=_OWN
        | {"choices": ("off", "auto", "required", "thorough"), "variable": "BUGGUARD_JUDGE"},
    )
    model: str | None = field(default=None, metadata=_OWN)  #: of Azure: the deployment's name
    base_url: str | None = field(default=None, metadata=_OWN)  #: of any compatible server
    api_key: str | None = field(default=None, metadata=_OWN | {"secret": True})
    azure_endpoint: str | None = field(default=None, metadata=_OWN)
    azure_api_version: str | None = field(default=None, metadata=_OWN)
    ca_file: Path | None = field(default=None, metadata=_OWN)  #: CA certificates to trust, PEM
    #: how the server is asked for JSON; ``bugguard judge test`` says what works
    structured: str = field(
        default="json_schema", metadata=_OWN | {"choices": ("json_schema", "json_object", "text")}
    )
    #: from this score on a finding stands whatever a judge says, 0..1
    certain: float = field(default=0.8, metadata=_OWN | {"least": 0, "most": 1})
    may_silence: bool = False  #: whether what a judge takes for unrelated is not even shown
    deadline: float = field(default=20.0, metadata=_OWN | {"least": 0.1, "most": 3600})  #: seconds
    concurrency: int = field(default=4, metadata=_OWN | {"least": 1, "most": 64})  #: requests
    max_calls: int = field(default=8, metadata=_OWN | {"least": 0})  #: of one run
    max_tokens: int = field(default=40_000, metadata=_OWN | {"least": 0})  #: of one run, both ways
    thorough_calls: int = field(default=8, metadata=_OWN | {"least": 0})  #: more, where thorough
    thorough_tokens: int = field(default=40_000, metadata=_OWN | {"least": 0})  #: likewise
    monthly_tokens: int = field(default=0, metadata=_OWN | {"least": 0})  #: 0: no bound
    monthly_cost: float = field(default=0.0, metadata=_OWN | {"least": 0, "most": 1e9})  #: likewise
    #: ``MODEL INPUT OUTPUT``: prices of a million tokens, in any currency
    prices: tuple[str, ...] = field(default=(), metadata=_OWN)
    budget_file: Path | None = field(default=None, metadata=_OWN)  #: None: in the user's own data
    cache: Path | None = field(default=None, metadata=_OWN)  #: verdicts; None: in the git directory
    allow: tuple[str, ...] = field(default=(), metadata=_OWN)  #: regexes: only such paths are shown
    #: regexes: such paths are never shown to a judge; those of all sources count together
    deny: tuple[str, ...] = field(default=(), metadata={"adds": True})


@dataclass(frozen=True, slots=True)
class Tickets:
    """Which tickets ``bugguard tickets sync`` takes in, and from where."""

    url: str | None = field(default=None, metadata=_OWN)  #: of the tracker's server
    project: str | None = field(default=None, metadata=_OWN)  #: None: the remote's own
    #: the environment variable that holds the token; None: those of the provider's own tools
    token_variable: str | None = field(default=None, metadata=_OWN)
    ca_file: Path | None = field(default=None, metadata=_OWN)  #: CA certificates to trust, PEM
    labels: tuple[str, ...] = ("bug",)  #: those that a ticket has all of; empty: any
    state: str = field(default="closed", metadata={"choices": ("closed", "open", "all")})
    jql: str | None = field(default=None, metadata=_OWN)  #: Jira's query instead of its bugs
    confidential: bool = field(default=False, metadata=_OWN)  #: whether those are kept too


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, checked."""

    #: the index's folder, absolute, or its address on a server; None: inside the git directory
    index: Path | Dsn | None = None
    encoder: str = "static"  #: the built-in model, or a sentence-transformers name or folder
    #: of a judge's explanations: ``ja``, ``de``, ... A code and no free text: it is in the prompt.
    language: str = field(
        default="en",
        metadata={
            "pattern": "[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}",
            "meaning": "the code of a language, such as en, ja or pt-BR",
        },
    )
    learn: Learn = Learn()
    check: Check = Check()
    scan: Scan = Scan()
    hook: Hook = Hook()
    judge: Judge = Judge()
    tickets: Tickets = Tickets()
