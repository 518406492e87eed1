"""Every position of the account, by key and by the names of its orders, on disk and back. Pure.

Rule 1: a position that has ended is kept for fills that come late, and opens again with one.
Rule 2: an execution counts once by its id, however often it comes.
Rule 3: what is restored is what the last commit had: the same positions in the same order.
"""

from collections import deque
from typing import Final

import msgspec

from services.nt_twin.memory.records import Kind, Memory
from services.nt_twin.positions.bracket import Bracket
from services.nt_twin.positions.flatten import Flatten, FlattenRecord
from services.nt_twin.positions.kept_position import KeptPosition
from services.venue.orders import AccountExecution, OrderRequest

_CLOSED_MAX: Final = 1_000
"""Closed positions kept for fills that come late: some days at the desk's own limits."""
_EXECUTIONS_MAX: Final = 10_000
"""Execution ids kept: an account's rate of a day, many times over."""


class AccountRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What the client's disk keeps of the account itself."""

    net: dict[str, int]
    """Net position by contract, by executions."""
    connected: bool
    quiet_until_ns: int


class _Seen(msgspec.Struct, frozen=True):
    # An execution that has counted: the how-manieth it was.
    number: int


class _Flattens(msgspec.Struct, frozen=True):
    # Those of one contract, the first of them under way.
    waiting: tuple[FlattenRecord, ...]


