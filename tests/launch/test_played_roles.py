"""Which of the files' contracts is traded: a table, and the rules over every set of instruments."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain import contracts
from services.domain.errors import ConfigError
from services.domain.indicator_families import IndicatorFamily
from services.domain.instruments import INSTRUMENTS
from services.domain.manifest import Group, TradeRow
from services.launch.played_roles import missing_peers, roles_of

BASE = (Group(name="index", trade=(TradeRow(signal="NQ", orders="MNQ"),), watched=("ES", "YM")),)
WHERE = Path("config")
ROOTS = sorted(INSTRUMENTS)


@pytest.mark.parametrize(
    ("held", "named", "expected"),
    [
        ("NQ ES YM", "", "NQ MNQ | ES YM"),
        ("NQ", "", "NQ MNQ |"),
        ("MNQ", "", "MNQ MNQ |"),
        ("MNQ MES", "", "MNQ MNQ | MES"),
        ("NQ MNQ", "", "NQ MNQ | / | MNQ"),
        ("NQ ES MES", "", "NQ MNQ | ES / | MES"),
        ("ES", "", "ES MES |"),
        ("MES", "", "MES MES |"),
        ("RTY", "", "RTY M2K |"),
        ("ES YM", "YM", "YM MYM | ES"),
        ("NQ ES", "ES", "ES MES | NQ"),
        ("NQ MNQ", "mnq", "MNQ MNQ | NQ"),
        ("NQ MNQ", "MNQ 03-26", "MNQ MNQ | NQ"),
        ("NQ RTY", "", "NQ MNQ | / | RTY"),
    ],
)
def test_what_is_there_is_traded(held: str, named: str, expected: str) -> None:
    """Signal and orders before the bar, watched behind it, another group behind the slash."""
    roles = roles_of(BASE, [f"{root} 03-26" for root in held.split()], WHERE, signal=named)
    found = []
    for group in roles.groups:
        traded = [name for row in group.trade for name in (row.signal, row.orders)]
        found.append(" ".join((*traded, "|", *group.watched)).replace(" 03-26", ""))
    assert " / ".join(found) == expected


@given(st.sets(st.sampled_from(ROOTS), min_size=1), st.sampled_from(["", *ROOTS]))
def test_every_file_has_one_role(held: set[str], named: str) -> None:
    """Any instruments, any name: refused in a sentence with what is held, or everything is played.

    Orders go to the signal or its partner, of the signal's month, never to the larger of a pair
    that desk.toml does not name.
    """
    names = [f"{root} 03-26" for root in sorted(held)]
    if named not in held if named else not held & {"NQ", "MNQ"} and len(held) > 1:
        with pytest.raises(ConfigError, match=f"files hold {', '.join(names)}"):
            roles_of(BASE, names, WHERE, signal=named)
        return
    roles = roles_of(BASE, names, WHERE, signal=named)
    played = [name for group in roles.groups for name in group.contracts]
    assert sorted(played) == names
    (row,) = (row for group in roles.groups for row in group.trade)
    contracts.refuse_pair(row.signal, row.orders)
    assert contracts.parse(row.orders).root in {"MNQ", "MES", "MYM", "M2K"}
    assert bool(roles.remark) == (not row.signal.startswith("NQ"))
    if named:
        assert row.signal == f"{named} 03-26"


def test_what_needs_a_second_contract_is_named() -> None:
    """A strategy that compares contracts is named where the files hold one alone; else nothing."""
    reads = {"edge_fade": (IndicatorFamily.GAPS_1M,), "mine": (IndicatorFamily.SMT,)}
    alone = roles_of(BASE, ["NQ 03-26"], WHERE).groups
    assert missing_peers(alone, reads).startswith("mine reads divergence (smt)")
    assert missing_peers(alone, {"edge_fade": (IndicatorFamily.GAPS_1M,)}) == ""
    both = roles_of(BASE, ["NQ 03-26", "ES 03-26"], WHERE).groups
    assert missing_peers(both, reads) == ""
