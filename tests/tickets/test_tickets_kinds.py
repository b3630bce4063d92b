"""What makes a ticket a bug."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from bugguard.config import Learn
from bugguard.domain.tickets import TicketKey, TicketRecord
from bugguard.tickets.kinds import Kind, KindRules

DEFAULT = KindRules(Learn().bug_labels, Learn().not_bug_labels)


def kind(*labels: str, type: str = "", resolution: str = "", rules: KindRules = DEFAULT) -> Kind:
    key = TicketKey("gitlab.example/web/shop", "#1")
    record = TicketRecord(key, "gitlab", "x", labels=labels, type=type, resolution=resolution)
    return rules.kind(record).kind


@pytest.mark.parametrize("label", [
    "bug", "Bug", "ＢＵＧ", "type::bug", "kind/bug", "Type: Bug", "🐛 bug", "bug 🐛", "不具合",
    "種別::不具合", "バグ", "ﾊﾞｸﾞ", "priority/high/defect", "Incident",
])  # fmt: skip
def test_labels_of_bugs(label: str) -> None:
    assert kind(label) is Kind.BUG
    assert kind("area", label) is Kind.BUG
    assert kind(type=label) is Kind.BUG


@pytest.mark.parametrize("label", [
    "feature", "Feature Request", "feature-request", "type::feature", "enhancement", "改善",
    "kind/new_feature", "story", "重複", "Duplicate", "not a bug", "機能要望",
])  # fmt: skip
def test_labels_of_anything_else(label: str) -> None:
    assert kind(label) is Kind.OTHER
    assert kind(type=label) is Kind.OTHER


@pytest.mark.parametrize("label", [
    "", "debug", "bugzilla", "bug bash", "no-bug-here", "buggy", "area/bugs-and-features", "task",
    "🐛", "::", "severity::1", "featured", "improvements",
])  # fmt: skip
def test_labels_that_say_nothing(label: str) -> None:
    assert kind(label) is Kind.UNKNOWN


def test_a_bug_that_was_asked_for_as_a_feature_too_is_a_bug() -> None:
    assert kind("enhancement", "bug") is Kind.BUG
    assert kind("bug", type="story") is Kind.BUG


def test_a_duplicate_is_no_bug_whatever_else_it_is() -> None:
    assert kind("bug", "duplicate") is Kind.OTHER
    assert kind("bug", resolution="Duplicate") is Kind.OTHER
    assert kind("bug", resolution="fixed") is Kind.BUG
    assert kind(resolution="bug") is Kind.UNKNOWN


def test_a_team_has_its_own_words() -> None:
    own = KindRules(("C-crash", "障害票"), ("wish",))
    assert kind("c-CRASH", rules=own) is Kind.BUG
    assert kind("種別／障害票", rules=own) is Kind.BUG
    assert kind("wish", rules=own) is Kind.OTHER
    assert kind("bug", rules=own) is kind("duplicate", rules=own) is Kind.UNKNOWN


def test_the_word_that_decided_is_told_to_the_letter() -> None:
    key = TicketKey("gitlab.example/web/shop", "#1")
    record = TicketRecord(key, "gitlab", "x", labels=("注文", "種別::不具合 "))
    assert DEFAULT.kind(record).because == "種別::不具合 "


@given(st.lists(st.text(max_size=20), max_size=5), st.text(max_size=20), st.text(max_size=20))
def test_any_words_have_a_kind(labels: list[str], type_: str, resolution: str) -> None:
    assert kind(*labels, type=type_, resolution=resolution) in Kind
