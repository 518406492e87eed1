"""Risk's account against an independent model, written from docs/controls.md, over random days.

Trades, reports of every kind (true, ahead of an execution, behind it, 0, without or with other
holdings, after deposits), dates and restarts, in any order: start, equity, peaks, the day and the
week are the model's after each, and an entry is refused for the start exactly where it refuses.
"""

from typing import Any, Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.messages.orders import HeldPosition, Holdings, OrderRole
from services.domain.messages.risk import LedgerCarry, OrderCommand
from services.domain.units import NANOS_PER_MINUTE, MicroUsd, UnixNanos
from services.risk.gate import Gate
from services.risk.settings.config import RiskConfig
from tests.support.limit_rows.limit_case import account_values
from tests.support.risk_builder import (
    CLOSE,
    ES,
    MES,
    RiskDesk,
    at,
    calendar,
    candidate,
    config,
    decision_on,
    manifest,
    only,
    replay_from,
)

_DATES: Final = ("2026-02-05", "2026-02-06", "2026-02-09", "2026-02-10")
_WEEKS: Final = (0, 0, 1, 1)
_TICK, _FEE, _USD = 1_250_000, 620_000, 1_000_000
_CODES: Final = ("TRAILING_DRAWDOWN", "END_OF_DAY_DRAWDOWN", "STATIC_DRAWDOWN")
_FAR: Final[dict[str, Any]] = {
    "daily_loss_usd": 100_000.0,
    "weekly_loss_usd": 1_000_000.0,
    "drawdown_intraday_usd": 1_000_000.0,
    "drawdown_end_of_day_usd": 1_000_000.0,
    "drawdown_static_usd": 1_000_000.0,
    "drawdown_lock_usd": 1_000_000.0,
    "drawdown_stop_share": 1.0,
    "trades_per_day": 1_000,
    "trades_per_strategy_per_day": 1_000,
    "spike_atr_max": 50.0,
    "collar_pct": 5.0,
    "collar_atr": 20.0,
}
"""Limits that no path here reaches: what is used of them is what is compared."""


class _Report(msgspec.Struct, frozen=True):
    """What the client reports of its account."""

    off_usd: int
    """Beside the true cash: a deposit that is gone with the next, a wrong figure."""
    zero: bool
    holdings: str
    """`true`, `none` where it states none, `other`."""
    by_hand_usd: int
    """Realised by hand today, in the account's own count."""


class _Trade(msgspec.Struct, frozen=True):
    """A minute with this close, in which the one position begins or ends."""

    ticks: int
    acts: bool


class _Date(msgspec.Struct, frozen=True):
    """The next trade date; with a restart from its journal."""

    restarts: bool


_CASH: Final = st.sampled_from([0, 0, 0, 0, 40, 60, -60, 5_000, -5_000])
_EVENTS: Final = st.lists(
    st.one_of(
        st.builds(
            _Report,
            _CASH,
            st.sampled_from([False] * 6 + [True]),
            st.sampled_from(["true"] * 5 + ["none", "other"]),
            st.sampled_from([0, 0, 0, 0, 100, -300]),
        ),
        st.builds(_Trade, st.integers(-80, 80), st.booleans()),
        st.builds(_Trade, st.integers(-80, 80), st.just(value=False)),
        st.builds(_Date, st.booleans()),
    ),
    min_size=10,
    max_size=40,
)


