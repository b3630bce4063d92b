"""Secrets that are known by their own shape, whatever stands around them.

The shapes are those of detect-secrets' detectors, and ours for what they lack or let go. Of
detect-secrets only the detectors' expressions and its measure of entropy are used: no settings, no
filters, no baselines, no comments that allow a secret, no verification (which asks a network).
"""

from __future__ import annotations

import base64
import binascii
import importlib
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from bugguard.errors import JudgeError
from bugguard.judge.redacting.values import (
    Secret,
    interpolated,
    masked,
    scrambled,
    strong,
    written_out,
)

if TYPE_CHECKING:
    from detect_secrets.plugins.high_entropy_strings import HighEntropyStringsPlugin

#: The detectors of detect-secrets that are asked, by module and class. The others are not, on
#: purpose. Keyword: quadratic on hostile lines and one value a line (the labels here do its work).
#: PrivateKey: knows only a key's first line. IPPublic: an address is no secret. Jwt: lets the
#: signature go. BasicAuth: takes ``{user}:{password}@`` for one. Npm: takes all the line. Ours
#: find what these find, and more.
_DETECTORS = (
    ("artifactory", "ArtifactoryDetector"),
    ("aws", "AWSKeyDetector"),
    ("azure_storage_key", "AzureStorageKeyDetector"),
    ("cloudant", "CloudantDetector"),
    ("discord", "DiscordBotTokenDetector"),
    ("github_token", "GitHubTokenDetector"),
    ("gitlab_token", "GitLabTokenDetector"),
    ("ibm_cloud_iam", "IbmCloudIamDetector"),
    ("ibm_cos_hmac", "IbmCosHmacDetector"),
    ("mailchimp", "MailchimpDetector"),
    ("openai", "OpenAIDetector"),
    ("pypi_token", "PypiTokenDetector"),
    ("sendgrid", "SendGridDetector"),
    ("slack", "SlackDetector"),
    ("softlayer", "SoftlayerDetector"),
    ("square_oauth", "SquareOAuthDetector"),
    ("stripe", "StripeDetector"),
    ("telegram_token", "TelegramBotTokenDetector"),
    ("twilio", "TwilioKeyDetector"),
)
_WHOLE = ("GitHubTokenDetector", "GitLabTokenDetector")  # their groups are a part of the token
_LOOSE = {  # what they match can be an ordinary name
    "ArtifactoryDetector": scrambled,
    "DiscordBotTokenDetector": strong,
    "IbmCloudIamDetector": strong,
}
# Their ` *(?:=| +|...) *` takes cubic time on a run of blanks: minutes on 4,000 of them.
_BLANKS = re.compile(r" {9,}")
_AROUND = re.compile(r"[\s=:\"]*(?:AccountKey=)?")

