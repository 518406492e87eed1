"""What the router is made of, and the messages it makes itself.

A message the router makes carries the client's last report sequence, not a new one.
"""

from services.domain.manifest import Manifest
from services.domain.messages.link import Instruction, SnapshotRequest, SnapshotScope
from services.domain.messages.orders import (
    LinkState,
    LinkStatus,
    OrderRole,
    OrderState,
    OrderStatus,
    OrderUpdate,
)
from services.domain.messages.risk import BarSettled, OrderCommand
from services.domain.units import UnixNanos
from services.orders.connection import Connection
from services.orders.order_store import OrderStore


class RouterParts:
    """Orders, connection and identity of one router."""

    def __init__(self, manifest: Manifest, epoch: int) -> None:
        self.manifest = manifest
        self.epoch = epoch
        self.store = OrderStore()
        self.connection = Connection()
        self.duplicates = 0
        """Reports received again since start."""
        self.illegal_reports = 0
        """Reports since start that cannot be."""
        self._requests = 0

    def instruction(
        self,
        *,
        command: OrderCommand | None = None,
        settled: BarSettled | None = None,
        snapshot: SnapshotRequest | None = None,
    ) -> Instruction:
        """One item for the client's open stream."""
        return Instruction(
            epoch=self.epoch,
            client=self.connection.client,
            connection=self.connection.number,
            command=command,
            settled=settled,
            snapshot=snapshot,
        )

    def closing(
        self, client: str, connection: int, text: str, *, replaced_by: int | None = None
    ) -> Instruction:
        """The last item of a stream."""
        return Instruction(
            epoch=self.epoch,
            client=client,
            connection=connection,
            closing=text,
            replaced_by=replaced_by,
        )

    def link_status(
        self, state: LinkState, text: str, now: UnixNanos, client: str = "", *, sequence: int = 0
    ) -> LinkStatus:
        """The link as it stands now; `sequence`: of the client's report it follows from."""
        connection = self.connection
        return LinkStatus(
            report_sequence=sequence or self.store.last_report_sequence,
            client=client or connection.client,
            account=self.manifest.account,
            state=state,
            text=text,
            positions=connection.positions,
            at_ns=now,
            simulated=None if connection.hello is None else connection.hello.simulated,
            version="" if connection.hello is None else connection.hello.version,
        )

    def order_update(
        self, order: OrderState, status: OrderStatus, text: str, now: UnixNanos
    ) -> OrderUpdate:
        """What the router knows of an entry without a report of the client."""
        command = order.command
        return OrderUpdate(
            report_sequence=self.store.last_report_sequence,
            command_id=command.command_id,
            position_id=command.position_id,
            contract=command.contract,
            role=OrderRole.ENTRY,
            status=status,
            quantity=command.quantity,
            filled=order.filled,
            text=text,
            at_ns=now,
        )

    def request_snapshot(self, scope: SnapshotScope, now: UnixNanos, *, doubt: bool) -> Instruction:
        """Ask the client on its stream; `doubt`: no entry leaves until it is judged."""
        self._requests += 1
        request = SnapshotRequest(
            nonce=f"{self.epoch}.{self._requests}", scope=scope, requested=self.store.requested()
        )
        self.connection.want(request, now, doubt=doubt)
        return self.instruction(snapshot=request)
