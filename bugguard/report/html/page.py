"""The frame that every page has, and what a browser is told not to do in it."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

_PARTS = files("bugguard.report.html") / "templates"


def write(template: str, **values: Any) -> str:
    """The page, ending with a newline. Every value is escaped, whatever the template does."""
    style, script = _own("page.css"), _own("page.js")
    return (
        _environment()
        .get_template(template)
        .render(style=style, script=script, policy=policy(style, script), **values)
    )


def policy(style: str, script: str) -> str:
    """What the browser may use of the page: these two and nothing else, from nowhere."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _own(name: str) -> Markup:
    """A file of this package, the only text that is no stranger's and is not escaped."""
    text = (_PARTS / name).read_text("utf-8")
    return Markup(text)  # noqa: S704


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("bugguard.report.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
