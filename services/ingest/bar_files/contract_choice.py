"""Which contract month a file's bars are of.

Rule 1: what the user gives goes first, then a month in the symbol column, then one in the file's
        name, then the month that is front at the first bar.
Rule 2: each bar belongs to one month: a file with symbols of two, or one that names none and passes
        a roll, is refused with the date; the month given then picks its own bars.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from services.domain.calendar import et_text
from services.domain.contracts import Contract, front_month, parse, roll_ns
from services.domain.errors import FeedError, InstrumentError
from services.domain.instruments import INSTRUMENTS
from services.domain.units import UnixNanos
from services.ingest.bar_files.judgements import roll_in
from services.ingest.bar_files.names import NamedContract, contract_of
from services.ingest.bar_files.scan import Scan

_ALWAYS: Final = (UnixNanos(-(2**63)), UnixNanos(2**63 - 1))
_ENDINGS: Final = (".gz", ".zip", ".csv", ".txt", ".tsv")


class ContractChoice(msgspec.Struct, frozen=True, kw_only=True):
    """The contract, and which rows are its bars."""

    contract: str
    """NinjaTrader's name with its month."""
    symbols: frozenset[str] = frozenset()
    """What its rows have in the symbol column."""
    other_symbols: frozenset[str] = frozenset()
    """Symbols of other contracts, left out as requested."""
    after_ns: UnixNanos = _ALWAYS[0]
    """Closes up to here belong to an earlier month and are left out as requested."""
    until_ns: UnixNanos = _ALWAYS[1]
    """Closes later than this belong to a later month and are left out as requested."""
    left_out: str = ""
    """What is left out, for the record; empty: nothing."""


def chosen_contract(file_name: str, scan: Scan, given: str | None) -> ContractChoice:
    """Decide the contract of a file from what was given, its symbols, its name, its first bar.

    Raises: InstrumentError when nobody names one, FeedError when its bars are of several.
    """
    now = UnixNanos(int(scan.stamps[0]))
    wanted = None if given is None else contract_of(given, now)
    if len(scan.symbols) > 1:
        return _of_symbols(scan, wanted, now)
    symbols = frozenset(scan.symbols)
    named = _named(file_name, next(iter(symbols), "").strip(), now, wanted)
    contract = (wanted or named).name if named else wanted.name if wanted else ""
    if named is not None and named.has_month:
        return ContractChoice(contract=contract, symbols=symbols)
    first_front = front_month(parse(contract).root, UnixNanos(int(scan.stamps.min()))).name
    roll = roll_in(scan, first_front)
    if roll is None:
        return ContractChoice(contract=contract, symbols=symbols)
    if wanted is not None and wanted.has_month:
        return _of_one_month(scan, parse(contract), symbols)
    line, later, at = roll
    raise FeedError(
        f"line {line}: its name has no contract month and its bars pass from {first_front} to"
        f" {later} at the roll of {et_text(at)}, expected bars of one month;"
        f' --contract "{first_front}" plays its own bars alone, --contract "{later}" the others'
    )


def _named(
    file_name: str, symbol: str, now: UnixNanos, wanted: NamedContract | None
) -> NamedContract | None:
    # What the file names itself; of symbol and name the one with a month.
    stem = file_name
    while (cut := stem.rpartition("."))[1] and f".{cut[2].lower()}" in _ENDINGS:
        stem = cut[0]
    by_name = problem = None
    try:
        by_name = contract_of(stem, now)
    except (FeedError, InstrumentError) as error:
        problem = error
    if not symbol:
        if by_name is None and wanted is None and problem is not None:
            raise problem
        return by_name
    try:
        by_symbol = contract_of(symbol, now)
    except (FeedError, InstrumentError):
        if wanted is None:
            raise
        return by_name
    if by_name is not None and wanted is None and _root(by_name) != _root(by_symbol):
        raise FeedError(
            f"its name has {by_name.name}, its symbol column {symbol!r}, expected one instrument;"
            " --contract decides it"
        )
    if by_name is not None and by_name.has_month and not by_symbol.has_month:
        return by_name
    return by_symbol


def _of_symbols(scan: Scan, wanted: NamedContract | None, now: UnixNanos) -> ContractChoice:
    named: dict[str, str] = {}
    for symbol, (_, at) in scan.symbols.items():
        try:
            named[symbol] = contract_of(symbol, at).name
        except (FeedError, InstrumentError):
            named[symbol] = ""
    first = next(iter(scan.symbols))
    if wanted is not None:
        own = frozenset(symbol for symbol, name in named.items() if name == wanted.name)
        if not own:
            raise FeedError(
                f"its symbols are {_listed(named)}, expected {wanted.name} among them as"
                " --contract has"
            )
        others = frozenset(named) - own
        left_out = f"left out: {_listed(others)}" if others else ""
        return ContractChoice(
            contract=wanted.name, symbols=own, other_symbols=others, left_out=left_out
        )
    if not named[first]:
        contract_of(first, now)
    root = parse(named[first]).root
    for symbol, name in named.items():
        if name and name != named[first] and parse(name).root == root:
            line, at = scan.symbols[symbol]
            raise FeedError(
                f"line {line}: symbol {symbol!r} at {et_text(at)} is {name}, the first is"
                f" {named[first]}, expected bars of one contract month;"
                f' --contract "{named[first]}" plays its own bars alone, --contract "{name}" the'
                " others"
            )
    own = frozenset(symbol for symbol, name in named.items() if name == named[first])
    return ContractChoice(contract=named[first], symbols=own)


def _of_one_month(scan: Scan, contract: Contract, symbols: frozenset[str]) -> ContractChoice:
    after, until = roll_ns(_before(contract)), roll_ns(contract)
    if not ((scan.stamps > after) & (scan.stamps <= until)).any():
        first, last = (
            et_text(UnixNanos(int(at)))[:10] for at in (scan.stamps.min(), scan.stamps.max())
        )
        raise FeedError(
            f"its bars of {first} to {last} are of other months by the roll rule, expected some of"
            f" {contract.name}, front from {et_text(after)} to {et_text(until)}"
        )
    return ContractChoice(
        contract=contract.name,
        symbols=symbols,
        after_ns=after,
        until_ns=until,
        left_out=f"left out: what is not of {contract.name} by the roll of {et_text(until)}",
    )


def _before(contract: Contract) -> Contract:
    listed = INSTRUMENTS[contract.root].months
    at = listed.index(contract.month)
    year = contract.year if at else contract.year - 1
    return Contract(contract.root, year, listed[at - 1])


def _root(named: NamedContract) -> str:
    return parse(named.name).root


def _listed(symbols: Iterable[str]) -> str:
    shown = [repr(symbol) for symbol in list(symbols)[:4]]
    return ", ".join(shown)
