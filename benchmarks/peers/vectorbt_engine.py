"""vectorbt: `python -m benchmarks.peers.vectorbt_engine <bars>`.

Whole arrays at once: no bar waits for the one before, so it is a limit and no competitor. The
first run compiles; it is not timed.
"""

import sys
from pathlib import Path

import pandas as pd
import vectorbt

from benchmarks.peers.bars import FAST, SLOW, read_bars, report


def _run(close: "pd.Series[float]") -> int:
    quick = vectorbt.MA.run(close, FAST, ewm=True)
    slow = vectorbt.MA.run(close, SLOW, ewm=True)
    above, below = quick.ma_crossed_above(slow), quick.ma_crossed_below(slow)
    book = vectorbt.Portfolio.from_signals(
        close, entries=above, short_entries=below, size=1, init_cash=10_000_000, freq="1min"
    )
    return int(book.orders.count())


def main() -> None:
    """Run it."""
    bars = read_bars(Path(sys.argv[1]))
    index = pd.to_datetime([bar.close_ns for bar in bars])
    close = pd.Series([bar.close for bar in bars], index=index)
    _run(close)
    report("vectorbt", len(bars), lambda: _run(close))


if __name__ == "__main__":
    main()
