"""A shop whose history has its four fixes, made once and copied for each test that changes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from program import CLEAN, bugguard
from shop import FIXES, Shop, voucher


@pytest.fixture(scope="session")
def _learned(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop.at(tmp_path_factory.mktemp("learned") / "shop")
    result = bugguard(shop, "index", "build")
    assert result.code == CLEAN, result
    return shop


@pytest.fixture
def shop(_learned: Shop, tmp_path: Path) -> Shop:
    """All fixes committed and learned; nothing staged, no hook, no config."""
    path = tmp_path / "shop"
    shutil.copytree(_learned.path, path, symlinks=True)
    return Shop.existing(path, _learned.clock)


@pytest.fixture(scope="session")
def _forgetful(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop.at(tmp_path_factory.mktemp("forgetful") / "shop", fixed=False)
    gifts = '"""Gifts."""\n\n\n' + voucher("apply_gift", fixed=False)
    shop.commit({"shop/gifts.py": gifts}, "Add gifts")
    for fix in FIXES:
        shop.fix(fix)
    assert bugguard(shop, "index", "build").code == CLEAN
    return shop


@pytest.fixture
def forgotten(_forgetful: Shop, tmp_path: Path) -> Shop:
    """The shop with a place beside the first of its fixes that it forgot, all of it learned."""
    path = tmp_path / "shop"
    shutil.copytree(_forgetful.path, path, symlinks=True)
    return Shop.existing(path, _forgetful.clock)


@pytest.fixture
def fresh(tmp_path: Path) -> Shop:
    """All fixes committed, nothing learned."""
    return Shop.at(tmp_path / "shop")


@pytest.fixture
def guarded(shop: Shop) -> Shop:
    """With bugguard's own hook installed."""
    assert bugguard(shop, "init").code == CLEAN
    (shop.path / ".bugguard.toml").unlink()
    return shop
