"""Calls an operator to an entry whose outcome nobody knows.

It counts in full and blocks entries, and the router asks the client for it whenever one connects.
What nobody can know is how long that takes, so an operator is called `CALL_AFTER_NS` after the
entry was commanded, and again every `CALL_AGAIN_NS` until it is answered.
"""

from collections.abc import Iterator
from typing import Final

from services.domain.messages.risk import Alert
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, UnixNanos
from services.risk.ledger.ledger import Ledger
from services.risk.ledger.position import ENTRY_UNKNOWN, PositionRecord

CALL_AFTER_NS: Final = 10 * NANOS_PER_SECOND
"""From the command to the first call (spec R.1)."""
CALL_AGAIN_NS: Final = 60 * NANOS_PER_MINUTE


def call_due(record: PositionRecord) -> UnixNanos | None:
    """When an operator is called to an entry next; None: its outcome is known."""
    if not record.unknown:
        return None
    if record.unknown_alerted_ns is not None:
        return UnixNanos(record.unknown_alerted_ns + CALL_AGAIN_NS)
    return UnixNanos(record.created_ns + CALL_AFTER_NS)


def unknown_calls(ledger: Ledger, now: UnixNanos) -> Iterator[Alert]:
    """Every call that is due."""
    for record in ledger.open_positions():
        due = call_due(record)
        if due is None or due > now:
            continue
        age_s = (now - record.created_ns) // NANOS_PER_SECOND
        text = (
            f"outcome of entry {record.position_id} ({record.side.name} {record.entry_quantity}"
            f" {record.order_contract}) is unknown for {age_s} s: it counts in full and blocks"
            " entries; the client is asked for it when it connects: look at the account"
        )
        yield Alert(code=ENTRY_UNKNOWN, text=text, at_ns=now, position_id=record.position_id)
