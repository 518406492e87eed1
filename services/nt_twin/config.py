"""Configuration of a twin: who it is, what it plays, how fast, how its venue trades."""

from enum import Enum

import msgspec

from services.domain.client_name import STAND_IN
from services.domain.instruments import instrument
from services.domain.messages.market import ContractSpec, SuppliedLevels, TimeMode
from services.domain.units import UnixNanos
from services.nt_twin.client_limits import ClientLimits
from services.venue.config import VenueConfig
from services.venue.faults import ExchangeFaults


class PaceMode(Enum):
    """What the client waits for before it sends the next stamp."""

    LOCK_STEP = 1
    """Until the desk has settled the last one: the same orders, run after run."""
    FREE = 2
    """Until the shell releases it."""


class TwinConfig(msgspec.Struct, frozen=True, kw_only=True):
    """One client, one account, one source of bars."""

    client: str = "twin"
    version: str = f"{STAND_IN} 1"
    account: str
    report_stream: str = "played"
    """Its report numbering; a process that begins without memory makes one of its own."""
    mode: TimeMode = TimeMode.PLAYBACK
    contracts: tuple[str, ...]
    """Data contracts that will be sent."""
    volumetric: bool | None = True
    """Whether it reports a licence for bars with bid and ask volume; None: not reported."""
    prices: dict[str, str]
    """Order contract to the data contract whose bars fill it."""
    venue: VenueConfig = VenueConfig()
    faults: ExchangeFaults | None = None
    """What goes wrong at the venue; None: nothing."""
    limits: ClientLimits = ClientLimits()
    pace: PaceMode = PaceMode.LOCK_STEP
    historical_until_ns: UnixNanos | None = None
    """Stamps up to here are sent as history, many per batch, and never traded on."""
    history_bars_max: int = 500
    """Bars per batch of history."""
    levels: tuple[SuppliedLevels, ...] = ()
    """Sent with the first batch of the session they are for."""
    reports_max: int = 100
    """Reports per call."""
    minutes_total: int | None = None
    """Stamps the source will give, if known, for progress."""

    def specs(self) -> tuple[ContractSpec, ...]:
        """Describe the contracts as an honest client does in its hello."""
        known = ((contract, instrument(contract)) for contract in self.contracts)
        return tuple(
            ContractSpec(
                contract=contract,
                tick_size_e9=its.tick_e9,
                point_value_micro_usd=its.point_value_micro_usd,
            )
            for contract, its in known
        )
