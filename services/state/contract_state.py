"""One contract: its sessions one after another, each bar folded once and in order.

Rule 1: a bar that is not newer than the last one changes nothing; a note reports it.
Rule 2: the first bar of a trade date ends the session before and publishes the date's SessionCarry.
Rule 3: an optional family lives from a session's start to its end: a session that came with a carry
        keeps those it began with.
Rule 4: levels supplied for a date that has not begun wait for its first bar.
Rule 5: a fault that blocks entries blocks them in the session its time belongs to, begun or not.
"""

from typing import Final

import msgspec

from services.domain.calendar import Calendar, et_text
from services.domain.indicator_families import IndicatorFamily
from services.domain.messages.market import Bar, FeedFault, SuppliedLevels
from services.domain.messages.reading import SmtReading
from services.domain.messages.session import SessionCarry, SessionUpdate
from services.domain.units import UnixNanos
from services.state.carry import (
    ContractSnapshot,
    DatedFault,
    new_contract_snapshot,
    pack,
    unpack,
)
from services.state.config import StateConfig
from services.state.confluence.divergence import DivergenceMember
from services.state.hours import hours_of
from services.state.prior_day import begin, opening_notes
from services.state.reading import session_update
from services.state.session import open_session

_REMARKS_MAX: Final = 8
_FAULTS_MAX: Final = 64
_SUPPLIED_MAX: Final = 4
"""Dates to come whose levels are kept; the gateway lets one of them through."""


class ContractState:
    """The state of one contract and what it publishes after each bar."""

    def __init__(
        self,
        contract: str,
        config: StateConfig,
        calendar: Calendar,
        indicator_families: frozenset[IndicatorFamily],
    ) -> None:
        self.contract = contract
        self._indicator_families = indicator_families
        self._config = config
        self._calendar = calendar
        self._state = new_contract_snapshot()
        self._restored_carry: SessionCarry | None = None

    def fold(self, bar: Bar) -> tuple[SessionCarry, ...] | None:
        """Fold the next bar; give the carry of a date it begins.

        None for a bar that is not newer than the last one, or outside every session: it is left out
        and remarked on.
        """
        state, session = self._state, self._state.session
        if bar.close_ns <= state.folded_ns:
            self._note(f"bar {et_text(bar.close_ns)} came again or out of order, ignored")
            return None
        state.folded_ns = bar.close_ns
        carries: tuple[SessionCarry, ...] = ()
        if session is None or bar.close_ns > session.hours.close_ns:
            carry = self._begin_date(bar.close_ns)
            if carry is None:
                self._note(f"bar {et_text(bar.close_ns)} lies outside the session, ignored")
                return None
            carries = (carry,)
            session = state.session
            assert session is not None
        state.indicators.fold(bar)
        session.fold(bar, self._config)
        return carries

    def divergence_member(self, bar: Bar) -> DivergenceMember | None:
        """Give what the group compares after the bar just folded; None: it has no part."""
        session = self._state.session
        return None if session is None else session.divergence_member(bar, self._config)

    def build_update(
        self, bar: Bar, smt: SmtReading | None, *, late: bool = False
    ) -> SessionUpdate:
        """Build the reading after the bar just folded."""
        state, session = self._state, self._state.session
        assert session is not None
        notes = session.notes + session.levels.notes
        if state.notes or late:
            arrival = ("the bar arrived after its stamp had closed",) if late else ()
            notes, state.notes = (*notes, *state.notes, *arrival), ()
        return session_update(session, state.indicators, bar, notes=notes, smt=smt)

    def fault(self, fault: FeedFault) -> None:
        """Block entries for the session the fault belongs to."""
        session = self._state.session
        if session is not None and fault.at_ns <= session.hours.close_ns:
            session.degrade(fault.text)
        elif len(self._state.faults) < _FAULTS_MAX:
            date = self._calendar.trade_date_of(fault.at_ns)
            self._state.faults.append(DatedFault(date, fault.text))

    def supply(self, levels: SuppliedLevels) -> None:
        """Take levels from NinjaTrader, for the session in force or for one that has not begun."""
        state, session = self._state, self._state.session
        date = "" if session is None else session.hours.trade_date
        if session is not None and levels.trade_date == date:
            session.supply(levels)
        elif levels.trade_date > date:
            held = [each for each in state.supplied if each.trade_date != levels.trade_date]
            state.supplied = [*held, levels][-_SUPPLIED_MAX:]

    def restore(self, carry: SessionCarry) -> None:
        """Go on from a carry."""
        self._restored_carry, self._state = carry, unpack(carry)

    def carry(self) -> SessionCarry | None:
        """Pack everything known of the contract; None when that is nothing."""
        state = self._state
        nothing = not (state.folded_ns or state.faults or state.supplied)
        if nothing and self._restored_carry is None:
            return None
        return msgspec.structs.replace(self._opening_carry(), indicators=pack(state))

    def _opening_carry(self) -> SessionCarry:
        if self._state.session is not None:
            return self._state.session.opening_carry
        if self._restored_carry is not None:
            return self._restored_carry
        # Nothing folded yet: only faults or supplied levels to come.
        date = self._calendar.trade_date_of(UnixNanos(self._state.folded_ns))
        dates = [fault.trade_date for fault in self._state.faults]
        dates += [levels.trade_date for levels in self._state.supplied]
        date = dates[0] if dates else date
        hours = hours_of(self._calendar, date)
        return SessionCarry(contract=self.contract, trade_date=date, at_ns=UnixNanos(hours.open_ns))

    def _begin_date(self, closed_ns: UnixNanos) -> SessionCarry | None:
        # The carry of the date that begins; None when the stamp lies in no session of it.
        date = self._calendar.trade_date_of(closed_ns)
        hours = hours_of(self._calendar, date)
        if not hours.open_ns < closed_ns <= hours.close_ns:
            return None
        state, received = self._state, self._restored_carry
        carry = received
        if state.session is not None or received is None or received.trade_date != date:
            left = state.session or received
            carry = begin(self.contract, hours, left, calendar=self._calendar, config=self._config)
        assert carry is not None
        state.indicators.select_families(self._indicator_families)
        averages = pack(ContractSnapshot(state.layout, state.indicators))
        carry = msgspec.structs.replace(carry, indicators=averages)
        notes = opening_notes(carry, calendar=self._calendar, config=self._config)
        state.session = open_session(
            hours, carry, notes, self._indicator_families, profile=self._config.profile
        )
        for fault in state.faults:
            if fault.trade_date == date:
                state.session.degrade(fault.text)
        state.faults = [fault for fault in state.faults if fault.trade_date > date]
        for levels in state.supplied:
            if levels.trade_date == date:
                state.session.supply(levels)
        state.supplied = [levels for levels in state.supplied if levels.trade_date > date]
        return carry

    def _note(self, text: str) -> None:
        if len(self._state.notes) < _REMARKS_MAX:
            self._state.notes = (*self._state.notes, text)
