"""What an order contract is worth, and whose closes mark it."""

from collections.abc import Mapping

import msgspec

from services.domain.errors import InstrumentError
from services.domain.instruments import instrument
from services.domain.units import MicroUsd


class ContractTerms(msgspec.Struct, frozen=True):
    """The signal contract that marks an order contract, and its tick value."""

    signal: str
    """Contract whose closes mark it."""
    tick_value: MicroUsd


def terms_of(declared: Mapping[str, ContractTerms], order_contract: str) -> ContractTerms | None:
    """Of an order contract, declared by the desk or not; None: of no instrument it knows."""
    terms = declared.get(order_contract)
    if terms is not None:
        return terms
    try:
        row = instrument(order_contract)
    except InstrumentError:
        return None
    # Of a contract the desk trades no longer: its own closes mark it, should any come.
    return ContractTerms(order_contract, row.tick_value)
