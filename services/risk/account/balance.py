"""The balance of the account by its own reports: what is believed of them, and the start of a run.

Rule 1: a report counts only while its holdings are the ledger's. A cash that holds a fill whose
        execution is still to come would count that fill twice.
Rule 2: base = cash less what we realised since the run began. It is believed when two counted
        reports in a row show it, and replaced when two in a row show another.
Rule 3: until a base is believed, the start that the limits state stands for it; where they state
        none, the base of the last counted report. Till then a cash of 0 or less does not count.
Rule 4: start = cash less what the account realised on its day (by our count where it counts 0),
        less what we realised on earlier dates of the run. It is the first believed report's. Where
        it differs from the stated one by more than `START_TOLERANCE` of that, it is in doubt until
        a believed report agrees.
Rule 5: the stated start counts where both agree, and before a base is believed; where they do not
        agree, the higher of the two, which has the tighter floors.
"""

from typing import Final

from services.domain.units import MicroUsd, usd

START_TOLERANCE: Final = 0.001
"""Part of the stated start by which the account's may differ: $50 on $50,000, a quarter of what the
desk keeps in reserve of a drawdown of $2,000 (`drawdown_stop_share` 0.9)."""


class AccountBalance:
    """Base and start of one account; all amounts in micro-dollars."""

    def __init__(self) -> None:
        self.stated: MicroUsd | None = None
        """Start that the limits state; None: none."""
        self.base: MicroUsd | None = None
        """The believed one; None: none has stood twice."""
        self.pending_base: MicroUsd | None = None
        """The last counted report's, where it has stood once."""
        self.reported_start: MicroUsd | None = None
        """Balance the run began with, as the account reports it; None: it has not."""
        # What follows from these is looked up at every entry and fill, and changes with a report.
        self.active_base: MicroUsd | None = None
        """What our profit is added to (rule 3); None: nobody knows."""
        self.start: MicroUsd | None = None
        """Where the drawdowns begin (rule 5); None: nobody knows."""
        self.start_fault = ""
        """Both starts, where they differ by more than is tolerated; empty: they do not."""

    def set_stated(self, stated: MicroUsd | None) -> None:
        """Apply the start that the limits state."""
        self.stated = stated
        self._update()

    def restore(
        self, base: MicroUsd | None, pending: MicroUsd | None, reported_start: MicroUsd | None
    ) -> None:
        """Restore what an earlier trade date left."""
        self.base, self.pending_base, self.reported_start = base, pending, reported_start
        self._update()

    def handle_report(self, cash: MicroUsd, start: MicroUsd, ours: int) -> int:
        """Handle a report whose holdings agree; `ours` is what we realised since the run began.

        Returns by how much all equities so far were counted too low: before a base is believed.
        """
        base, before = MicroUsd(cash - ours), self.active_base
        is_new = self.base is None
        if is_new and cash <= 0:
            return 0
        if base not in (self.base, self.pending_base):
            self.pending_base = base
            if is_new:
                self.reported_start = start
        else:
            unknown = is_new or self.reported_start is None
            if unknown or (self.start_fault and not _fault(start, self.stated)):
                self.reported_start = start
            self.base, self.pending_base = base, None
        self._update()
        if not is_new or before is None or self.active_base is None:
            return 0
        return self.active_base - before

    def _update(self) -> None:
        self.start_fault = _fault(self.reported_start, self.stated)
        self.active_base = self.base
        if self.base is None:
            self.active_base = self.pending_base if self.stated is None else self.stated
        self.start = self.reported_start if self.stated is None else self.stated
        if self.start_fault and self.base is not None:
            assert self.stated is not None, "a start in doubt without a stated one"
            assert self.reported_start is not None, "a start in doubt without a reported one"
            self.start = max(self.stated, self.reported_start)


def _fault(reported: MicroUsd | None, stated: MicroUsd | None) -> str:
    if stated is None or reported is None:
        return ""
    allowed = round(stated * START_TOLERANCE)
    if abs(reported - stated) <= allowed:
        return ""
    return (
        f"the account began the run with {usd(reported)}, start_equity_usd is {usd(stated)}, "
        f"{usd(allowed)} apart allowed"
    )
