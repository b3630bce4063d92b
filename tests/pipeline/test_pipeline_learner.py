"""An index that other rules learned is refused, and rules do not change unnoticed."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from pathlib import Path

import pytest
from repository import Repository

from bugguard import encoders
from bugguard import index as store
from bugguard.domain.lesson import digest_of
from bugguard.domain.provenance import Provenance, Shard
from bugguard.errors import IndexVersionError, PatternIndexError
from bugguard.patterns import rules
from bugguard.pipeline import learn, learner, refresh, sources
from bugguard.pipeline.learner import REVISION, require
from bugguard.pipeline.sources import History, Lesson

#: What is learned of :func:`history`, by revision. If this fails, what is learned has changed:
#: raise REVISION and record the new digest beside it.
LEARNED = {
    1: "f33c098456f6e7a2", 2: "932d67039fea2917", 3: "b17232a085ee293d", 4: "a2704080510fb66d",
}  # fmt: skip


def history(path: Path) -> Repository:
    """A little of everything that rules are about."""
    repository = Repository(path)
    start = {
        "shop/prices.py": "import decimal\n\n# prices\ndef total(order):\n"
        "    amount = 0\n    for line in order:\n        amount += line.price  # one\n"
        "    return amount\n",
        "src/read.c": "#include <x.h>\nint read_it(char *from, int size) {\n"
        "    char *copy = malloc(size);\n    memcpy(copy, from, size);\n    return size;\n}\n",
        "tests/test_prices.py": "assert total([]) == 0\n",
        "vendor/lib.js": "function run(a){return a.all}\n",
    }
    repository.commit(start, "Start")
    for number, (message, path_, old, new) in enumerate((
        ("fix: totals were wrong (#12)", "shop/prices.py", "line.price ", "line.price * line.n "),
        ("Handle empty orders", "shop/prices.py", "    amount = 0\n",
         "    if not order:\n        return None\n    amount = 0\n"),
        ("Check sizes\n\nFixes: 0123456789ab (\"Start\")\nSHOP-7", "src/read.c",
         "    char *copy", "    if (size < 0)\n        return -1;\n    char *copy"),
        ("fix: typo", "src/read.c", "copy, from", "copy,  from"),
        ("Close the reader, closes #9", "src/read.c", "return size;", "close_it(); return size;"),
        ("修正: 無限ループ", "vendor/lib.js", "a.all", "a.some"),
        ("Add a price", "shop/prices.py", "return amount", "return amount or price()"),
        ("fix: test was wrong", "tests/test_prices.py", "== 0", "is None"),
        ("Revert \"Add a price\"\n\nIt broke everything", "shop/prices.py",
         "return amount or price()", "return amount"),
    )):  # fmt: skip
        text = (repository.path / path_).read_text()
        assert old in text, number
        repository.commit({path_: text.replace(old, new)}, message)
    return repository


def test_rules_that_change_have_another_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All but the vectors, which are the encoder's. So few commits suffice for rules here."""
    for limit in ("LEAST_COMMITS", "LEAST_USES", "COMMON", "_USUAL", "MOST_FIRED"):
        monkeypatch.setattr(rules, limit, 1)
    for limit in ("LEAST_SUPPORT", "LEAST_SHARE"):
        monkeypatch.setattr(rules, limit, 0)
    repository = history(tmp_path / "r")
    knowledge = learn.learn(
        [History(repository.open(), (repository.sha(),), Lesson())], encoders.load("static")
    ).knowledge
    statistics = knowledge.statistics
    told = (
        knowledge.fixes,
        *(rows.tolist() for side in (knowledge.buggy, knowledge.fixed, knowledge.names)
          for rows in (side.values, side.offsets)),
        *(column.tolist() for column in
          (statistics.features, statistics.commits, statistics.standing)),
        *(getattr(knowledge.sample, one.name).tolist() for one in fields(knowledge.sample)),
        knowledge.rules,
        [digest_of(fix) for fix in knowledge.fixes],
    )  # fmt: skip
    assert knowledge.rules
    digest = hashlib.sha256(repr(told).encode()).hexdigest()[:16]
    assert LEARNED[REVISION] == digest


def made(revision: int, shard: Shard | None = None) -> Provenance:
    return Provenance((), revision, 0, shard=shard)


def test_only_the_same_rules_fit() -> None:
    require(made(REVISION), Path("index"))
    with pytest.raises(PatternIndexError, match="older bugguard: run `bugguard index build`"):
        require(made(REVISION - 1), Path("index"))
    with pytest.raises(IndexVersionError, match="newer bugguard: upgrade, or"):
        require(made(REVISION + 1), Path("index"))
    with pytest.raises(PatternIndexError, match=r"only shard 2/8 of a whole: .*index merge"):
        require(made(REVISION, Shard(2, 8)), Path("index"))


@pytest.fixture
def place(tmp_path: Path) -> refresh.Place:
    repository = Repository(tmp_path / "r")
    head = repository.commit({"a.py": "value = make(1)\n"}, "fix: wrong")
    return refresh.Place(repository.open(), tmp_path / "index", (head,))


def built(place: refresh.Place, *, anew: bool = False) -> learn.Learned:
    return refresh.build(place, Lesson(), encoders.load("static"), anew=anew)


def test_older_rules_are_no_start_for_an_update(
    place: refresh.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "REVISION", REVISION - 1)
    assert built(place).read == 1
    assert built(place).read == 0
    monkeypatch.undo()
    again = built(place)
    assert (again.read, again.rebuilt) == (1, "an older bugguard learned by other rules")
    assert store.open_index(place.directory).manifest.provenance.revision == REVISION


def test_newer_rules_are_replaced_only_when_asked_for(
    place: refresh.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "REVISION", REVISION + 1)
    monkeypatch.setattr(learner, "REVISION", REVISION + 1)
    built(place)
    monkeypatch.undo()
    with pytest.raises(IndexVersionError):
        built(place)
    assert built(place, anew=True).read == 1
