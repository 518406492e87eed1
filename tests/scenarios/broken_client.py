"""Clients that break one rule each, made of the whole one by what they overlook or get wrong."""

from collections.abc import Callable
from typing import Any, Final

from tests.scenarios.python_client import PythonClient

Line = dict[str, Any]
Filter = Callable[[Line], list[Line]]


class BrokenClient(PythonClient):
    """A client whose inputs and outputs go through a filter."""

    def __init__(
        self,
        reads: Filter | None = None,
        writes: Filter | None = None,
        *,
        forgets: bool = False,
    ) -> None:
        """`forgets`: its disk does not outlive its process."""
        super().__init__()
        self._forgets = forgets
        self._reads = reads or _as_it_is
        self._writes = writes or _as_it_is

    def kill(self) -> None:
        """End it."""
        super().kill()
        if self._forgets:
            self.wipe()

    def send(self, message: Line) -> list[Line]:
        """Give it what it reads of an input; gives what it writes."""
        found: list[Line] = []
        for line in self._reads(message):
            found += super().send(line)
        return [line for each in found for line in self._writes(each)]


def broken(name: str) -> BrokenClient:
    """Give the client that breaks the rule of a scenario."""
    reads, writes, _ = BROKEN[name]
    return BrokenClient(reads, writes, forgets=name in _FORGETS)


def _as_it_is(line: Line) -> list[Line]:
    return [line]


def _without(**fields: object) -> Filter:
    def keep(line: Line) -> list[Line]:
        return [] if all(line.get(key) == value for key, value in fields.items()) else [line]

    return keep


def _changed(key: str, value: object, **fields: object) -> Filter:
    def change(line: Line) -> list[Line]:
        meant = all(line.get(each) == found for each, found in fields.items())
        return [{**line, key: value}] if meant else [line]

    return change


def _with_beats(line: Line) -> list[Line]:
    return [{**line, "type": "beat"}, line]


def _counts_twice(line: Line) -> list[Line]:
    unlike = {**line, "id": f"{line.get('id')} at {line['at']}"}
    return [unlike] if line["type"] == "execution" else [line]


def _believes_positions(line: Line) -> list[Line]:
    if line["type"] != "position" or line["quantity"] >= 0:
        return [line]
    fill = {"type": "execution", "id": "p", "name": "PW:c1:STOP1", "price": 0, "time": line["at"]}
    return [{**fill, "at": line["at"], "side": "SELL", "quantity": -line["quantity"]}]


def _flattens_at_once(line: Line) -> list[Line]:
    if line["type"] != "cancel" or line["name"] != "PW:c1:STOP1":
        return [line]
    order = {"side": "SELL", "order_type": "MARKET", "time_in_force": "DAY", "closes": True}
    return [{"type": "submit", "name": "PW:f1:FLATTEN1", "quantity": 1, **order}, line]


_FORGETS: Final = frozenset(
    {
        "f43-command-twice-after-restart.toml",
        "f46-not-known-then-late.toml",
        "f51-restart-with-position.toml",
    }
)
"""Scenarios whose broken client loses its disk."""
_GUARDED: Final = "order GUARD WORKING 0/1 code KILL command - position c1"
_NO_CLOCK: Final = _without(type="clock")
BROKEN: Final[dict[str, tuple[Filter | None, Filter | None, str]]] = {
    "f43-command-twice.toml": (
        _changed("id", "c9", at=2.0, type="command"),
        None,
        "ack c1 DUPLICATE",
    ),
    "f43-command-twice-after-restart.toml": (None, None, "nothing more"),
    "f44-acknowledgement-lost.toml": (_without(type="ask"), None, "answer c1 WORKING"),
    "f45-expired.toml": (_changed("expires", 99.0, id="c1"), None, "ack c1 EXPIRED"),
    "f46-not-known-then-late.toml": (None, None, "ack c1 REFUSED"),
    "f47-moved-by-command.toml": (
        None,
        _without(type="change", name="PW:c1:TARGET1"),
        "change PW:c1:TARGET1 price 1050",
    ),
    "f47-part-fill.toml": (None, _without(type="change"), "change PW:c1:STOP1 quantity 3"),
    "f48-entry-rejected.toml": (
        _without(state="REJECTED"),
        None,
        "order ENTRY REJECTED 0/1 command c1 position c1",
    ),
    "f49-stop-cancelled.toml": (
        _without(state="CANCELLED"),
        None,
        "submit PW:c1:STOP2 SELL 1 STOP 950 GTC oco PW:c1:2",
    ),
    "f49-stop-refused.toml": (
        _NO_CLOCK,
        None,
        "submit PW:c1:STOP2 SELL 1 STOP 950 GTC oco PW:c1:2",
    ),
    "f50-client-dies.toml": (
        None,
        _changed("time_in_force", "DAY", order_type="STOP"),
        "submit PW:c1:STOP1 SELL 1 STOP 950 GTC oco PW:c1:1",
    ),
    "f51-restart-with-position.toml": (
        None,
        None,
        "submit PW:c1:STOP2 SELL 1 STOP 950 GTC oco PW:c1:2",
    ),
    "f52-orders-cancelled-by-restart.toml": (
        _without(state="CANCELLED"),
        None,
        "submit PW:c1:TARGET2 SELL 2 LIMIT 1100 GTC oco PW:c1:2",
    ),
    "f53-resting-entry.toml": (_NO_CLOCK, None, "cancel PW:c1:ENTRY1"),
    "f54-both-legs-fill.toml": (
        None,
        _changed("role", "FLATTEN", role="GUARD"),
        "order GUARD WORKING 0/1 code REVERSED command - position c1",
    ),
    "f54-pair-does-not-end.toml": (_NO_CLOCK, None, "cancel PW:c1:STOP1"),
    "f55-flatten-closes-the-rest.toml": (
        None,
        _changed("quantity", 2, name="PW:f1:FLATTEN1"),
        "submit PW:f1:FLATTEN1 SELL 1 MARKET DAY",
    ),
    "f55-flatten-races-target.toml": (None, _flattens_at_once, "cancel PW:c1:STOP1"),
    "f56-exit-never-fills.toml": (_NO_CLOCK, None, "cancel PW:x1:EXIT1"),
    "f56-exit-rejected.toml": (_NO_CLOCK, None, "submit PW:x1:EXIT2 SELL 1 MARKET DAY"),
    "f56-exit-rests.toml": (_NO_CLOCK, None, "cancel PW:x1:EXIT1"),
    "f57-manual-trade.toml": (
        _changed("name", "PW:c1:ENTRY1", name="", type="execution"),
        None,
        "fill EXTERNAL BUY 2 at 1000 command - position -",
    ),
    "f58-events-repeated.toml": (_counts_twice, None, "nothing more"),
    "f58-positions-out-of-order.toml": (_believes_positions, None, "nothing more"),
    "f59-connection-lost.toml": (_without(type="connection"), None, "ack c2 REFUSED"),
    "f60-client-hangs.toml": (_with_beats, None, "cancel PW:c1:ENTRY1"),
    "f61-desk-dead.toml": (_with_beats, None, "cancel PW:c1:ENTRY1"),
    "f61-flat-by.toml": (_NO_CLOCK, None, "cancel PW:c1:STOP1"),
    "f90-kill-in-flight.toml": (_without(type="operator"), None, "cancel PW:c1:ENTRY1"),
    "f91-kill-alone.toml": (None, _changed("code", "", role="GUARD"), _GUARDED),
}
"""By scenario: what the client overlooks, what it gets wrong, what does not come."""
