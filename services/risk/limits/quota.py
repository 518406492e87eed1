"""The simple limit: what one function counts stays below the value of one key.

A new one is written in six places, and a day on which its key decides alone is made for it in
tests/support/deciding_keys/, which a test asks of every key:

1. a function in the file of its family: what is counted, from the account's `OrderRates`;
2. a row in table.py: the refusal code, and `Quota(function, key, unit)`;
3. a field in settings/config.py, its type with range and tightening direction;
4. to 6. the key in each of config/limits_demo.toml, limits_paper.toml and limits_live.toml.

Derived from these: the sentence of a refusal, the row of the limit's headroom in `status` and the
metrics, the comparison with the last start, `pitwire tighten`, and what the tests ask of every
limit. tests/risk/test_quota.py adds one in exactly these places and runs what comes of it.
"""

from collections.abc import Callable

import msgspec

from services.risk.account.account_view import OrderRates
from services.risk.settings.config import RiskConfig


class Quota(msgspec.Struct, frozen=True):
    """The limit of one count."""

    count: Callable[[OrderRates], int]
    key: str
    """Field of the configuration: the count at which entries end."""
    unit: str
    """What is counted: `entries`."""
    scope: str = ""
    """Over what, for the sentence: `today`."""

    def refusal(self, used: int, config: RiskConfig) -> str | None:
        """Why a count refuses an entry; None: it does not."""
        maximum: int = getattr(config, self.key)
        if used < maximum:
            return None
        return f"{used} {self.unit} {self.scope}".rstrip() + f" of {maximum} allowed"
