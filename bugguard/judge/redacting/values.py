"""What may be a secret by its look alone: apart from names, words, paths and placeholders.

Every test here takes time that grows with the text and no faster.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

#: What stands in a secret's place. It says nothing of it, not even how long it was.
MARKER = "[redacted]"


class Secret(NamedTuple):
    """A place in a text that is to be hidden."""

    start: int
    end: int
    kind: str  #: the detector's name
    everywhere: bool = True  #: whether the same words are a secret wherever they stand
    first: bool = True  #: False: a further line of the secret before, counted with it


_LEAST = 4  # characters; a shorter literal guards nothing

# A value of nothing but these words stands for a secret and is none: ``your-api-key-here``.
_EMPTY = """
    password passwords passwd passphrase passcode pass pwd pw secret secrets token tokens key keys
    api apikey credential credentials cred creds auth authorization access id user users username
    name login client app service db database account session bearer refresh private secretkey
    accesskey secretstr secretstring csrf aws s gcp azure github gitlab env config
    your my our the this that a an some any new old current enter insert put type test tests testing
    example sample dummy fake mock stub default invalid wrong bad good correct valid confirm repeat
    plain hashed encrypted here goes value values placeholder field hash again
    none null nil undefined true false yes no on off n na tbd todo fixme void self change me it
    changeme replace redacted removed hidden masked foo bar baz qux foobar unknown
    str string text byte bytes bytea varchar char int integer number bool boolean object buffer
    required optional nullable empty blank unset prompt stdin inherit enabled disabled
    basic digest negotiate header query cookie body oauth jwt saml ldap kerberos sensitive keyword
    unicode binary hello world mypassword mysecret mytoken yourpassword input output data
    first second third not found missing expired of is in to for from with and or