class _Model:
    """The account by docs/controls.md, from prices and reports alone; micro-dollars."""

    def __init__(self, stated: int | None, seed: int) -> None:
        self.stated, self.seed = stated, seed
        self.base: int | None = None
        self.last: int | None = None
        self.counted = False
        self.began: int | None = None
        self.before = self.today = self.week = 0
        self.entry: int | None = None
        self.mark = 0
        self.day_open = self.week_open = 0
        self.high: int | None = None
        self.day_high: int | None = None

    @property
    def active(self) -> int | None:
        """What our profit is added to."""
        if self.base is not None:
            return self.base
        return self.last if self.stated is None else self.stated

    @property
    def open(self) -> int:
        """Open profit."""
        return 0 if self.entry is None else (self.mark - self.entry) * _TICK

    @property
    def equity(self) -> int:
        """Base, realised and open profit."""
        return (self.active or 0) + self.before + self.today + self.open

    @property
    def in_doubt(self) -> bool:
        """File and account differ by more than 0.1 %."""
        if self.stated is None or self.began is None:
            return False
        return abs(self.began - self.stated) > self.stated // 1_000

    @property
    def start(self) -> int | None:
        """Where drawdowns begin."""
        if self.in_doubt and self.base is not None:
            assert self.began is not None
            assert self.stated is not None
            return max(self.began, self.stated)
        return self.began if self.stated is None else self.stated

    def refuses(self) -> bool:
        """START_EQUITY, in a playback with drawdowns on."""
        return self.in_doubt or not self.counted

    def see(self) -> None:
        """Look at the equity."""
        if self.active is not None:
            self.high = self.equity if self.high is None else max(self.high, self.equity)

    def report(self, cash: int, realised: int) -> None:
        """A report whose holdings agree."""
        shown, began = cash - self.before - self.today, cash - (realised or self.today)
        began -= self.before
        old, new = self.active, self.base is None
        if new and cash <= 0:
            return
        self.counted = True
        if shown in (self.base, self.last):
            agrees = self.stated is None or abs(began - self.stated) <= self.stated // 1_000
            if new or (self.in_doubt and agrees):
                self.began = began
            self.base, self.last = shown, None
        else:
            self.last = shown
            if new:
                self.began = began
        if new and old is not None:
            moved = (self.active or 0) - old
            self.high = None if self.high is None else self.high + moved
            self.day_high = None if self.day_high is None else self.day_high + moved

    def next_date(self, *, same_week: bool) -> None:
        """A date ends and the next begins."""
        if self.active is not None:
            balance = self.active + self.before + self.today
            self.day_high = balance if self.day_high is None else max(self.day_high, balance)
        self.week = self.week + self.today if same_week else 0
        self.before, self.today = self.before + self.today, 0
        self.day_open = self.open
        self.week_open = self.week_open if same_week else self.open

    def shown(self) -> dict[str, int]:
        """What `status` shows as used."""
        found = {
            "DAILY_LOSS": -(self.today + self.open - self.day_open),
            "WEEKLY_LOSS": -(self.week + self.today + self.open - self.week_open),
        }
        if self.start is not None:
            least = max(self.start, self.seed)
            peaks = (max(least, self.high or 0), max(least, self.day_high or 0), self.start)
            found |= {code: p - self.equity for code, p in zip(_CODES, peaks, strict=True)}
        return {code: max(0, amount) for code, amount in found.items()}


