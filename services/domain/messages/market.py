"""Market data messages between NinjaTrader and the gateway.

Bars are stamped with their CLOSE (NinjaTrader's convention); times are UTC nanoseconds.
"""

from enum import Enum

import msgspec

from services.domain.units import Contracts, Ticks, UnixNanos


class DeltaSource(Enum):
    """Where bid and ask volume come from."""

    VOLUMETRIC = 1
    """NinjaTrader's volumetric bars (Order Flow+)."""
    TICKS = 2
    """Accumulated by the client from trades against the quote."""
    BAR_PROXY = 3
    """Up and down volume of the bar type; a proxy."""
    NONE = 4
    """No split of the volume is known."""


class TimeMode(Enum):
    """Which clock the desk runs on, declared by the client at hello."""

    LIVE = 1
    PLAYBACK = 2


class FaultKind(Enum):
    """What was wrong with something a feed sent."""

    BAD_RANGE = 1
    """low ≤ open, close ≤ high does not hold."""
    BAD_VOLUME = 2
    """A volume is negative."""
    VOLUME_SPLIT = 3
    """bid + ask volume is not the volume."""
    TIME_OFF_GRID = 4
    """The close stamp is not on the bar grid (whole minutes)."""
    OUTSIDE_SESSION = 5
    """The stamp lies in no trading session of the calendar."""
    IN_FUTURE = 6
    """The stamp is ahead of the clock in force."""
    OUT_OF_ORDER = 7
    """An older stamp than the last one, never seen before."""
    CONFLICT = 8
    """A stamp seen before with other values: the first wins, entries stop for the session."""
    PARTIAL = 9
    """The bar was still forming when it was sent."""
    UNKNOWN_CONTRACT = 10
    """The desk does not trade or watch this contract."""
    CLIENT_GAP = 11
    """The client's own sequence skipped: something was lost before the gateway."""
    DECLARED_LOSS = 12
    """The client reports that it lost data."""
    BAD_PRICE = 13
    """A price is not positive, or off tick."""
    BAD_LADDER = 14
    """The price ladder does not add up to its bar, or reaches beyond its range."""


class PriceLadder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Volume per price inside one bar, from its trades; one entry per tick from `low` upward.

    The gateway refuses a bar whose ladder does not sum to its volumes or leaves its range.
    """

    low: Ticks
    bid: tuple[Contracts, ...]
    """Contracts traded at the bid at each price."""
    ask: tuple[Contracts, ...]
    """Contracts traded at the ask at each price; as many as `bid`."""


class Bar(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One closed time bar of one contract."""

    contract: str
    """NinjaTrader's contract name, `NQ 03-26`."""
    close_ns: UnixNanos
    """Close stamp; the bar holds trades in [close − bar length, close)."""
    open: Ticks
    """First trade, ticks."""
    high: Ticks
    """Highest trade, ticks."""
    low: Ticks
    """Lowest trade, ticks."""
    close: Ticks
    """Last trade, ticks."""
    volume: Contracts
    """Contracts traded, ≥ 0."""
    bid_volume: Contracts | None = None
    """Contracts traded at the bid (sellers aggressed); absent when unknown."""
    ask_volume: Contracts | None = None
    """Contracts traded at the ask (buyers aggressed); absent when unknown."""
    up_ticks: int | None = None
    """Number of trades on an up tick; absent when unknown."""
    down_ticks: int | None = None
    """Number of trades on a down tick; absent when unknown."""
    delta_source: DeltaSource
    """Origin of bid and ask volume."""
    historical: bool
    """Sent from NinjaTrader's history: warms up, never trades."""
    partial: bool
    """Still forming when sent; refused by the gateway and named."""
    ladder: PriceLadder | None = None
    """Volume per price; absent when the client sees no trades."""