class PositionBook:
    """The positions of one account, open ones and those that have ended."""

    def __init__(self, memory: Memory, *, entry_rest_ns: int | None) -> None:
        self._memory = memory
        self._open: dict[str, Bracket] = {}
        self._closed: deque[Bracket] = deque()
        self._by_name: dict[str, Bracket] = {}
        self._numbers: dict[str, int] = {}
        """By key: the place among the positions."""
        self._count = 0
        self._ended: list[Bracket] = []
        """Since the last commit."""
        self.flattens: dict[str, list[Flatten]] = {}
        """By contract: those under way, and those that wait."""
        self.net: dict[str, int] = {}
        """Net position by contract, by executions, long > 0."""
        self._execution_ids: dict[str, None] = {}
        self._execution_count = 0
        self.is_new = True
        """Nothing is remembered: what the account shows was before this client's time."""
        self.account: AccountRecord | None = None
        """What was remembered of the account."""
        self._restore(entry_rest_ns)

    def open_positions(self) -> tuple[Bracket, ...]:
        """Give every position that is held or working."""
        return tuple(self._open.values())

    def get(self, key: str) -> Bracket | None:
        """Give an open position."""
        return self._open.get(key)

    def of(self, contract: str) -> list[Bracket]:
        """Give the open positions in a contract."""
        return [each for each in self._open.values() if each.terms.contract == contract]

    def by_name(self, name: str) -> Bracket | None:
        """Give the position an order belongs to, open or not."""
        return self._by_name.get(name)

    def add(self, bracket: Bracket) -> None:
        """Begin a position."""
        self._open[bracket.key] = bracket
        self._count += 1
        self._numbers[bracket.key] = self._count

    def know(self, request: OrderRequest, bracket: Bracket) -> None:
        """Know an order by its name from here on."""
        self._by_name[request.name] = bracket

    def end(self, bracket: Bracket) -> None:
        """Keep a position that is over for fills that come late."""
        if self._open.get(bracket.key) is not bracket:
            return
        del self._open[bracket.key]
        self._closed.append(bracket)
        self._ended.append(bracket)
        if len(self._closed) > _CLOSED_MAX:
            oldest = self._closed.popleft()
            for name in oldest.names:
                del self._by_name[name]
            self._numbers.pop(oldest.key, None)
            self._memory.drop(Kind.POSITION, oldest.key)

    def reopen(self, bracket: Bracket) -> None:
        """Follow a position again that has ended, for a fill that came late."""
        if bracket in self._closed:
            self._closed.remove(bracket)
            self._open[bracket.key] = bracket

    def count(self, event: AccountExecution) -> bool:
        """Count an execution into the net position; False: it has counted."""
        if event.execution_id in self._execution_ids:
            return False
        self._execution_count += 1
        self._execution_ids[event.execution_id] = None
        self._memory.put(Kind.SEEN, event.execution_id, _Seen(self._execution_count))
        if len(self._execution_ids) > _EXECUTIONS_MAX:
            oldest = next(iter(self._execution_ids))
            del self._execution_ids[oldest]
            self._memory.drop(Kind.SEEN, oldest)
        signed = event.side.sign * event.quantity
        self.net[event.contract] = self.net.get(event.contract, 0) + signed
        return True

    @property
    def seen(self) -> frozenset[str]:
        """Ids of the executions that have counted."""
        return frozenset(self._execution_ids)

    # -- on the client's disk -----------------------------------------------------------------

    def remember(self, *, connected: bool, quiet_until_ns: int) -> None:
        """Write what has changed."""
        for bracket in self._open.values():
            self._remember(bracket, ended=False)
        for bracket in self._ended:
            if bracket.key in self._numbers and bracket.key not in self._open:
                self._remember(bracket, ended=True)
        self._ended.clear()
        for contract, waiting in self.flattens.items():
            if waiting:
                kept = _Flattens(tuple(each.record() for each in waiting))
                self._memory.put(Kind.FLATTEN, contract, kept)
            else:
                self._memory.drop(Kind.FLATTEN, contract)
        if not self.is_new:
            net = {contract: quantity for contract, quantity in self.net.items() if quantity}
            account = AccountRecord(net=net, connected=connected, quiet_until_ns=quiet_until_ns)
            self._memory.put(Kind.ACCOUNT, "", account)

    def _remember(self, bracket: Bracket, *, ended: bool) -> None:
        record = bracket.record(self._numbers[bracket.key], ended=ended)
        self._memory.put(Kind.POSITION, bracket.key, record)

    def _restore(self, entry_rest_ns: int | None) -> None:
        for _, account in self._memory.load(Kind.ACCOUNT, AccountRecord):
            self.account, self.net, self.is_new = account, dict(account.net), False
        seen = sorted(self._memory.load(Kind.SEEN, _Seen), key=lambda row: row[1].number)
        self._execution_ids = {key: None for key, _ in seen}
        self._execution_count = seen[-1][1].number if seen else 0
        positions = [kept for _, kept in self._memory.load(Kind.POSITION, KeptPosition)]
        by_key: dict[str, Bracket] = {}
        for kept in sorted(positions, key=lambda each: each.number):
            bracket = Bracket.from_record(kept, entry_rest_ns=entry_rest_ns)
            by_key[kept.key] = bracket
            self._numbers[kept.key] = kept.number
            self._by_name.update(dict.fromkeys(bracket.names, bracket))
            if kept.ended:
                self._closed.append(bracket)
            else:
                self._open[kept.key] = bracket
        self._count = max(self._numbers.values(), default=0)
        for contract, found in self._memory.load(Kind.FLATTEN, _Flattens):
            self.flattens[contract] = [
                Flatten.from_record(each, [by_key[key] for key in each.parts if key in by_key])
                for each in found.waiting
            ]


def foreign_quantity(net: int, parts: list[Bracket]) -> int:
    """Give what of a net position no position of ours accounts for, long > 0.

    By executions on both sides: a fill that an order event reports ahead of its execution is in
    neither.
    """
    return net - sum(part.side.sign * part.held for part in parts)


def oldest_first(parts: list[Bracket], shown: int) -> list[tuple[Bracket, int]]:
    """Give each position what it can hold of what the account shows, the oldest first."""
    left, allowed = shown, []
    for part in parts:
        sign = part.side.sign
        most = max(0, left * sign)
        quantity = min(part.held, most)
        left -= sign * quantity
        allowed.append((part, quantity))
    return allowed
