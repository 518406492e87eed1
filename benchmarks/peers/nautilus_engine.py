"""nautilus_trader: `python -m benchmarks.peers.nautilus_engine <bars>`; its EMACross, orders on."""

import sys
from decimal import Decimal
from pathlib import Path
from typing import Final

from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.config import LoggingConfig
from nautilus_trader.examples.strategies.ema_cross import EMACross, EMACrossConfig
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, AssetClass, OmsType
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import FuturesContract
from nautilus_trader.model.objects import Money, Price, Quantity

from benchmarks.peers.bars import FAST, SLOW, PeerBar, read_bars, report

_VENUE: Final = Venue("GLBX")
_ID: Final = InstrumentId(Symbol("NQH6"), _VENUE)
_TYPE: Final = BarType.from_str(f"{_ID}-1-MINUTE-LAST-EXTERNAL")


def _contract(first_ns: int, last_ns: int) -> FuturesContract:
    return FuturesContract(
        instrument_id=_ID,
        raw_symbol=_ID.symbol,
        asset_class=AssetClass.INDEX,
        exchange="XCME",
        currency=USD,
        price_precision=2,
        price_increment=Price.from_str("0.25"),
        multiplier=Quantity.from_int(20),
        lot_size=Quantity.from_int(1),
        underlying="NQ",
        activation_ns=first_ns - 86_400 * 10**9,
        expiration_ns=last_ns + 86_400 * 10**9,
        ts_event=first_ns,
        ts_init=first_ns,
    )


def _bar(bar: PeerBar) -> Bar:
    prices = (Price(value, 2) for value in (bar.open, bar.high, bar.low, bar.close))
    volume = Quantity.from_int(bar.volume)
    return Bar(_TYPE, *prices, volume, ts_event=bar.close_ns, ts_init=bar.close_ns)


def main() -> None:
    """Run it."""
    bars = read_bars(Path(sys.argv[1]))
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    engine.add_venue(
        venue=_VENUE,
        oms_type=OmsType.NETTING,
        account_type=AccountType.MARGIN,
        base_currency=USD,
        starting_balances=[Money(10_000_000, USD)],
    )
    engine.add_instrument(_contract(bars[0].close_ns, bars[-1].close_ns))
    engine.add_data([_bar(bar) for bar in bars])
    config = EMACrossConfig(
        instrument_id=_ID,
        bar_type=_TYPE,
        trade_size=Decimal(1),
        fast_ema_period=FAST,
        slow_ema_period=SLOW,
        subscribe_trade_ticks=False,
        request_bars=False,
    )
    engine.add_strategy(EMACross(config))

    def run() -> int:
        engine.run()
        return sum(order.is_closed for order in engine.cache.orders())

    report("nautilus_trader", len(bars), run)


if __name__ == "__main__":
    main()
