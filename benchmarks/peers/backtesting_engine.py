"""backtesting.py: `python -m benchmarks.peers.backtesting_engine <bars>`."""

import sys
from pathlib import Path

import pandas as pd
from backtesting import Backtest, Strategy
from backtesting.lib import crossover

from benchmarks.peers.bars import FAST, SLOW, read_bars, report


def _ema(values: "pd.Series[float]", length: int) -> "pd.Series[float]":
    return pd.Series(values).ewm(span=length, adjust=False).mean()


class EmaCross(Strategy):  # type: ignore[misc,unused-ignore]
    """Long above, short below; turns at the market."""

    def init(self) -> None:
        """Compute both averages at once, as its users do."""
        self.quick = self.I(_ema, self.data.Close, FAST)
        self.slow = self.I(_ema, self.data.Close, SLOW)

    def next(self) -> None:
        """Take a bar."""
        if crossover(self.quick, self.slow):
            self.position.close()
            self.buy(size=1)
        elif crossover(self.slow, self.quick):
            self.position.close()
            self.sell(size=1)


def main() -> None:
    """Run it."""
    bars = read_bars(Path(sys.argv[1]))
    frame = pd.DataFrame(bars)
    frame.index = pd.to_datetime(frame.pop("close_ns"))
    frame.columns = [name.title() for name in frame.columns]
    engine = Backtest(frame, EmaCross, cash=10_000_000, finalize_trades=True)
    report("backtesting", len(bars), lambda: 2 * int(engine.run()["# Trades"]))


if __name__ == "__main__":
    main()