class _Walk:
    """A desk and its model, through the same events."""

    def __init__(self, limits: RiskConfig) -> None:
        self.desk = RiskDesk(limits)
        self.desk.link()
        stated = limits.start_equity_usd
        self.model = _Model(
            None if stated is None else round(stated * _USD), round(limits.peak_equity_usd * _USD)
        )
        self.place = 0
        self.minute = 0
        self.cash = 50_000 * _USD
        self.held: OrderCommand | None = None
        self._close(0)

    @property
    def _date(self) -> str:
        return _DATES[self.place]

    def _close(self, ticks: int, *, asks: bool = False) -> list[Any]:
        self.minute += 1
        close_ns = UnixNanos(at("10:00", self._date) + self.minute * NANOS_PER_MINUTE)
        clock = f"{10 + self.minute // 60}:{self.minute % 60:02d}"
        wanted = candidate(
            "es_fade",
            close_ns,
            trade_date=self._date,
            entry=CLOSE + ticks,
            stop=CLOSE + ticks - 200,
            target=CLOSE + ticks + 400,
        )
        requests = (wanted,) if asks else ()
        outputs = self.desk.minute(clock, *requests, date=self._date, closes={ES: CLOSE + ticks})
        self.model.mark = ticks
        if self.held is not None:
            self.model.see()
        if asks:
            decision = decision_on(wanted, outputs)
            refused = "START_EQUITY" in [check.code for check in decision.checks]
            assert refused is self.model.refuses(), decision.text
        return outputs

    def trade(self, event: _Trade) -> None:
        """A minute; where it acts, an entry or the exit at its close."""
        asks = event.acts and self.held is None
        commands = [
            c for c in only(OrderCommand, self._close(event.ticks, asks=asks)) if c.is_entry
        ]
        model, desk, price = self.model, self.desk, CLOSE + event.ticks
        if asks and commands:
            (self.held,) = commands
            desk.send(desk.ack(self.held), desk.fill(self.held, price))
            desk.send(*desk.bracket(self.held))
            model.entry, model.today = event.ticks, model.today - _FEE
            self.cash -= _FEE
            model.see()
        elif event.acts and self.held is not None:
            desk.send(desk.fill(self.held, price, role=OrderRole.STOP))
            assert model.entry is not None
            won = (event.ticks - model.entry) * _TICK - _FEE
            model.entry, model.today, self.held = None, model.today + won, None
            self.cash += won
            model.see()

    def report(self, event: _Report) -> None:
        """The account as it is, or not."""
        true = Holdings(() if self.held is None else (HeldPosition(MES, 1),))
        other = Holdings((HeldPosition(MES, 2),))
        stated = {"true": true, "none": None, "other": other}[event.holdings]
        cash = 0 if event.zero else self.cash + event.off_usd * _USD
        realised = self.model.today + event.by_hand_usd * _USD
        values = account_values(
            self.desk, cash / _USD, realised=MicroUsd(realised), holdings=stated
        )
        self.desk.send(values)
        if event.holdings == "true":
            self.model.report(cash, realised)
        self.model.see()

    def next_date(self, event: _Date) -> None:
        """The roll, as the runtime does it; the date begins with the first report or minute."""
        if self.place + 1 == len(_DATES):
            return
        (carry,) = [m for m in self.desk.gate.carry() if isinstance(m, LedgerCarry)]
        if event.restarts:
            fresh = Gate(self.desk.limits, manifest(), calendar())
            fresh.fold_input(carry, self.desk.now)
            self.desk.gate = fresh
        self.desk.journal.clear()
        before, self.place, self.minute = _WEEKS[self.place], self.place + 1, 0
        self.model.next_date(same_week=before == _WEEKS[self.place])
        self.desk.now = at("09:40", self._date)

    def run(self, events: list[_Report | _Trade | _Date], reports: int) -> None:
        """Live through so many true reports, then the events, compared after each."""
        begun = [_Report(0, zero=False, holdings="true", by_hand_usd=0)] * reports
        for event in (*begun, *events):
            match event:
                case _Report():
                    self.report(event)
                case _Trade():
                    self.trade(event)
                case _Date():
                    self.next_date(event)
                    continue
            status = self.desk.gate.status()
            assert status.equity == self.model.equity, event
            assert status.start_equity == self.model.start, event
            assert bool(status.start_fault) is self.model.in_doubt, event
            shown = {row.code: round(row.used * _USD) for row in status.limits}
            assert shown | self.model.shown() == shown, event


@pytest.mark.parametrize(
    ("stated", "seed"), [(50_000.0, 0.0), (None, 0.0), (None, 52_000.0), (47_000.0, 51_000.0)]
)
@settings(max_examples=100, deadline=None)
@given(events=_EVENTS, data=st.data())
def test_the_account_is_the_models(
    stated: float | None, seed: float, events: list[_Report | _Trade | _Date], data: st.DataObject
) -> None:
    """After every event; and the last date's journal, folded anywhere, goes on the same."""
    walk = _Walk(config(**_FAR, start_equity_usd=stated, peak_equity_usd=seed))
    walk.run(events, data.draw(st.integers(0, 2)))
    if any(isinstance(event, _Date) for event in events) or not walk.desk.journal:
        return
    cut = data.draw(st.integers(0, len(walk.desk.journal) - 1))
    if walk.desk.journal[cut][0] != "out":
        before, after = replay_from(walk.desk, cut)
        assert after == before