"""
_EMPTY_WORDS = frozenset(_EMPTY.split())
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# Where another value will be put in: nothing that is written there is the secret.
_INTERPOLATION = re.compile(
    r"[$#]\{[^{}]*\}|\$\([^()]*\)|\{\{[^{}]*\}\}|\{[^{}]*\}|%\(\w*\)[a-z]|%[sdrvq@](?!\w)"
    r"|\\u[0-9A-Fa-f]{4}"
)
_REFERENCE = re.compile(
    r"(?:\$\w+[-:/@.]?)+|<+[^<>]*>*|%\w+%|@[\w.]+@|[:?&]\w*|!+[A-Za-z:]*|[~^<>=v]*\d+(?:\.\d+)+(?:[-+][\w.]*)?|\[[^\[\]]*\]"
)
_PATH = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|[A-Za-z]:\\|\.{0,2}/|~/")
_FILE = re.compile(r"[\w./\\-]+\.[a-z]{1,5}\d?")
_MASK = frozenset("*xX.•·●-_#?… ")

# Names that have figures in them: sha256sum, base64url, Int32Array, x86_64.
_TECHNICAL = re.compile(
    r"(?:(?<![A-Za-z0-9])|(?<=[a-z])(?=[A-Z]))"
    r"(?:(?:sha|md|base|utf|oauth|ipv|aes|rsa|u?int|float|fp|https?|arm|amd|win|mp|[rhep]s|ed|argon"
    r"|ec|log|vec|mat|curve|crc|latin|iso|utf8mb|rfc|tls|v)-?\d{1,4}|k8s|i18n|l10n|a11y|s3|h26[45]"
    r"|x(?:86|64|509))",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"[A-Z\d]{0,3}|\d{0,4}[A-Za-z]*\d{0,4}|\d{0,3}[A-Z]?[a-z]+\d{0,3}(?:[A-Z][a-z]+\d{0,3})*"
)
_SEPARATORS = re.compile(r"[-_./:@+~,%?=&#$!*;]+")
_NOT_IN_TOKENS = re.compile(r"[\s(){}\[\]<>|\\\"'`]")
_MANGLED = re.compile(r"[=/+-]*_{1,2}Z[NST]?\d*")  # a name in C++: _ZN4llvm...
_SMALL = re.compile(r"[a-z]{3,}")
_LETTER = re.compile(r"[A-Za-z]")


def strong(value: str) -> bool:
    """Whether ``value`` mixes letters and figures as no word, name, version or path does."""
    if len(value) < 8 or _NOT_IN_TOKENS.search(value) or masked(value):
        return False
    if not (_LETTER.search(value) and re.search(r"\d", value)) or _in_sequence(value):
        return False
    parts = _SEPARATORS.split(_TECHNICAL.sub("t", value))
    return not all(_NAME.fullmatch(part) and not _flips(part) for part in parts)


def weak(value: str) -> bool:
    """Whether ``value`` has letters with figures or signs among them, as weak passwords have."""
    mixed = _LETTER.search(value) and re.search(r"[\d!@#%^&*~+?]", value)
    return bool(mixed) and len(value) >= 6 and not _TECHNICAL.fullmatch(value)


def scrambled(run: str) -> bool:
    """Whether ``run`` (of a base64 alphabet) has small letters, capitals (and figures) at random.

    Two neighbours are of different kinds 62 times in 100 there, and small letters in threes or more
    are 14 in 100; in long names in camel case (19,381 of four repositories) it is 29 and 81. Of
    10,000 random runs of 20, 28, 32 and 64 characters 1,381, 475, 316 and 35 are missed.
    """
    core = run.strip("=-_/+")
    if len(core) < 20 or _MANGLED.match(run):
        return False  # too short to tell, or a name
    kinds = [_kind(character) for character in core if character.isalnum()]
    if min(kinds.count("A"), kinds.count("a")) < 3:
        return False
    in_words = sum(len(word) for word in _SMALL.findall(core))
    return (
        len(core) - len(kinds) <= len(core) / 8  # parts of a name, or of a path
        and _changes(kinds) >= 0.42 * (len(kinds) - 1)
        and in_words <= 0.42 * len(core)
        and not masked(core)
    )


def written_out(value: str) -> bool:
    """Whether ``value``, which a label says is a secret, is one: a literal and no placeholder."""
    rest = _INTERPOLATION.sub("", value.replace(MARKER, "")).strip()
    if len(rest) < _LEAST or set(rest) <= _MASK or len(set(rest)) == 1:
        return False
    if _REFERENCE.fullmatch(rest) or _is_placeholder(rest):
        return False
    pieces = rest.split()
    if len(pieces) > 1:  # a sentence, unless some piece of it is no word
        return any(strong(piece.strip(".,;:!?()")) for piece in pieces)
    if not re.search(r"[0-9A-Za-z]", rest):
        return bool(re.search(r"[\uff10-\uff5a]", rest))  # full-width letters and figures
    if rest.isalpha() and (not rest.isascii() or rest.istitle()):  # the label's translation
        return False
    is_path = _PATH.match(rest) or _FILE.fullmatch(rest)
    return not is_path or any(strong(part) or scrambled(part) for part in re.split(r"[/\\]", rest))


def interpolated(value: str) -> bool:
    """Whether nothing of ``value`` is written out: it is filled in elsewhere, or masked."""
    rest = _INTERPOLATION.sub("", value.replace(MARKER, ""))
    return set(rest) <= _MASK or bool(_REFERENCE.fullmatch(rest))


def names(value: str, label: str) -> bool:
    """Whether ``value`` only says its label again: ``RESET_PASSWORD = "reset-password"``.

    Figures are passed over, since ``password2`` is most often a second variable.
    """
    said = re.sub(r"[\W\d_]", "", value).lower()
    return said != "" and said in re.sub(r"[\W\d_]", "", label).lower()


def masked(value: str) -> bool:
    """Whether all but the beginning of a token has been crossed out: ``ghp_xxxxxxxxxxxx``."""
    return len(value) > 12 and len(set(value[8:])) <= 2


def _is_placeholder(value: str) -> bool:
    words = _WORDS.findall(value)
    digits = sum(character.isdigit() for character in value)
    return bool(words) and digits <= 1 and all(word.lower() in _EMPTY_WORDS for word in words)


def _in_sequence(value: str) -> bool:
    """Whether ``value`` is an alphabet: each character follows in order on the one before."""
    steps = sum(ord(after) - ord(before) == 1 for before, after in pairwise(value))
    return len(value) >= 16 and 2 * steps > len(value)


def _flips(part: str) -> bool:
    """Whether capitals and small letters alternate more often than in any name."""
    kinds = [_kind(character) for character in part if character.isalpha()]
    return len(kinds) >= 8 and _changes(kinds) >= 0.55 * (len(kinds) - 1)


def _kind(character: str) -> str:
    if character.isdigit():
        return "0"
    return "A" if character.isupper() else "a"


def _changes(kinds: Sequence[str]) -> int:
    """How often neighbours differ."""
    return sum(before != after for before, after in pairwise(kinds))