_TOKENS = (
    ("OpenAI Token", r"sk-(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{20,}"),  # Anthropic's and others' too
    ("GitHub Token", r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}"),
    ("GitLab Token", r"gl(?:pat|dt|ft|soat|rt|rtr|cbt|ptt|imt|agent|oas|ffct|wt)-[\w.-]{20,}"),
    ("GitLab Token", r"GR1348941[\w-]{20,}|_gitlab_session=\w{32}"),
    ("Slack Token", r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{10,}"),
    ("AWS Access Key", r"ABSK[A-Za-z0-9+/]{60,}"),
    ("Google Token", r"AIza[\w-]{30,}|ya29\.[\w.-]{20,}|GOCSPX-[\w-]{20,}|1//0[\w-]{30,}"),
    ("NPM tokens", r"npm_[A-Za-z0-9]{30,}"),
    ("Vault Token", r"s\.[A-Za-z0-9]{24}(?![A-Za-z0-9])"),
    ("PyPI Token", r"pypi-[A-Za-z0-9_-]{40,}"),
    (
        "JSON Web Token",
        r"eyJ[\w-]{8,}(?:\.[\w-]{2,}){1,4}|eyJ[\w-]{40,}|ey\w{16,}\.ey[\w/-]{16,}[\w./=-]*",
    ),
    ("Azure Client Secret", r"[\w~.-]{3}\dQ~[\w~.-]{31,34}"),
    ("Hash of a Password", r"\$(?:1|5|6|y|2[abxy]?|apr1|argon2\w*|s?crypt)\$[\w./$=,+-]{20,}"),
    ("Hash of a Password", r"pbkdf2_\w{3,9}\$\d+\$[\w./$=+-]{20,}|\{S?SHA\d*\}[\w+/=]{20,}"),
    (
        "Service Token",
        r"dop_v1_\w{40,}|do[or]_v1_\w{40,}|hv[sb]\.[\w-]{20,}|[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{40,}"
        r"|hf_[A-Za-z]{30,}|(?:sk|rk|whsec)_(?:(?:live|test|prod)_)?[A-Za-z0-9]{16,}"
        r"|shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}|dapi[a-f0-9]{32}|dckr_pat_[\w-]{20,}"
        r"|rubygems_[a-f0-9]{48}|cio[A-Za-z0-9]{32}|oy2[a-z0-9]{43}|dp\.(?:pt|st|ct)\.[\w.]{30,}"
        r"|lin_api_\w{30,}|ntn_\w{40,}|figd_[\w-]{30,}|AT(?:ATT3|BB)[\w=-]{20,}|NRAK-[A-Z0-9]{27}"
        r"|sntry[su]_[\w+/=]{30,}|gl(?:sa|c)_[\w+/=]{30,}|PMAK-[\w-]{40,}|key-[a-f0-9]{32}"
        r"|HRKU-[\w-]{30,}|AGE-SECRET-KEY-1[A-Z0-9]{50,}|gsk_[A-Za-z0-9]{40,}|xai-[A-Za-z0-9]{60,}"
        r"|pplx-[A-Za-z0-9]{40,}|r8_[A-Za-z0-9]{30,}|sbp_[a-f0-9]{40}|pscale_(?:tkn|pw|oauth)_[\w.=-]{30,}"
        r"|fo1_[\w-]{40,}|fm[12][ar]?_[\w+/=]{80,}|tskey-[\w-]{20,}|pul-[a-f0-9]{40}|pnu_\w{36}"
        r"|EAA[A-Za-z0-9]{60,}|EAAA[\w-]{30,}|xkeysib-[a-f0-9]{60,}[\w-]*|PRIVATE-[\w-]{30,}|sha256~[\w-]{43}"
        r"|LTAI[A-Za-z0-9]{16,}|dt0c01\.\w{24}\.\w{64}|EZ[AT]K\w{54}|p8e-[a-z0-9]{32}"
        r"|sq0(?:atp|csp|idp)-[\w-]{20,}|AQVN[\w-]{35,}|A3-[A-Z0-9]{6}-[A-Z0-9-]{25,}"
        r"|SG\.[\w-]{16,}\.[\w-]{16,}|pat[A-Za-z0-9]{14}\.[a-f0-9]{64}|API-[A-Z0-9]{26}"
        r"|CLOJARS_\w{60}|duffel_(?:test|live)_[\w=-]{40,}|rdme_\w{70}|NR(?:II|JS)-[\w-]{19,}"
        r"|api_org_[A-Za-z]{30,}|FLW(?:SECK|PUBK)_?(?:TEST)?-\w{12,}|v1\.0-[a-f0-9]{24}-[a-f0-9]{100,}"
        r"|fio-u-[\w=-]{60,}|sm_[aps]at_[A-Za-z0-9]{16}|[ps]at\.[\w-]{22}\.\w{24}\.\w{20}|s-s4t2\w\w-\w{64}"
        r"|bedrock-api-key-[\w+/=]{20,}|\d{15,16}\|[\w-]{27,40}|[ps]k\.\w{40,}\.[\w-]{20,}"
        r"|ops_eyJ[\w+/=]{40,}|ZXlK[\w+/=]{30,}|tk-us-[\w-]{40,}|dnkey-[\w=-]{40,}"
        r"|tfp_[\w.=-]{50,}|shippo_(?:live|test)_\w{40}|s[ql][uap]_[a-f0-9]{40}|ico-[A-Za-z0-9]{32}",
    ),
    ("Private Key", r"LS0tLS1CRUdJTi[A-Za-z0-9+/=]{20,}"),  # -----BEGIN, in base64
)
_MAY_BE_NAMES = ("OpenAI Token", "PyPI Token", "Vault Token")
_TOKEN = re.compile(
    r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt])|(?<=%[0-9A-Fa-f][0-9A-Fa-f]))(?:"
    + "|".join(f"({shape})" for _, shape in _TOKENS)
    + ")",
    re.ASCII,
)

