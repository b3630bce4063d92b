"""Which words name a secret: ``DB_PASSWORD``, ``apiKey``, ``--token``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

#: Whether a line is worth a look at all.
HINT = re.compile(
    r"pass|pwd|pw\b|secret|token|key|auth|cred|cookie|sess|sid\b|sig|salt|otp|pin\b|wort|contras"
    r"|senha|パス|暗証|秘密|トークン|キー|シークレット|合言葉|認証|密|비밀",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(r"[\w$.-]+")
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-zñéü]+|\d+|[^\W\d_A-Za-z]+")

_SURE = re.compile(
    r"""(?:^|_|(?<=[a-z]))(?:
    pass_?(?:word|wd|phrase|code)s?|(?<![a-z])(?:pwd|pw)|(?<=db)pwd|secret_id|passwort|kennwort
    |contrase[nñ]a|senha|mot_de_passe|secrets?
    |(?:api|secret|private|priv|access|auth|encryption|decryption|signing|master|ssh|hmac|jwt|aes
       |shared|storage|subscription|webhook|account|admin)_?key
    |(?:access|auth|api|bearer|refresh|secret|session|bot|personal|deploy|runner|git|github|gitlab
       |gh|gl|slack|npm|pypi|hf|vault|jira|sonar|telegram|discord|openai)_?token
    |(?:db|database|key|user|smtp|mail|ftp|admin|root|mysql|postgres|redis|sudo)_?pass
    )(?![a-z])""",
    re.VERBOSE,
)
# Words of detect-secrets' KeywordDetector that are too common in code to be sure of are here.
_PERHAPS = re.compile(
    r"""(?:^|_)(?:
    token|pass|auth|credentials?|creds?|cookie|session_?(?:id|key)|[a-z]*sess_?id|sid|signature|sig
    |salt|otp|pin|(?:license|service|db|database|client|app|user|consumer)_?key|[a-z]+token
    )(?![a-z])""",
    re.VERBOSE,
)
# password_file, SECRET_NAME, tokenType: what follows is about the secret.
_ABOUT = """
    name names file files path dir url uri type field fields label hint regex pattern length len min
    max policy encoder encoding header prefix suffix param params parameter var variable format
    placeholder error errors message msg title text description desc reset expired invalid required
    count index size limit ttl expiry expires expiration timeout age class endpoint algorithm algo
    provider service manager store ref reference source column input form page view route template
    validator validation rules strength changed at date time icon visible mode enabled status state
    scope issuer audience location position kind usage budget counter list set map lifetime rotation
    version method handler helper util utils generator parser ring chain id ids
    response request result dto entity model builder factory config filter repository converter
    exception client server resolver interceptor
"""
# resetPassword, is_secret, noAuth: a deed or a question.
_DEED = """
    is has no not without use show hide forgot forget reset change invalid missing wrong bad empty
    min max validate check verify hash require requires need needs allow enable disable get fetch
    generate make create ask prompt read load find parse next
"""
_ABOUT_WORDS = frozenset(_ABOUT.split())
_DEED_WORDS = frozenset(_DEED.split())


class Label(NamedTuple):
    """A word that names a secret, and where it stands."""

    start: int
    end: int
    text: str
    sure: bool  #: False: it may as well name something else, as ``token`` and ``pass`` do
    called: frozenset[str] = frozenset()  #: what the secret itself is called, where it is apart


def labels(text: str, start: int, end: int) -> Iterator[Label | tuple[int, int, str]]:
    """The words in one line: those that name a secret, and the others as (start, end, word)."""
    for found in _IDENTIFIER.finditer(text, start, end):
        word = found[0][-80:].rstrip(".-")
        first = found.end() - len(found[0][-80:])
        sure = _sure(word)
        place = (first, first + len(word), word)
        yield place if sure is None else Label(*place, sure)


@lru_cache(4096)
def _sure(word: str) -> bool | None:
    """Whether ``word`` surely names a secret; None: it does not."""
    name = "_".join(_PARTS.findall(word)).lower()
    for pattern in (_SURE, _PERHAPS):
        found = list(pattern.finditer(name))
        if not found:
            continue
        before = name[: found[-1].start()].split("_")
        after = name[found[-1].end() :].split("_")
        if _ABOUT_WORDS.isdisjoint(after):
            return pattern is _SURE and _DEED_WORDS.isdisjoint(before)
    return None
