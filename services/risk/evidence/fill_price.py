"""Whether a fill can have had its price, by the market the desk has seen.

Rule 1: a fill counts whatever its price. At one that cannot be, it counts at the last known price
        of its contract, so that no profit is booked that nobody made and the loss limits stay true.
Rule 2: a price cannot be when it is not above 0, or further than the session's price limit from the
        prior close, or from the last known price.
Rule 3: without any known price only one that is not above 0 cannot be; the stop stands in for it.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from services.domain.errors import InstrumentError
from services.domain.instruments import points_text
from services.domain.messages.orders import Execution
from services.domain.units import Ticks
from services.risk.evidence.market_data import RecentBars
from services.risk.ledger.ledger import Ledger


class FillPrices:
    """Judges the prices of one account's fills."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def checked(
        self, fill: Execution, recent: Mapping[str, RecentBars], limit_pct: float
    ) -> tuple[Execution, str]:
        """The fill as it counts, and why its price cannot be or ''.

        `recent`: bars by signal contract; `limit_pct`: the session's price limit, percent.
        """
        terms = self._ledger.terms.get(fill.contract)
        signal = fill.contract if terms is None else terms.signal
        bars = recent.get(signal)
        prior = None if bars is None else bars.last.levels.prior_close
        last = self._ledger.marks.price(signal) if bars is None else bars.last.close
        for reference, name in ((last, "last known price"), (prior, "prior close")):
            if fill.price > 0 and (reference is None or _near(fill.price, reference, limit_pct)):
                continue
            counted = last or prior or self._stop(fill) or Ticks(1)
            found = _price_text(fill.contract, fill.price)
            if reference is None:
                text = f"execution {fill.execution_id} at {found}, expected > 0"
            else:
                text = (
                    f"execution {fill.execution_id} at {found} is beyond {limit_pct:g} % of the"
                    f" {name} {_price_text(signal, reference)}"
                )
            counts = _price_text(fill.contract, counted)
            return replace(fill, price=counted), f"{text}: counted at {counts}"
        return fill, ""

    def _stop(self, fill: Execution) -> Ticks | None:
        record = self._ledger.open_position(fill.position_id)
        return None if record is None else record.stop


def _near(price: Ticks, reference: Ticks, limit_pct: float) -> bool:
    return 100 * abs(price - reference) <= limit_pct * reference


def _price_text(contract: str, price: Ticks) -> str:
    try:
        return points_text(contract, price)
    except InstrumentError:  # by hand, in what the desk knows nothing of
        return f"{price} ticks"
