"""What judging may cost: so much in a run, so much in a month.

The month's sums stand in one small file that all processes share. What a request may cost is
reserved before it is sent and set right afterwards, so that processes that run at once stay
within the bounds together; one that is killed in between leaves its reservation standing.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bugguard.errors import ConfigError
from bugguard.judge.asking.exchange import one_line
from bugguard.judge.asking.months import Months, Sums, UnkeptError

_STATISTICS_WAIT = 0.2  # seconds for the lock where nothing depends on the file


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may be spent at most."""

    calls: int  #: of this run
    tokens: int  #: of this run, read and written together
    monthly_tokens: int = 0  #: of all runs of a month (UTC); 0: no bound
    monthly_cost: float = 0.0  #: the same, in the currency of the prices

    @property
    def is_monthly(self) -> bool:
        return self.monthly_tokens > 0 or self.monthly_cost > 0


class Prices:
    """What a million tokens cost, by model, in any currency."""

    def __init__(self, by_model: Mapping[str, tuple[float, float]]) -> None:
        self._by_model = dict(by_model)

    @classmethod
    def parse(cls, lines: Sequence[str]) -> Prices:
        """From lines ``MODEL INPUT OUTPUT``, where ``*`` is every other model.

        ConfigError for a line that is none.
        """
        by_model: dict[str, tuple[float, float]] = {}
        for line in lines:
            try:
                model, *numbers = line.split()
                read, written = map(float, numbers)
            except ValueError:
                model, read, written = "", math.nan, math.nan
            if not (0 <= read < math.inf and 0 <= written < math.inf):
                raise ConfigError(
                    f"judge.prices: {line!r:.80} is no price; write `MODEL INPUT OUTPUT`, the "
                    "prices of a million tokens read and written, such as `small-model 0.15 0.6`"
                )
            if model in by_model:
                raise ConfigError(f"judge.prices: {model!r:.80} has two prices; take one out")
            by_model[model] = (read, written)
        return cls(by_model)

    def cost(self, model: str, tokens_in: int, tokens_out: int) -> float | None:
        """None: there is no price for that model."""
        price = self._by_model.get(model) or self._by_model.get("*")
        return price and (tokens_in * price[0] + tokens_out * price[1]) / 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Reservation:
    """What one request may cost at most."""

    tokens_in: int
    tokens_out: int
    month: str | None  #: in whose sums it stands; None: in none


class Ledger:
    """The account of one run with one model. Not for several threads at once.

    month_file: in the user's own data, shared by all processes; None: nothing is kept. Without a
    monthly bound it only counts, and whatever is wrong with it stands in nobody's way. now: the
    clock, in seconds since the epoch.
    """

    def __init__(
        self,
        bounds: Bounds,
        month_file: Path | None,
        prices: Prices,
        model: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._bounds = bounds
        self._months = Months(month_file) if month_file else None
        self._prices = prices
        self._model = model
        self._now = now
        self._open: set[Reservation] = set()
        self._forgiven = 0
        self.calls = 0  #: requests that were sent
        self.tokens_in = 0
        self.tokens_out = 0

    @property
    def cost(self) -> float | None:
        """Of this run so far; None: the model has no price."""
        return self._prices.cost(self._model, self.tokens_in, self.tokens_out)

    def extend(self, calls: int, tokens: int) -> None:
        """Allow so much more in this run."""
        bounds = self._bounds
        self._bounds = replace(bounds, calls=bounds.calls + calls, tokens=bounds.tokens + tokens)

    def reserve(self, tokens_in: int, tokens_out: int, within: float = 2.0) -> Reservation | str:
        """Leave to send one request that costs at most so many tokens.

        Else why not, in a clause that goes on "the judge ...". within: seconds to wait at most.
        """
        bounds = self._bounds
        if self.calls - self._forgiven >= bounds.calls:
            return f"has used up its {bounds.calls:,} calls for this run"
        held = sum(each.tokens_in + each.tokens_out for each in self._open)
        if self.tokens_in + self.tokens_out + held + tokens_in + tokens_out > bounds.tokens:
            return f"would pass its {bounds.tokens:,} tokens for this run"
        month = None
        if bounds.is_monthly:
            month = time.strftime("%Y-%m", time.gmtime(self._now()))
            refused = self._reserve_in(month, tokens_in, tokens_out, within)
            if refused:
                return refused
        reservation = Reservation(tokens_in, tokens_out, month)
        self._open.add(reservation)
        self.calls += 1
        return reservation

    def settle(
        self, reservation: Reservation, tokens_in: int, tokens_out: int, within: float = 2.0
    ) -> None:
        """What it really was. A reservation that is settled already is left as it is."""
        if reservation not in self._open:
            return
        self._open.remove(reservation)
        self.tokens_in += tokens_in
        self.tokens_out += tokens_out
        self._book(reservation, 1, tokens_in, tokens_out, within)

    def forgive(self, reservation: Reservation, within: float = 2.0) -> None:
        """It was sent, and refused for its form alone: it uses up nothing of the bounds."""
        if reservation not in self._open:
            return
        self._open.remove(reservation)
        self._forgiven += 1
        self._book(reservation, 0, 0, 0, within)

    def _reserve_in(self, month: str, tokens_in: int, tokens_out: int, within: float) -> str:
        """Put it into the month's sums; empty, or why not."""
        bounds = self._bounds
        cost = self._prices.cost(self._model, tokens_in, tokens_out)
        if bounds.monthly_cost and cost is None:
            model = one_line(self._model)
            return f"has no price for {model}, which a monthly cost needs (judge.prices)"
        if self._months is None:
            return "has a monthly budget and no file to keep it in"
        try:
            with self._months.held(within) as sums_by_month:
                sums = sums_by_month.get(month, Sums())
                sums = sums.plus(1, tokens_in + tokens_out, cost or 0.0)
                if 0 < bounds.monthly_tokens < sums.tokens:
                    return f"would pass the monthly budget of {bounds.monthly_tokens:,} tokens"
                if 0 < bounds.monthly_cost < sums.cost:
                    return f"would pass the monthly budget of {bounds.monthly_cost:,g}"
                self._months.write({**sums_by_month, month: sums}, month)
        except UnkeptError as error:
            return f"cannot keep to its monthly budget: {error}"
        return ""

    def _book(
        self, reservation: Reservation, calls: int, tokens_in: int, tokens_out: int, within: float
    ) -> None:
        """Set the month's sums right, or add to them what was not reserved. It may fail unheard:
        what was reserved stands then."""
        if self._months is None:
            return
        tokens = tokens_in + tokens_out
        cost = self._prices.cost(self._model, tokens_in, tokens_out) or 0.0
        month = reservation.month
        if month is not None:
            held_in, held_out = reservation.tokens_in, reservation.tokens_out
            calls, tokens = calls - 1, tokens - held_in - held_out
            cost -= self._prices.cost(self._model, held_in, held_out) or 0.0
        wait = within if month else min(within, _STATISTICS_WAIT)
        month = month or time.strftime("%Y-%m", time.gmtime(self._now()))
        try:
            with self._months.held(wait) as sums_by_month:
                sums = sums_by_month.get(month, Sums()).plus(calls, tokens, cost)
                self._months.write({**sums_by_month, month: sums}, month)
        except UnkeptError:
            return
