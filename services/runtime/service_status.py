"""What a service shows of itself on /status; apart from its port, for those who only read it."""

import os
from collections.abc import Iterable
from enum import Enum
from typing import Final, Protocol, runtime_checkable

import msgspec

from services.domain.desk_identity import DeskIdentity

CLIENT_SILENCE_S: Final = 2.0
"""A live client that sends nothing for this long is gone (spec R.1)."""


@runtime_checkable
class HasStatus(Protocol):
    """A machine with something to show on /status."""

    def status(self) -> object:
        """Anything msgspec can write as JSON."""
        ...


class ReportedLimit(Protocol):
    """How much of one limit is used."""

    code: str
    used: float
    limit: float
    unit: str


@runtime_checkable
class HasLimits(Protocol):
    """A status that reports limits."""

    limits: Iterable[ReportedLimit]


class ServiceStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Status of the service as of the last heartbeat."""

    service: str
    epoch: int = 0
    run: str = ""
    account: str = ""
    """Empty: a build that does not publish it."""
    pid: int = 0
    """Process that answers; 0: a build that does not publish it."""
    parent_pid: int = 0
    """Process that started it: on Windows a `.venv` starts Python by a process of its own."""
    ready: bool = False
    reasons: tuple[str, ...] = ("starting",)
    """Why not ready."""
    config_hash: str = ""
    trade_date: str = ""
    heads: dict[str, int] = {}
    """Last sequence per stream of ours."""
    inputs: dict[str, int] = {}
    """Last sequence applied per input stream."""
    handled: int = 0
    client_silence_s: float | None = None
    """Since NinjaTrader's last call on this service's link; None: no link, or no call yet."""
    detail: msgspec.Raw = msgspec.Raw(b"null")
    """The machine's own status, JSON."""

    @property
    def desk(self) -> DeskIdentity:
        """Whose service it is."""
        return DeskIdentity(self.run, self.account, self.config_hash)

    def is_of(self, desk: DeskIdentity) -> bool:
        """Whether it is a service of this desk; a build without it is known by its run."""
        return self.desk.is_same_desk(desk) or (self.run == desk.run and not self.account)

    @property
    def started(self) -> bool:
        """Whether its loop has turned."""
        return self.epoch > 0

    def is_process(self, pid: int) -> bool:
        """Whether a process that was started is the one that answers."""
        return pid in (self.pid, self.parent_pid)


def starting_status(service: str, desk: DeskIdentity) -> ServiceStatus:
    """Status of a service of this process that has not turned yet."""
    return ServiceStatus(
        service=service,
        run=desk.run,
        account=desk.account,
        config_hash=desk.config_hash,
        pid=os.getpid(),
        parent_pid=os.getppid(),
    )


def plain(value: object) -> object:
    """A status as people read it: structs as objects, enum members by name."""
    if isinstance(value, msgspec.Struct):
        return {field: plain(getattr(value, field)) for field in value.__struct_fields__}
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value
