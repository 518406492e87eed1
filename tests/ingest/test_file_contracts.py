"""Whose prices a bar file holds: months, continuous series, price kinds, two files of one."""

from itertools import product
from pathlib import Path

import pytest

from services.domain.errors import FeedError
from services.ingest.bar_files.names import PriceKind
from services.ingest.bar_files.recognition import ReadOptions
from services.ingest.files import open_file, open_files
from tests.support.bar_texts import (
    export,
    read_values,
    session,
    sessions,
    table,
    values,
    volumetric,
    write,
)

BARS = session("2025-07-22", "18:00", "20:00")
MONTHS = (
    "{} 09-25", "{}_09-25", "{}-09-25", "{} 09-2025", "{} SEP25", "{} Sep 2025", "{}U5", "{}U25",
    "{}U2025", "{}_U25", "Copy of {} 09-25", "{} 09-25.Last (1)", "{}U25.CME", "{} 09-25 1min",
)  # fmt: skip
CONTINUOUS = ("NQ1!", "CME_MINI_NQ1!, 1", "@NQ", "NQ=F", "NQ #F", "NQ ##-##", "NQ.c.0", "NQ cont")


@pytest.mark.parametrize(("form", "root"), list(product(MONTHS, ("NQ", "MNQ"))))
def test_every_form_of_a_month_is_read(tmp_path: Path, form: str, root: str) -> None:
    """In a file's name and in its symbol column alike."""
    name = form.format(root)
    assert open_file(write(tmp_path, f"{name}.txt", export(BARS))).contract == f"{root} 09-25"
    path = write(tmp_path, "export.csv", volumetric(BARS, symbol=name))
    assert open_file(path).contract == f"{root} 09-25"


@pytest.mark.parametrize("name", CONTINUOUS)
def test_a_continuous_series_is_asked_for_its_month(tmp_path: Path, name: str) -> None:
    """No month is made up for it; the option that gives one is in the sentence."""
    path = write(tmp_path, f"{name}.txt", export(BARS))
    with pytest.raises(FeedError, match=r'continuous series.*--contract "NQ 09-25"'):
        open_file(path)
    assert open_file(path, contract="NQ 09-25").contract == "NQ 09-25"


def test_names_that_disagree_are_refused(tmp_path: Path) -> None:
    """Two months in a name, or a column of another instrument than the name's."""
    with pytest.raises(FeedError, match="names NQ 09-25 and NQ 12-25, expected one"):
        open_file(write(tmp_path, "NQ 09-25 and NQ 12-25.txt", export(BARS)))
    with pytest.raises(FeedError, match="its name has ES 09-25, its symbol column 'NQ'"):
        open_file(write(tmp_path, "ES 09-25.csv", volumetric(BARS)))


def test_a_month_in_the_name_completes_a_bare_symbol(tmp_path: Path) -> None:
    """A volumetric export of a back month has its root alone in the column."""
    path = write(tmp_path, "NQ 12-25_Volumetric_1.csv", volumetric(BARS))
    assert open_file(path).contract == "NQ 12-25"


ROLLED = sessions("2025-09-12", "2025-09-15")
FIRST, SECOND = ROLLED[:1_380], ROLLED[1_380:]


def test_a_series_past_the_roll_is_refused_with_the_date(tmp_path: Path) -> None:
    """Never all to the first month; the month that is given picks its own bars."""
    path = write(tmp_path, "NQ_Volumetric_1.csv", volumetric(ROLLED))
    with pytest.raises(FeedError, match=r"line 1383: .* roll of 2025-09-14 18:00 ET.*--contract"):
        open_file(path)
    for contract, bars in (("NQ 09-25", FIRST), ("NQ 12-25", SECOND)):
        file = open_file(path, contract=contract)
        assert read_values(file) == values(bars)
        assert (file.left_out, file.bad_lines) == (len(ROLLED) - len(bars), 0)
        assert "left out" in file.description
    with pytest.raises(FeedError, match="expected some of NQ 03-26"):
        open_file(path, contract="NQ 03-26")


def test_a_file_that_names_its_month_may_pass_the_roll(tmp_path: Path) -> None:
    """A contract trades until it expires, whichever month is front."""
    file = open_file(write(tmp_path, "NQ 09-25.Last.txt", export(ROLLED)))
    assert read_values(file) == values(ROLLED)


def test_symbols_of_two_months_are_told_apart(tmp_path: Path) -> None:
    """Each bar belongs to the month its symbol has."""
    lines = [*volumetric(FIRST, "NQU5"), *volumetric(SECOND, "NQZ5")[2:]]
    path = write(tmp_path, "export.csv", lines)
    with pytest.raises(FeedError, match="line 1383: symbol 'NQZ5' at 2025-09-14 18:01 ET"):
        open_file(path)
    for contract, bars in (("NQ 09-25", FIRST), ("NQ 12-25", SECOND)):
        file = open_file(path, contract=contract)
        assert (file.contract, read_values(file)) == (contract, values(bars))


KINDS = ("Bid", "Ask", "Midpoint")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["NQ 09-25.{}.txt", "NQ 09-25_{}.csv", "{} NQU25.txt"])
def test_other_prices_than_trades_are_refused_unless_chosen(
    tmp_path: Path, name: str, kind: str
) -> None:
    """Bars of quotes look like bars of trades; the option plays them nevertheless."""
    lines = export(BARS) if name.endswith("txt") else table(BARS)
    path = write(tmp_path, name.format(kind), lines)
    with pytest.raises(FeedError, match=f"{kind.lower()} prices.*--price-kind {kind.lower()}"):
        open_file(path)
    chosen = PriceKind(kind.lower())
    assert read_values(open_file(path, price_kind=chosen)) == values(BARS)


def test_a_folder_of_all_kinds_plays_the_one_that_is_chosen(tmp_path: Path) -> None:
    """Last, Bid and Ask beside each other: one of them, never two as one."""
    for kind in ("Last", "Bid", "Ask"):
        write(tmp_path, f"NQ 09-25.{kind}.txt", export(BARS))
    with pytest.raises(FeedError, match="--price-kind"):
        open_files([tmp_path], ReadOptions())
    for chosen in (PriceKind.LAST, PriceKind.BID):
        (file,) = open_files([tmp_path], ReadOptions(price_kind=chosen))
        assert chosen.value in file.path.name.lower()


def test_a_file_that_is_named_is_never_left_out(tmp_path: Path) -> None:
    """A chosen kind picks within folders; a file of another kind on the command line is refused."""
    named = write(tmp_path, "NQ 09-25.Bid.txt", export(BARS))
    with pytest.raises(FeedError, match="its name has bid prices, expected last prices"):
        open_files([named], ReadOptions(price_kind=PriceKind.LAST))


def test_files_of_one_contract_agree_or_are_refused(tmp_path: Path) -> None:
    """A copy or overlap of the same bars is harmless; other bars of the same minutes are not."""
    write(tmp_path, "NQ 09-25.Last.txt", export(BARS[:80]))
    write(tmp_path, "NQ 09-25.Last (1).txt", export(BARS[40:]))
    assert len(open_files([tmp_path], ReadOptions())) == 2
    other = [bar._replace(volume=bar.volume + 1) for bar in BARS[60:]]
    write(tmp_path, "Copy of NQ 09-25.txt", export(other))
    with pytest.raises(FeedError, match="both hold NQ 09-25 and differ, first in the bar of 2025"):
        open_files([tmp_path], ReadOptions())
