"""Feed clients: who may send, how far each has come, and how far all of them have.

Rule 1: a name is one client; a newer accepted hello of it replaces the older one.
Rule 2: the desk's watermark is the least of the clients' watermarks; it only rises.
Rule 3: over a date change each client's hello and sequence and the desk's watermark are kept; the
        clients' own watermarks are not, until its next one a client counts as far as the desk.
"""

import re
from typing import Final

from services.domain.contracts import refuse_expired
from services.domain.errors import InstrumentError
from services.domain.instruments import instrument
from services.domain.manifest import Manifest
from services.domain.messages.market import Bar, ContractSpec, FeedCarry, FeedHello, Watermark
from services.domain.units import UnixNanos

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", re.ASCII)


class FeedClient:
    """One feed client whose hello was accepted."""

    def __init__(self, hello: FeedHello, sequence: int = 0) -> None:
        self.hello = hello
        """Its newest accepted hello."""
        self.contracts = frozenset(spec.contract for spec in hello.contracts)
        """What it declared."""
        self.sequence = sequence
        """Last batch handled."""
        self.watermark_ns: UnixNanos | None = None
        """Its own watermark; None: none sent yet."""


class FeedClients:
    """Every client by name."""

    def __init__(self) -> None:
        self.by_name: dict[str, FeedClient] = {}
        self.watermark_ns = UnixNanos(0)
        """The desk's watermark; 0: none yet."""
        self._report_sequence: int | None = None
        self._depth_sequence: int | None = None

    def register(self, hello: FeedHello) -> None:
        """Take an accepted hello; what the name has sent so far stays acknowledged."""
        known = self.by_name.get(hello.client)
        client = FeedClient(hello, 0 if known is None else known.sequence)
        client.watermark_ns = None if known is None else known.watermark_ns
        self.by_name[hello.client] = client

    def advance(self, client: FeedClient, watermark: Watermark) -> Watermark | None:
        """Apply a client's watermark; give the desk's if that rose."""
        if client.watermark_ns is None or watermark.now_ns > client.watermark_ns:
            client.watermark_ns = watermark.now_ns
        if watermark.report_sequence is not None:
            self._report_sequence = watermark.report_sequence
        if watermark.depth_sequence is not None:
            self._depth_sequence = watermark.depth_sequence
        reached = self.watermark_ns
        lowest = client.watermark_ns or reached
        for other in self.by_name.values():
            lowest = min(lowest, other.watermark_ns or reached)
        if lowest <= reached:
            return None
        self.watermark_ns = lowest
        return Watermark(
            now_ns=lowest,
            report_sequence=self._report_sequence,
            depth_sequence=self._depth_sequence,
        )

    def snapshot(self, last_bars: tuple[Bar, ...]) -> FeedCarry:
        """Give what a new date starts from."""
        clients = [self.by_name[name] for name in sorted(self.by_name)]
        return FeedCarry(
            client_sequences=tuple((c.hello.client, c.sequence) for c in clients),
            last_bars=last_bars,
            watermark_ns=self.watermark_ns,
            hellos=tuple(client.hello for client in clients),
        )

    def restore(self, carried: FeedCarry) -> None:
        """Start a date from what a carry holds."""
        sequences = dict(carried.client_sequences)
        self.by_name = {
            hello.client: FeedClient(hello, sequences[hello.client]) for hello in carried.hellos
        }
        self.watermark_ns = carried.watermark_ns
        self._report_sequence = self._depth_sequence = None


def hello_refusal(hello: FeedHello, manifest: Manifest, watermark_ns: UnixNanos) -> str:
    """Give the reason why a hello is refused; empty when it is not."""
    if _NAME.fullmatch(hello.client) is None:
        return (
            f"client name {hello.client[:40]!r} is not usable, expected 1 to 40 letters, digits, "
            "dots, dashes or underscores"
        )
    if hello.mode is not manifest.mode:
        ours, theirs = manifest.mode.name.lower(), hello.mode.name.lower()
        return f"client {hello.client} declares {theirs}, this desk runs {ours}"
    names = [spec.contract for spec in hello.contracts]
    if not names or len(set(names)) != len(names):
        return f"client {hello.client} names {len(names)} contracts, expected some, each once"
    objections = (_spec_refusal(spec, manifest, watermark_ns) for spec in hello.contracts)
    return next((text for text in objections if text), "")


def _spec_refusal(spec: ContractSpec, manifest: Manifest, watermark_ns: UnixNanos) -> str:
    if manifest.group_of(spec.contract) is None:
        declared = ", ".join(name for group in manifest.groups for name in group.contracts)
        return f"contract {spec.contract[:40]!r} is not declared, this desk takes {declared}"
    ours = instrument(spec.contract)
    if spec.tick_size_e9 != ours.tick_e9:
        return (
            f"contract {spec.contract} has tick size {spec.tick_size_e9 / 1e9:g} pt at the client, "
            f"expected {ours.tick_e9 / 1e9:g} pt"
        )
    if spec.point_value_micro_usd != ours.point_value_micro_usd:
        return (
            f"contract {spec.contract} is worth {spec.point_value_micro_usd / 1e6:g} USD a point "
            f"at the client, expected {ours.point_value_micro_usd / 1e6:g} USD"
        )
    try:
        refuse_expired(spec.contract, watermark_ns)
    except InstrumentError as error:
        return str(error)
    return ""