class Watermark(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A feed client's clock: every bar that closed at or before `now_ns` has been sent."""

    now_ns: UnixNanos
    """The watermark, UTC nanoseconds, on the client's market clock."""
    report_sequence: int | None = None
    """Last report the client had sent on the order link before this moment; None: not required."""
    depth_sequence: int | None = None
    """Last depth batch the client had sent before this moment; None: it sends none."""


class MinuteKind(Enum):
    """What a message of the market stream stands for."""

    BAR = 1
    """A minute's bars have closed."""
    PULSE = 2
    """A moment between two bars, for decisions inside a minute: reserved, published by nobody."""


class MarketMinute(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Everything that closed with one minute of one group; minutes come in order."""

    group: str
    """Alignment group, from desk.toml."""
    kind: MinuteKind
    close_ns: UnixNanos
    """Close stamp of every bar in it, and the market's clock."""
    bars: tuple[Bar, ...]
    """Of the contracts that have one, in the group's order; never empty."""
    late: bool = False
    """These bars came after their minute had been published: they are folded, nothing is decided on
    them."""
    report_sequence: int | None = None
    """Last report the client had sent before the minute closed; None: not required."""
    depth_sequence: int | None = None
    """Last depth batch the client had sent before the minute closed; None: there is none."""


class PendingBar(msgspec.Struct, frozen=True, gc=False):
    """A bar whose minute has not closed."""

    bar: Bar
    arrived_ns: UnixNanos
    """When it came, on the clock in force."""


class FeedFault(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something a feed sent that was not used, and what follows from it."""

    contract: str
    """Contract concerned; empty when none can be named."""
    at_ns: UnixNanos
    """Stamp of the offending data, or the gateway's clock where it has none."""
    kind: FaultKind
    text: str
    """One sentence: what was found, what was expected, unit."""
    blocks_entries: bool
    """True: no entry on this contract for the rest of the session."""


class SuppliedLevels(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One session's levels as NinjaTrader knows them, for what the desk has not seen in bars.

    A later one of a contract and trade date takes the place of the earlier. None: not known.
    """

    contract: str
    trade_date: str
    """ISO date of the session they are read in."""
    prior_high: Ticks | None = None
    """RTH high of the session before."""
    prior_low: Ticks | None = None
    prior_close: Ticks | None = None
    """Its last RTH trade."""
    overnight_high: Ticks | None = None
    """18:00–09:30 ET; a range needs its high and its low."""
    overnight_low: Ticks | None = None
    asia_high: Ticks | None = None
    """20:00–00:00 ET."""
    asia_low: Ticks | None = None
    london_high: Ticks | None = None
    """02:00–05:00 ET."""
    london_low: Ticks | None = None


class AggressorSide(Enum):
    """Which side took liquidity."""

    BUY = 1
    SELL = 2
    UNKNOWN = 3


class Trade(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One trade of one contract (live class: for display and later tick features)."""

    contract: str
    ts_event_ns: UnixNanos
    """Exchange time where the feed has one, else the client's."""
    price: Ticks
    size: Contracts
    side: AggressorSide


class DepthBatch(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Level-2 updates of one contract as packed little-endian columns of `count` rows."""

    contract: str
    first_ts_ns: UnixNanos
    """Time of the first row, UTC nanoseconds."""
    count: int
    """Rows in each column."""
    delta_us: bytes
    """u32 per row: microseconds after `first_ts_ns`."""
    operation: bytes
    """u8 per row: 0 add, 1 update, 2 remove."""
    side: bytes
    """u8 per row: 0 ask, 1 bid."""
    position: bytes
    """u8 per row: level in NinjaTrader's list, 0 is best."""
    price: bytes
    """i32 per row: ticks."""
    size: bytes
    """i32 per row: contracts."""
    reset: bool
    """True: the book is cleared before the first row (snapshot follows)."""


class ContractSpec(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A contract as the client's platform describes it; compared with `domain/instruments.py`."""

    contract: str
    tick_size_e9: int
    """Minimum price step in 1e-9 points (0.25 is 250_000_000)."""
    point_value_micro_usd: int
    """Dollars per point and contract, micro-dollars."""


class FeedHello(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A feed client introduces itself; every later batch must carry the same client name."""

    client: str
    """Name of the client, unique on the desk."""
    version: str
    """Version of the client's software."""
    mode: TimeMode
    contracts: tuple[ContractSpec, ...]
    """What it will send, each with its platform's own tick size and value."""
    volumetric: bool | None = None
    """Its platform is licensed for bars with bid and ask volume; None: not reported."""


class FeedGroup(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Contracts whose stamps the desk aligns: one `BarSettled` per group and stamp."""

    name: str
    contracts: tuple[str, ...]


class LastBar(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The newest stamp the gateway holds for a contract, so that a client knows where to go on."""

    contract: str
    close_ns: UnixNanos


class FeedWelcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The gateway's answer to a hello."""

    accepted: bool
    reason: str
    """Empty when accepted; else a sentence."""
    run: str
    """The desk's run id."""
    last_sequence: int
    """Last batch sequence of this client that is journalled; 0: none."""
    groups: tuple[FeedGroup, ...]
    last_bars: tuple[LastBar, ...]
    account: str = ""
    """The account the desk trades."""


class FeedBatch(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One unary Publish call for bars; re-sending it is harmless."""

    client: str
    sequence: int
    """Rises by one per batch, starting at 1; an empty batch is a heartbeat and repeats the last."""
    bars: tuple[Bar, ...] = ()
    """In stamp order."""
    watermark: Watermark | None = None
    """The watermark after these bars; a playback client sends one per stamp."""
    lost: str = ""
    """Not empty: the client declares that data was lost, in words."""
    levels: tuple[SuppliedLevels, ...] = ()
    """Levels to be read from now on; a batch that has any is no heartbeat and has a new number."""


class RefusedBar(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A bar that was not used."""

    contract: str
    close_ns: UnixNanos
    kind: FaultKind
    text: str


class FeedAck(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Sent after the batch is journalled."""

    client: str
    sequence: int
    """The batch acknowledged."""
    accepted: int
    """Bars used."""
    duplicates: int
    """Identical bars seen before: ignored."""
    refused: tuple[RefusedBar, ...] = ()
    levels_refused: tuple[str, ...] = ()
    """Levels that were not used, a sentence each."""


class FeedCarry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the gateway takes into a new trade date: first record of its journal."""

    client_sequences: tuple[tuple[str, int], ...]
    """Client name and its last journalled batch sequence."""
    last_bars: tuple[Bar, ...]
    """Newest bar per contract."""
    watermark_ns: UnixNanos
    """The watermark reached; 0: none."""
    hellos: tuple[FeedHello, ...] = ()
    """The accepted hello of each client in force."""
    pending: tuple[PendingBar, ...] = ()
    """Bars whose minute has not closed, oldest first."""
    closed: tuple[tuple[str, int], ...] = ()
    """Group and the newest minute of it that has been published, UTC nanoseconds."""
