"""Ten thousand findings: nothing is lost or without end, and no format is much slower than JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from types import ModuleType
from xml.etree import ElementTree as ET

import pytest
from sample_report import FORMATS
from strangers import many

from bugguard.report import github, gitlab, json_report, junit, markdown, sarif

TEN_THOUSAND = many(10_000)


@pytest.mark.parametrize(("module", "found"), [
    (sarif, lambda text: len(json.loads(text)["runs"][0]["results"])),
    (gitlab, lambda text: len(json.loads(text))),
    (junit, lambda text: len(ET.fromstring(text).findall("testcase/failure"))),  # noqa: S314
])  # fmt: skip
def test_all_are_in_it(module: ModuleType, found: Callable[[str], int]) -> None:
    assert found(module.render(TEN_THOUSAND)) == 10_000


def test_what_is_for_people_stays_short() -> None:
    assert github.render(TEN_THOUSAND).count("\n") == 11
    assert len(markdown.render(TEN_THOUSAND)) < markdown.GITHUB


@pytest.mark.parametrize("module", FORMATS.values())
def test_no_format_takes_much_longer_than_json(module: ModuleType) -> None:
    """Measured: SARIF twice as long, the others less than JSON itself."""
    spent = []
    for render in (json_report.render, module.render):
        started = time.process_time()
        render(TEN_THOUSAND)
        spent.append(time.process_time() - started)
    assert spent[1] < 10 * spent[0]
