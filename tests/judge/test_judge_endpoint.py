"""Who is asked: what settings and environment come to, and what of them is refused."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugguard.config import Judge
from bugguard.errors import JudgeError
from bugguard.judge.asking.endpoint import Endpoint

KEY = "sk-verysecret-0123456789"
JUDGE: dict[str, Any] = {"model": "m", "base_url": "http://127.0.0.1:8080/v1"}
AZURE = {"azure_endpoint": "https://a.openai.azure.com", "azure_api_version": "1"}


@pytest.mark.parametrize(
    ("judge", "environ", "name", "key"),
    [
        (JUDGE, {}, "127.0.0.1:8080", None),
        (JUDGE, {"OPENAI_API_KEY": "k"}, "127.0.0.1:8080", "k"),
        (JUDGE | {"api_key": " own\n"}, {"OPENAI_API_KEY": "k"}, "127.0.0.1:8080", "own"),
        (JUDGE | {"base_url": "http://[::1]:80/v1"}, {}, "[::1]:80", None),
        (JUDGE | {"base_url": "https://LLM.example"}, {}, "llm.example", None),
        ({"model": "m"}, {"OPENAI_API_KEY": "k"}, "api.openai.com", "k"),
        ({"model": "m"}, {"OPENAI_BASE_URL": "http://local:1"}, "local:1", None),
        (JUDGE, {"OPENAI_BASE_URL": "http://local:1"}, "127.0.0.1:8080", None),
        (JUDGE, {"AZURE_OPENAI_ENDPOINT": "https://a.example"}, "127.0.0.1:8080", None),
        (AZURE | {"model": "m", "api_key": "k"}, {}, "a.openai.azure.com", "k"),
        (AZURE | {"model": "m"}, {"AZURE_OPENAI_API_KEY": "k"}, "a.openai.azure.com", "k"),
        (AZURE | {"model": "m"}, {"AZURE_OPENAI_AD_TOKEN": "t"}, "a.openai.azure.com", None),
        (
            {"model": "m"},
            {
                "AZURE_OPENAI_ENDPOINT": "https://a.example",
                "AZURE_OPENAI_API_KEY": "k",
                "OPENAI_API_VERSION": "1",
            },
            "a.example",
            "k",
        ),
    ],
)
def test_who_is_asked(
    judge: dict[str, Any], environ: dict[str, str], name: str, key: str | None
) -> None:
    made = Endpoint.of(Judge(**judge), environ)
    assert (made.name, made.api_key) == (name, key)
    assert made.azure_ad_token == environ.get("AZURE_OPENAI_AD_TOKEN")
    for secret in (made.api_key, made.azure_ad_token):
        assert not secret or repr(secret) not in repr(made)


@pytest.mark.parametrize(
    ("judge", "environ", "says"),
    [
        ({}, {"OPENAI_API_KEY": KEY}, "the judge has no model: set BUGGUARD_JUDGE_MODEL"),
        ({"model": "m"}, {}, "api.openai.com wants a key: set OPENAI_API_KEY"),
        ({"model": "m"}, {"OPENAI_API_KEY": " "}, "api.openai.com wants a key"),
        (
            {"model": "m", "base_url": "https://eu.api.openai.com/v1"},
            {},
            "eu.api.openai.com wants a key",
        ),
        (
            {"model": "m", "base_url": "https://a.openai.azure.com/openai/v1/"},
            {},
            "a.openai.azure.com wants a key",
        ),
        (AZURE | {"model": "m"}, {"OPENAI_API_KEY": KEY}, "Azure wants a key"),
        (
            {"model": "m", "azure_endpoint": "https://a.example", "api_key": KEY},
            {},
            "Azure wants the version of its API: set OPENAI_API_VERSION",
        ),
        (AZURE | JUDGE, {}, "judge.base_url and judge.azure_endpoint are both set"),
        (
            {"model": "m"},
            {"AZURE_OPENAI_ENDPOINT": "https://a.example", "OPENAI_API_KEY": KEY},
            "the environment has the variables of both OpenAI and Azure",
        ),
        (JUDGE | {"api_key": "a\nb"}, {}, "judge.api_key holds characters that are in no key"),
        (JUDGE, {"OPENAI_API_KEY": "schlüssel"}, "OPENAI_API_KEY holds characters"),
        *(
            (JUDGE | {"base_url": url}, {}, "judge.base_url is no address of a server")
            for url in (
                "localhost:8080",
                "ftp://host/v1",
                "file:///etc/passwd",
                "http://",
                "http:///v1",
                "http://[::1/v1",
                "http://host:99999/v1",
                "http://host:port/v1",
                "http://ho st/v1",
                "http://host/\x1b[31m",
            )
        ),
        *(
            (JUDGE | {"base_url": url}, {}, "judge.base_url has a user name or password in it")
            for url in (f"https://u:{KEY}@host/v1", f"https://{KEY}@host", "https://@host/v1")
        ),
        (JUDGE | {"base_url": f"http://h/v1?key={KEY}"}, {}, "judge.base_url has a `?` or `#`"),
        ({"model": "m"}, {"OPENAI_BASE_URL": "x"}, "OPENAI_BASE_URL is no address of a server"),
        (JUDGE | {"ca_file": Path("/no/such.pem")}, {}, "judge.ca_file: /no/such.pem cannot be"),
        (JUDGE | {"ca_file": Path(__file__)}, {}, "it holds no certificate in PEM form"),
        (JUDGE | {"ca_file": Path(__file__).parent}, {}, "it is no file of certificates"),
        (JUDGE | {"ca_file": Path(os.devnull)}, {}, "it is no file of certificates"),
    ],
)
def test_who_cannot_be_asked(judge: dict[str, Any], environ: dict[str, str], says: str) -> None:
    with pytest.raises(JudgeError) as raised:
        Endpoint.of(Judge(**judge), environ)
    assert says in str(raised.value)
    assert KEY not in str(raised.value)
    assert "schlüssel" not in str(raised.value)
    assert str(raised.value).isprintable()


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(JudgeError, match=r'install it with `pip install "bugguard\[judge\]"`'):
        Endpoint.of(Judge(**JUDGE), {})


@pytest.mark.parametrize(
    ("url", "official"),
    [
        ("https://api.openai.com/v1", True),
        ("https://eu.api.openai.com/v1", True),
        ("https://a.openai.azure.com/openai/v1/", True),
        ("https://openai.com.example/v1", False),
        ("https://notopenai.com/v1", False),
        ("http://127.0.0.1:8080/v1", False),
    ],
)
def test_who_is_openai_itself(url: str, official: bool) -> None:
    made = Endpoint.of(Judge(model="m", base_url=url, api_key=KEY), {})
    assert made.is_official is official


@given(
    st.text(st.characters(exclude_categories=[]))
    | st.text("htps:/[]@?#.1a\\\t\n%é", max_size=12).map("http://".__add__)
)
def test_any_address_is_a_host_or_a_sentence(url: str) -> None:
    try:
        made = Endpoint.of(Judge(model="m", base_url=url or "x"), {})
    except JudgeError as error:
        said = str(error)
    else:
        said = made.name
        assert "@" not in urlsplit(made.url).netloc
    assert said.isprintable()
    assert said
