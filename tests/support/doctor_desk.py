"""A desk's folder under the doctor: the shipped configuration, journals, services that answer."""

from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from services.doctor.snapshot import DeskSnapshot, read_desk
from services.domain.calendar import et_ns
from services.domain.messages.union import Message
from services.domain.units import MicroUsd, UnixNanos
from services.launch.status_detail import OrdersDetail, RiskDetail
from services.runtime.config import ConfigFolder
from services.runtime.health import Health
from services.runtime.journal import Journal, Record, Role
from services.runtime.journal_files import journal_folder
from services.runtime.metrics import Metrics
from services.runtime.service_status import ServiceStatus
from tests.support.process_desk import live_folder

TUESDAY: Final = "2026-02-10"
"""A regular day."""
BEFORE_OPEN: Final = et_ns(TUESDAY, "09:20")
ORDERS: Final[dict[str, Any]] = msgspec.to_builtins(
    OrdersDetail(
        client="nt8",
        link="RECONCILED",
        stream_open=True,
        not_ready=(),
        unanswered=0,
        requested=(),
        holdings=(),
    )
)
"""The router's status with NinjaTrader reconciled, the account flat."""
RISK: Final[dict[str, Any]] = msgspec.to_builtins(
    RiskDetail(
        profile="paper",
        state="ACTIVE",
        reason="",
        not_ready=(),
        entries_blocked=(),
        realised=MicroUsd(0),
        unrealised=MicroUsd(0),
        week_realised=MicroUsd(0),
        equity=MicroUsd(0),
        equity_from_broker=True,
        start_equity=MicroUsd(50_000_000_000),
        start_fault="",
        latches=(),
        limits=(),
        positions=(),
        active_values=(),
        tightened=(),
    )
)
"""Risk's status, nothing wrong."""


class DoctorDesk:
    """One folder, looked at as often as wanted."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = live_folder(tmp_path / "desk")
        self.path = self.folder.path
        self._ports: dict[str, Health] = {}

    def change(self, file: str, old: str, new: str) -> None:
        """Change one passage of a file."""
        text = (self.path / file).read_text("utf-8")
        assert old in text, f"{file} holds no {old!r}"
        (self.path / file).write_text(text.replace(old, new, 1), "utf-8")

    def snapshot(self, now: UnixNanos = BEFORE_OPEN) -> DeskSnapshot:
        """Look at it at a time."""
        return read_desk(self.path, now)

    @property
    def run_folder(self) -> Path:
        """Where its journals lie."""
        manifest = ConfigFolder(self.path, BEFORE_OPEN).manifest()
        return Path(manifest.data_dir) / manifest.run

    def write(
        self,
        service: str,
        *messages: Message,
        date: str = TUESDAY,
        at: UnixNanos = BEFORE_OPEN,
        role: Role = Role.INPUT,
    ) -> None:
        """Journal messages of a date; dates in their order."""
        manifest = ConfigFolder(self.path, BEFORE_OPEN).manifest()
        journal = Journal(journal_folder(manifest.data_dir, manifest.run, service))
        list(journal.records())
        if date > journal.date:
            journal.roll(date, {}, {}, ())
        for message in messages:
            journal.append(Record(role, "test", journal.epoch, 0, at, message))
        journal.commit()
        journal.close()

    def serve_status(self, name: str, detail: dict[str, Any] | None = None, **changes: Any) -> None:
        """Let a service answer on its port, ready and of this folder unless told otherwise."""
        manifest = ConfigFolder(self.path, BEFORE_OPEN).manifest()
        health = Health(name, manifest.endpoints[name].http, Metrics(name))
        fields = {
            "service": name,
            "run": manifest.run,
            "ready": True,
            "reasons": (),
            "config_hash": manifest.config_hash,
            "detail": msgspec.Raw(msgspec.json.encode(detail)),
        }
        health.status = ServiceStatus(**{**fields, **changes})
        health.start()
        self._ports[name] = health

    def serve_all(self, **changes: Any) -> None:
        """Let every service answer; risk and orders with a sound status."""
        manifest = ConfigFolder(self.path, BEFORE_OPEN).manifest()
        details = {"orders": ORDERS, "risk": RISK}
        for name in manifest.flow:
            if name not in self._ports:
                self.serve_status(name, details.get(name), **changes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        for health in self._ports.values():
            health.close()
