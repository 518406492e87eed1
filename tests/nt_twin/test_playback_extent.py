"""What is played: contracts under the desk's names, and where the history ends."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from services.domain.calendar import Calendar, et_ns, et_text
from services.domain.errors import ConfigError
from services.domain.manifest import Group, Manifest, TradeRow
from services.domain.units import UnixNanos
from services.venue.played_market.minutes import MinuteBars
from services.venue.played_market.playback_extent import HistoryRange, contract_names, extent
from tests.support.order_builder import manifest

_DATES = ("2026-02-09", "2026-02-10", "2026-02-11")


def _manifest(*, months: str = "03-26") -> Manifest:
    row = TradeRow(signal=f"NQ {months}", orders=f"MNQ {months}")
    group = Group(name="index", trade=(row,), watched=(f"ES {months}",))
    return replace(manifest(), groups=(group,))


def _stamps() -> Iterator[MinuteBars]:
    for date in _DATES:
        for clock in ("10:00", "10:01", "10:02"):
            yield et_ns(date, clock), ()


def test_a_month_the_desk_takes_keeps_its_name() -> None:
    """What the desk does not take is left out, not sent to be refused."""
    played = ("ES 03-26", "NQ 03-26", "CL 03-26")
    names = contract_names(_manifest(), played, by_root=False)
    assert names == {"ES 03-26": "ES 03-26", "NQ 03-26": "NQ 03-26"}


def test_live_another_month_stands_for_the_desks_own() -> None:
    """An old file's contract is played as the month the desk trades today."""
    names = contract_names(_manifest(months="12-26"), ("NQ 03-25", "ES 03-25"), by_root=True)
    assert names == {"NQ 03-25": "NQ 12-26", "ES 03-25": "ES 12-26"}


@pytest.mark.parametrize(
    ("played", "by_root", "text"),
    [
        (("NQ 03-25",), False, "files hold NQ 03-25, expected at least one of NQ 03-26"),
        (("ES 03-26",), False, "files hold ES 03-26, expected at least one of NQ 03-26"),
        (("NQ 03-25", "NQ 06-25"), True, "expected one contract month per root"),
    ],
)
def test_what_the_desk_cannot_use_is_a_sentence(
    played: tuple[str, ...],
    by_root: bool,  # noqa: FBT001 - part of the case
    text: str,
) -> None:
    """No signal contract, or two months for one."""
    with pytest.raises(ConfigError, match=text):
        contract_names(_manifest(), played, by_root=by_root)


@pytest.mark.parametrize(
    ("history", "until", "first"),
    [
        (HistoryRange(), None, "2026-02-09 10:00"),
        (HistoryRange(days=1), "2026-02-09 10:02", "2026-02-10 10:00"),
        (HistoryRange(days=2), "2026-02-10 10:02", "2026-02-11 10:00"),
        (HistoryRange(until="2026-02-09"), "2026-02-09 10:02", "2026-02-10 10:00"),
        (HistoryRange(until="2026-02-08"), None, "2026-02-09 10:00"),
        (HistoryRange(until="2026-02-10 10:01"), "2026-02-10 10:01", "2026-02-10 10:02"),
        (HistoryRange(until="2026-02-10T10:01"), "2026-02-10 10:01", "2026-02-10 10:02"),
    ],
)
def test_history_ends_where_it_is_said(
    history: HistoryRange, until: str | None, first: str
) -> None:
    """By trade dates, by a trade date itself included, by a New York time itself included."""
    found = extent(_stamps, history, Calendar())
    assert found.total == 9
    ended = found.history_until
    assert (None if ended is None else et_text(ended)[:16]) == until
    assert et_text(found.first_live)[:16] == first


@pytest.mark.parametrize(
    ("history", "text"),
    [
        (HistoryRange(days=3), "all 9 minutes are history, expected some to play behind it"),
        (
            HistoryRange(until="10 Feb"),
            "history until '10 Feb', expected a trade date as 2026-02-10",
        ),
    ],
)
def test_a_history_that_leaves_nothing_or_says_nothing(history: HistoryRange, text: str) -> None:
    """Both end the start with what was found and what was expected."""
    with pytest.raises(ConfigError, match=text):
        extent(_stamps, history, Calendar())


def test_the_evening_belongs_to_the_next_trade_date() -> None:
    """One day of history ends at 17:00, not at midnight."""
    evening = (et_ns("2026-02-09", "16:59"), et_ns("2026-02-09", "18:01"))
    found = extent(
        lambda: iter([(UnixNanos(at), ()) for at in evening]), HistoryRange(days=1), Calendar()
    )
    assert (found.history_until, found.first_live) == evening
