"""The active limits: the configured set, and what an operator has tightened on this trade date.

Rule 1: a change is accepted only if it tightens the active limit; any other is rejected with the
        reason.
Rule 2: a set that is looser than the one of the last start is taken only while nothing is held.
Rule 3: a contract in which a position of the desk is open is given up by no start: nothing would
        mark it any more, and at NinjaTrader nobody need listen to commands about it.
Rule 4: a tightened limit survives restarts, through the journal, and ends with the trade date.
"""

from services.domain.errors import ConfigError
from services.domain.messages.control import ControlAck, Tighten
from services.risk.account.equity import AccountEquity
from services.risk.ledger.ledger import Ledger
from services.risk.ledger.position import EXTERNAL
from services.risk.schedule.hours import HoursTable
from services.risk.settings.config import RiskConfig
from services.risk.settings.tightening import active_values, loosened_limits, tighten, to_json


class ActiveLimits:
    """The limits of one desk at this moment."""

    def __init__(
        self, config: RiskConfig, ledger: Ledger, equity: AccountEquity, hours: HoursTable
    ) -> None:
        self.configured = config
        """As the trade date begins with them."""
        self.config = config
        self.active_values = active_values(config)
        """Every key with its value, as people read it."""
        self.rejection = ""
        """Why the last command was rejected; empty: it was accepted."""
        self._ledger = ledger
        self._equity = equity
        self._hours = hours

    def handle_tighten(self, command: Tighten) -> None:
        """Tighten one limit, or note why not."""
        try:
            self._set(tighten(self.config, command.key, command.value))
            self.rejection = ""
        except ConfigError as error:
            self.rejection = str(error)

    def reply(self, command: Tighten) -> ControlAck:
        """The acknowledgement of the last command."""
        day = self._ledger.trade_date
        ends = f"trade date {day} ends" if day else "a trade date begins"
        accepted = f"{command.key} is {command.value} until {ends}"
        return ControlAck(accepted=not self.rejection, text=self.rejection or accepted)

    def check_not_looser(self, previous: str) -> str:
        """Compare the shipped set with what was in force at the last start; gives it, written.

        Raises: ConfigError naming key, old and new of what is looser while something is held, or
        the position whose contract the folder does not trade.
        """
        self._check_contracts()
        changes = loosened_limits(previous, self.configured) if previous else ()
        held = ", ".join(record.position_id for record in self._ledger.open_positions())
        if changes and held:
            looser = "; ".join(changes)
            raise ConfigError(
                f"limits are looser than at the last start while position {held} is open: {looser},"
                " expected the old values, or the desk flat"
            )
        return to_json(self.configured)

    def _check_contracts(self) -> None:
        # What was traded by hand has no strategy here that a start could take away; a kill ends it.
        traded = ", ".join(self._ledger.terms)
        for record in self._ledger.open_positions():
            contract = record.order_contract
            if record.strategy != EXTERNAL and contract not in self._ledger.terms:
                held = record.held or f"{record.in_flight} in flight of"
                raise ConfigError(
                    f"position {record.position_id} holds {held} {contract}, which this folder does"
                    f" not trade, found {traded}, expected a row for {contract} in desk.toml until "
                    "it is closed"
                )

    def tightened(self) -> tuple[str, ...]:
        """Keys an operator has tightened on this trade date."""
        if self.config is self.configured:
            return ()
        before = dict(active_values(self.configured))
        return tuple(key for key, value in self.active_values if before.get(key) != value)

    def reset(self) -> None:
        """Return to the configured set."""
        if self.config is not self.configured:
            self._set(self.configured)

    def _set(self, config: RiskConfig) -> None:
        self.config, self.active_values = config, active_values(config)
        self._equity.set_limits(config)
        self._hours.set_limits(config)