_SCHEME = r"(?:bearer|basic|token|apikey|api-key|key|negotiate|oauth)"
_CREDENTIAL = r"[\w.~+/=:-]{6,}"
_HEADER = re.compile(
    rf"authorization[\"']?\]?[ \t]{{0,9}}[:=,][ \t]{{0,9}}[\"'`]?{_SCHEME}"
    rf"[ \t]{{1,9}}({_CREDENTIAL})",
    re.IGNORECASE | re.ASCII,
)
_BEARER = re.compile(rf"\b(bearer|basic)[ \t]{{1,9}}({_CREDENTIAL})", re.IGNORECASE | re.ASCII)
_URL = re.compile(
    r"://[^\s:/?#@\"'`<>]{0,200}:(?!\d{1,5}[?#])([^\s/\"'`<>]{1,400})@(?=[\w\[{$%*.\"'\s-])"
    r"|://([\w.~-]{20,200})@(?=\w)|thin:[^\s/:@]{1,64}/([^\s/\"']{1,64})@"
)
_IN_URL = re.compile(
    r"[?&](?:sig|signature|x-amz-(?:signature|credential|security-token)|code|key|token)="
    r"([\w%.~+/=-]{16,})"
    r"|discord(?:app)?\.com/api/webhooks/\d+/([\w-]{20,})"
    r"|\.webhook\.office\.com/webhookb2/([\w@/-]{40,})"
    r"|hooks\.slack\.com/(?:services|workflows|triggers)/([\w/-]{20,})",
    re.IGNORECASE | re.ASCII,
)
# Command lines and files that hold a password by its place.
_PLACED = re.compile(
    r"\bmachine[ \t]{1,9}\S{1,200}[\s+-]{1,20}(?:login[ \t]{1,9}\S{1,200}[\s+-]{1,20})?password"
    r"[ \t]{1,9}(?P<netrc>\S{1,200})"
    r"|^[+ -]?[^\s:#]{1,200}:(?:\d{4,5}|\*):[A-Za-z_*][^\s:]{0,60}:[^\s:]{1,60}:"
    r"(?P<pgpass>\S{4,200})(?=\s|$)"
    r"|\b(?:mysql|mariadb)\w{0,9}(?=[ \t])[^\n|;]{0,200}?[ \t]-p(?!ort|rotocol|assword)"
    r"[\"']?(?P<mysql>[^\s\"']{4,200})"
    r"|\bcurl(?=[ \t])[^\n|;]{0,300}?[ \t](?:-u|--user)[ =]?[\"']?[^\s:\"']{1,100}:"
    r"(?P<curl>[^\s\"']{3,200})"
    r"|\bsshpass[ \t]{1,9}-p[ \t]?[\"']?(?P<sshpass>[^\s\"']{3,200})"
    r"|\blogin(?=[ \t])[^\n|;]{0,200}?[ \t]-p[ =][\"']?(?P<login>[^\s\"']{6,200})"
    r"|\bredis-cli(?=[ \t])[^\n|;]{0,200}?[ \t]-a[ \t][\"']?(?P<redis>[^\s\"']{4,200})"
    r"|\b(?:requirepass|masterauth)[ \t]{1,9}[\"']?(?P<conf>[^\s\"']{4,200})"
    r"|\bidentified[ \t]{1,9}(?:with[ \t]{1,9}\S{1,60}[ \t]{1,9})?by[ \t]{1,9}[\"']"
    r"(?P<sql>[^\"'\n]{1,200})"
    r"|\becho[ \t]{1,9}(?:-n[ \t])?[\"']?(?P<stdin>[^\s\"']{4,200})[\"']?[ \t]?\|"
    r"[^\n]{0,90}--password-stdin"
    r"|\bpassword[ \t]{1,9}'(?P<role>[^'\n]{4,200})'",
    re.MULTILINE | re.IGNORECASE,
)
_RUN = re.compile(r"(?:(?<=\\)[nrt]|(?<=%)[0-9A-F]{2})?([A-Za-z0-9_][A-Za-z0-9+/_-]{27,}={0,2})")
_FOLDERS = re.compile(r"(?:[A-Za-z]?[a-z]{2,}/)+")
_FIGURE = re.compile(r"\d")


