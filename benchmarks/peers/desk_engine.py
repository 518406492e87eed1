"""The desk: `python -m benchmarks.peers.desk_engine <days>`; every machine, up to the fills."""

import json
import sys
import tempfile
from pathlib import Path

from benchmarks.throughput import contract_market, ema_cross_throughput


def main() -> None:
    """Run it over the bars that the peers are given, made anew."""
    stamps = contract_market(int(sys.argv[1]))
    with tempfile.TemporaryDirectory() as temporary:
        found = ema_cross_throughput(stamps, Path(temporary))
    print(
        json.dumps(
            {
                "version": "this tree",
                "bars": found.bars,
                "seconds": found.seconds,
                "orders": found.orders,
            }
        )
    )


if __name__ == "__main__":
    main()
