"""A small shop's history: code in three languages, and fixes that the tests bring back."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from repository import Repository

PRICES = '''\
"""Prices of orders."""

from decimal import Decimal

CENT = Decimal("0.01")


def subtotal(order):
    amount = Decimal(0)
    for line in order.lines:
        amount += line.price * line.count
    return amount


def shipping_cost(order, country):
    weight = sum(line.weight * line.count for line in order.lines)
    if country == "home":
        return Decimal("4.90")
    return Decimal("9.90") + weight * Decimal("0.35")


def apply_voucher(order, voucher):
    amount = subtotal(order)
    rebate = amount * voucher.percent / 100
    order.history.append(("voucher", voucher.code))
    return (amount - rebate).quantize(CENT)


def invoice_number(year, counter):
    return f"{year}-{counter}"
'''

SESSIONS = '''\
"""Sessions of the shop's customers."""

import time


class SessionStore:
    def __init__(self, lifetime):
        self.lifetime = lifetime
        self.sessions = {}

    def open_session(self, customer):
        token = customer.make_token()
        self.sessions[token] = (customer, time.time())
        return token

    def find_customer(self, token):
        customer, opened = self.sessions[token]
        if time.time() - opened > self.lifetime:
            return None
        return customer

    def close_session(self, token):
        del self.sessions[token]

    def purge_expired(self):
        for token, (customer, opened) in self.sessions.items():
            if time.time() - opened > self.lifetime:
                del self.sessions[token]
'''

PARSER = """\
#include "parser.h"

int parse_header(struct reader *reader, struct header *header) {
    header->length = reader_word(reader);
    header->kind = reader_word(reader);
    char *buffer = malloc(header->length);
    memcpy(buffer, reader->position, header->length);
    header->payload = buffer;
    return PARSE_OK;
}

int parse_trailer(struct reader *reader, struct trailer *trailer) {
    trailer->checksum = reader_word(reader);
    trailer->count = reader_word(reader);
    return PARSE_OK;
}
"""

BASKET = """\
export class Basket {
  constructor(storage) {
    this.storage = storage;
    this.items = [];
  }

  addItem(article, quantity) {
    const known = this.items.find((item) => item.article.id === article.id);
    if (known) {
      known.quantity = quantity;
    } else {
      this.items.push({ article, quantity });
    }
    this.storage.saveBasket(this.items);
  }

  removeItem(article) {
    this.items = this.items.filter((item) => item.article.id !== article.id);
    this.storage.saveBasket(this.items);
  }
}
"""


class Fix(NamedTuple):
    """One fix of the history."""

    path: str
    message: str
    edits: tuple[tuple[str, str], ...]  #: of the file, stretches as they were and as they became

    @property
    def buggy(self) -> str:
        return self.edits[0][0]

    @property
    def fixed(self) -> str:
        return self.edits[0][1]


#: A line replaced.
REPLACED = Fix(
    "shop/prices.py",
    "fix: vouchers took more than the order was worth (#12)",
    (
        (
            "    rebate = amount * voucher.percent / 100\n",
            "    rebate = min(amount, amount * voucher.percent / 100 + voucher.fixed_amount)\n",
        ),
    ),
)
#: A guard added.
GUARD = Fix(
    "src/parser.c",
    "Fix crash on a header that claims more than was read\n\nCloses #34",
    (
        (
            "    char *buffer = malloc(header->length);\n",
            "    if (header->length > reader_remaining(reader))\n"
            "        return PARSE_TRUNCATED;\n"
            "    char *buffer = malloc(header->length);\n",
        ),
    ),
)
#: Two hunks of one fix.
TWO_HUNKS = Fix(
    "shop/sessions.py",
    "fix: expired sessions broke the shop for everybody (#56)",
    (
        (
            "        customer, opened = self.sessions[token]\n",
            "        customer, opened = self.sessions.get(token, (None, float('-inf')))\n",
        ),
        (
            "        for token, (customer, opened) in self.sessions.items():\n",
            "        for token, (customer, opened) in list(self.sessions.items()):\n",
        ),
    ),
)
#: A message in Japanese.
JAPANESE = Fix(
    "web/basket.js",
    "数量が上書きされる不具合を修正 (#78)",
    (
        (
            "      known.quantity = quantity;\n",
            "      known.quantity = Math.min(known.quantity + quantity, article.stock);\n",
        ),
    ),
)
FIXES = (REPLACED, GUARD, TWO_HUNKS, JAPANESE)

FILES = {
    "shop/prices.py": PRICES,
    "shop/sessions.py": SESSIONS,
    "src/parser.c": PARSER,
    "web/basket.js": BASKET,
}


def voucher(name: str, *, fixed: bool) -> str:
    """A function like the one of the shop's first fix."""
    start, end = PRICES.index("def apply_voucher"), PRICES.index("def invoice_number")
    text = PRICES[start:end].replace("apply_voucher", name)
    return text.replace(REPLACED.buggy, REPLACED.fixed) if fixed else text


class Shop(Repository):
    """A repository with :data:`FILES`, ready for fixes."""

    @classmethod
    def at(cls, path: Path, *, fixed: bool = True) -> Shop:
        """A new one; fixed: with every fix of :data:`FIXES` committed."""
        shop = cls(path)
        # Who commits is the repository's to say: hooks run in their user's surroundings.
        shop.git("config", "user.name", "Ada Tester")
        shop.git("config", "user.email", "ada@example.org")
        shop.commit(FILES, "Add the shop")
        if fixed:
            for fix in FIXES:
                shop.fix(fix)
        return shop

    @classmethod
    def existing(cls, path: Path, clock: int) -> Shop:
        """The one in that folder."""
        shop = cls._at(path)
        shop.clock = clock
        return shop

    def read(self, path: str) -> str:
        return (self.path / path).read_bytes().decode("utf-8")

    def replaced(self, path: str, *edits: tuple[str, str]) -> dict[str, str]:
        """A file with stretches of it exchanged, to be staged or committed."""
        content = self.read(path)
        for old, new in edits:
            assert content.count(old) == 1, f"{old!r} stands {content.count(old)} times in {path}"
            content = content.replace(old, new)
        return {path: content}

    def fix(self, fix: Fix) -> str:
        """Commits the fix; returns its sha."""
        return self.commit(self.replaced(fix.path, *fix.edits), fix.message)

    def undone(self, fix: Fix) -> dict[str, str]:
        """The file with the fix taken back, to be staged or committed."""
        return self.replaced(fix.path, *((fixed, buggy) for buggy, fixed in fix.edits))