class Shapes:
    """The detectors, loaded. JudgeError, where detect-secrets is missing or lacks one."""

    def __init__(self) -> None:
        self._patterns: list[tuple[str, re.Pattern[str], int, Callable[[str], bool] | None]] = []
        for module, name in _DETECTORS:
            detector = _detector(module, name)
            for pattern in detector.denylist:
                group = 1 if pattern.groups and name not in _WHOLE else 0
                self._patterns.append((detector.secret_type, pattern, group, _LOOSE.get(name)))
        strings = "high_entropy_strings"
        # The limits are their defaults: bits a character.
        self._base64: HighEntropyStringsPlugin = _detector(strings, "Base64HighEntropyString")(4.5)
        self._hex: HighEntropyStringsPlugin = _detector(strings, "HexHighEntropyString")(3.0)

    def find(self, text: str) -> Iterator[Secret]:
        """The secrets in ``text`` that their shape tells, in no order; they may overlap."""
        yield from _tokens(text)
        short = _BLANKS.sub(lambda blanks: "\t" * len(blanks[0]), text)
        for kind, pattern, group, check in self._patterns:
            for found in pattern.finditer(short):
                start, end = found.span(group)
                start = _AROUND.match(short, start, end).end()  # type: ignore[union-attr]
                end -= len(short[start:end]) - len(short[start:end].rstrip(' \t\r\n"'))
                value = short[start:end]
                if not masked(value) and (check is None or check(value)):
                    yield Secret(start, end, kind)
        yield from _headers(text)
        yield from _urls(text)
        yield from _placed(text)
        yield from self._random(text)

    def _random(self, text: str) -> Iterator[Secret]:
        """What is random in itself: in quotes by its entropy, elsewhere by its mixture too."""
        for found in self._hex.regex.finditer(text):
            if self._is_hash(found[2]):
                yield Secret(*found.span(2), self._hex.secret_type)
        for found in self._base64.regex.finditer(text):
            value = found[2].removesuffix("\\")  # of a quote that is itself in quotes
            if self._is_random(value):
                yield Secret(found.start(2), found.start(2) + len(value), self._base64.secret_type)
        for found in _RUN.finditer(text):
            run = found[1]
            if _FIGURE.search(run) and scrambled(run):
                folders = _FOLDERS.match(run)
                first = folders.end() if folders and scrambled(run[folders.end() :]) else 0
                yield Secret(found.start(1) + first, found.end(), "Random String")

    def _is_hash(self, value: str) -> bool:
        mixed = len(value) >= 32 and not value.isdigit()
        return mixed and self._hex.calculate_shannon_entropy(value) > 3.0

    def _is_random(self, value: str) -> bool:
        mixed = scrambled(value) or (value.isalnum() and strong(value))
        if len(value) < 20 or "\\" in value or not mixed:
            return False
        # Small letters and figures alone have less of it.
        return self._base64.calculate_shannon_entropy(value) > (4.5 if len(value) < 24 else 3.5)


def _detector(module: str, name: str) -> Any:
    try:
        return getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), name)
    except (ImportError, AttributeError) as error:
        raise JudgeError(
            f"secrets cannot be taken out of what a judge is shown: detect-secrets' {name} is not "
            "there; install it with pip install 'bugguard[judge]'"
        ) from error


def _tokens(text: str) -> Iterator[Secret]:
    for found in _TOKEN.finditer(text):
        kind = _TOKENS[(found.lastindex or 1) - 1][0]
        if strong(found[0]) if kind in _MAY_BE_NAMES else not masked(found[0]):
            yield Secret(*found.span(), kind)


def _headers(text: str) -> Iterator[Secret]:
    for found in _HEADER.finditer(text):
        if written_out(found[1]):
            yield Secret(*found.span(1), "Authorization Header")
    for found in _BEARER.finditer(text):
        value = found[2]
        if strong(value) or scrambled(value) or (found[1].lower() == "basic" and _pair(value)):
            yield Secret(*found.span(2), "Authorization Header")


def _pair(value: str) -> bool:
    """Whether ``value`` is ``user:password`` in base64, or the beginning of it."""
    try:
        decoded = base64.b64decode(value[: len(value) // 4 * 4], validate=True)
    except (binascii.Error, ValueError):
        return False
    return b":" in decoded and decoded.decode("latin-1").isprintable()


def _urls(text: str) -> Iterator[Secret]:
    for found in _URL.finditer(text):
        group = found.lastindex or 1
        value = found[group]
        if strong(value) if group == 2 else not interpolated(value):
            yield Secret(*found.span(group), "Basic Auth Credentials", written_out(value))
    for found in _IN_URL.finditer(text):
        group = found.lastindex or 1
        value = unquote(found[group])
        if group > 1 or strong(value) or scrambled(value):
            yield Secret(*found.span(group), "Secret in a Link")


def _placed(text: str) -> Iterator[Secret]:
    for found in _PLACED.finditer(text):
        group = found.lastgroup or ""
        if written_out(found[group]):
            yield Secret(*found.span(group), "Placed Password")
