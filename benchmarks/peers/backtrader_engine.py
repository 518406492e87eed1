"""backtrader: `python -m benchmarks.peers.backtrader_engine <bars>`."""

import sys
from pathlib import Path
from typing import Any

import backtrader
import pandas as pd

from benchmarks.peers.bars import FAST, SLOW, read_bars, report


class EmaCross(backtrader.Strategy):  # type: ignore[misc,unused-ignore]
    """Long above, short below; turns at the market."""

    def __init__(self) -> None:
        quick = backtrader.ind.EMA(self.data.close, period=FAST)
        self.cross = backtrader.ind.CrossOver(quick, backtrader.ind.EMA(period=SLOW))
        self.filled = 0

    def next(self) -> None:
        """Take a bar."""
        if self.cross[0] > 0:
            self.order_target_size(target=1)
        elif self.cross[0] < 0:
            self.order_target_size(target=-1)

    def notify_order(self, order: Any) -> None:  # noqa: ANN401
        """Count what filled."""
        self.filled += order.status == order.Completed


def main() -> None:
    """Run it."""
    bars = read_bars(Path(sys.argv[1]))
    frame = pd.DataFrame(bars)
    frame.index = pd.to_datetime(frame.pop("close_ns"))
    engine = backtrader.Cerebro()
    engine.adddata(backtrader.feeds.PandasData(dataname=frame))
    engine.addstrategy(EmaCross)
    engine.broker.setcash(10_000_000)
    report("backtrader", len(bars), lambda: engine.run()[0].filled)


if __name__ == "__main__":
    main()
