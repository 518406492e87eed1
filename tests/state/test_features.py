"""Optional families: there when a strategy or state.toml asks for them, absent otherwise."""

import re
import shutil
from collections.abc import Iterable
from operator import attrgetter
from pathlib import Path

import msgspec
import pytest

from services.domain.calendar import et_ns
from services.domain.indicator_families import FIELDS, IndicatorFamily
from services.domain.manifest import StrategySlot
from services.domain.messages.market import TimeMode
from services.domain.messages.session import SessionUpdate
from services.runtime.config import ConfigFolder
from services.state.config import StateConfig
from services.state.machine import SessionMachine
from tests.support.state_builder import (
    DAY,
    ES,
    NQ,
    calendar,
    machine,
    manifest,
    play,
    session_bars,
    updates,
)

CONFIG = Path(__file__).resolve().parents[2] / "config"
OPTIONAL = {name for fields in FIELDS.values() for name in fields}


def _filled(outputs: list[SessionUpdate]) -> set[str]:
    return {
        path
        for path in OPTIONAL
        for update in outputs
        if attrgetter(path)(update) not in {None, ()}
    }


def _without(update: SessionUpdate, paths: Iterable[str]) -> SessionUpdate:
    # The update as if nobody had asked for what these paths hold.
    for path in paths:
        family, _, name = path.partition(".")
        held = getattr(update, family)
        absent = msgspec.structs.replace(held, **{name: getattr(type(held)(), name)})
        update = msgspec.structs.replace(update, **{family: absent})
    return update


def _slot(name: str, *reads: IndicatorFamily) -> StrategySlot:
    return StrategySlot(
        name=name,
        strategy=name,
        package="p",
        worker="strategies",
        signal=NQ,
        priority=1,
        reads=frozenset(reads),
    )


def test_nothing_optional_is_computed_unasked() -> None:
    """Without a declaration every optional field of a whole session is absent."""
    said = play(machine(features=()), session_bars(DAY))
    assert _filled(updates(said)) == set()


@pytest.mark.parametrize(
    "feature",
    [
        IndicatorFamily.TPO_PROFILE,
        IndicatorFamily.VOLUME_PROFILE,
        IndicatorFamily.GAPS_1M,
        IndicatorFamily.GAPS_5M,
        IndicatorFamily.GAPS_15M,
        IndicatorFamily.CONFIDENCE,
        IndicatorFamily.SWEEPS,
        IndicatorFamily.WICKS,
        IndicatorFamily.COMPRESSION,
        IndicatorFamily.DIRECTION,
        IndicatorFamily.BOLLINGER,
    ],
)
def test_a_family_fills_its_fields_and_no_others(feature: IndicatorFamily) -> None:
    """One declaration, one family; the rest of the reading is the same to the last digit."""
    bars = session_bars(DAY)
    alone = updates(play(machine(features=[feature]), bars))
    nothing = updates(play(machine(features=()), bars))
    assert _filled(alone)
    assert _filled(alone) <= set(FIELDS[feature])
    assert [_without(update, FIELDS[feature]) for update in alone] == nothing


def test_strategies_and_state_toml_together() -> None:
    """The union of what the slots declare and what the file adds."""
    slots = (_slot("a"), _slot("b", IndicatorFamily.GAPS_1M))
    declared = msgspec.structs.replace(manifest([NQ]), slots=slots)
    subject = SessionMachine(StateConfig(), declared, calendar())
    assert "gaps.one_minute" in _filled(updates(play(subject, session_bars(DAY))))
    people = StateConfig(indicator_families=(IndicatorFamily.GAPS_1M,))
    subject = SessionMachine(people, manifest([NQ]), calendar())
    assert "gaps.one_minute" in _filled(updates(play(subject, session_bars(DAY))))


@pytest.mark.parametrize("enabled", ["true", "false"])
def test_a_strategy_in_a_users_package_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, enabled: str
) -> None:
    """From a block of strategies.toml to the reading, without its file ever being run."""
    package = re.sub(r"\W", "_", f"served{tmp_path}")
    (tmp_path / package).mkdir()
    (tmp_path / package / "mine.py").write_text("raise SystemExit\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    folder = Path(shutil.copytree(CONFIG, tmp_path / "config"))
    (folder / "strategies.toml").write_text(
        f'[mine]\npackage = "{package}"\nsignal = "NQ"\npriority = 1\nenabled = {enabled}\n'
        'reads = ["gaps_15m"]\n'
    )
    manifest = ConfigFolder(folder, et_ns(DAY, "09:00")).manifest()
    played = msgspec.structs.replace(manifest, mode=TimeMode.PLAYBACK)
    subject = SessionMachine(StateConfig(), played, calendar())
    filled = _filled(updates(play(subject, session_bars(DAY))))
    assert filled - {"gaps.events"} == ({"gaps.fifteen_minute"} if enabled == "true" else set())


def test_a_declaration_is_for_the_signal_of_its_strategy() -> None:
    """What is only watched beside the signal is not computed for; divergence needs the group."""
    slots = (_slot("mine", IndicatorFamily.WICKS, IndicatorFamily.SMT),)
    desk = msgspec.structs.replace(manifest([NQ, ES]), slots=slots)
    assert desk.indicator_families_of(NQ) == {IndicatorFamily.WICKS, IndicatorFamily.SMT}
    assert desk.indicator_families_of(ES) == {IndicatorFamily.SMT}
    said = updates(play(SessionMachine(StateConfig(), desk, calendar()), session_bars(DAY)))
    assert _filled([update for update in said if update.contract == NQ]) == {"confluence.wicks"}
