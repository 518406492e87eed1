"""The chart page: everything the day had is in it, plotly knows every key, nothing is fetched."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.domain.calendar import et_ns, et_text
from services.domain.errors import ConfigError
from services.domain.messages.reading import GapEvent, GapState, Range, SweepEvent
from services.domain.messages.risk import Verdict
from services.domain.messages.session import SessionUpdate
from services.domain.units import Ticks, UnixNanos
from services.review.chart.chart_data import ChartData, chart_data
from services.review.chart.figure import figure_of
from services.review.chart.page import page_of
from services.review.day.record import DayRecord
from tests.support.played_day import FADE, REVERSAL, messages_of, played_day, with_candidate
from tests.support.session_builder import with_values

NQ = "NQ 03-26"


def reading(clock: str) -> SessionUpdate:
    """The signal's reading at a stamp of the fade day."""
    at = et_ns(FADE, clock)
    return next(u for u in played_day(FADE).updates[NQ] if u.close_ns == at)


@cache
def busy_day() -> DayRecord:
    """The fade day with a refusal, a suppressed and an undecided candidate."""
    record = with_candidate(played_day(FADE), reading("11:40"), {})
    suppressed = {"verdict": Verdict.SUPPRESSED, "code": "SUPPRESSED"}
    record = with_candidate(record, reading("12:00"), suppressed)
    return with_candidate(record, reading("12:20"), None)


def embedded(page: str, name: str) -> Any:
    """The data a page carries under a name."""
    pattern = rf'<script type="application/json" id="{name}">(.*?)</script>'
    (text,) = re.findall(pattern, page, flags=re.DOTALL)
    return msgspec.json.decode(text)


def traces(view: ChartData, kind: str) -> list[dict[str, Any]]:
    """The traces whose `meta` says what they mark."""
    data = figure_of(view)["data"]
    return [trace for trace in data if trace.get("meta", {}).get("kind") == kind]


def test_every_trade_and_candidate_is_in_the_page() -> None:
    """By id, with code and sentence; drawn at its own stamp and price."""
    record = busy_day()
    view = chart_data(record)
    day = embedded(page_of(view), "day")
    assert [t["position"]["position_id"] for t in day["trades"]] == [
        t.position.position_id for t in view.trades
    ]
    told = {c["candidate"]["candidate_id"]: c["code"] for c in day["candidates"]}
    assert set(told) == set(record.candidates)
    assert sorted(told.values()) == ["APPROVED", "DAILY_LOSS", "SUPPRESSED", "UNDECIDED"]
    drawn = {
        candidate: (x, y)
        for kind in ("approved", "refused", "suppressed", "undecided")
        for trace in traces(view, kind)
        for candidate, x, y in zip(trace["customdata"], trace["x"], trace["y"], strict=True)
    }
    for candidate_id, candidate in record.candidates.items():
        assert drawn[candidate_id] == (et_text(candidate.close_ns)[:16], candidate.entry / 4)


def test_entry_stop_target_and_exit_are_drawn() -> None:
    """Each at the price and the minute the ledger has."""
    view = chart_data(played_day(REVERSAL))
    (trade,) = view.trades
    (entries,), (exits,) = traces(view, "entries"), traces(view, "exits")
    assert entries["x"] == ["2026-03-03 09:46"]
    assert entries["y"] == [trade.entry / 4]
    assert trade.position.exit_price is not None
    assert exits["y"] == [trade.position.exit_price / 4]
    lines = {t.get("name"): t for t in figure_of(view)["data"]}
    assert lines["stop"]["y"][:2] == [25076.25, 25076.25]
    assert lines["target"]["y"][:2] == [24873.75, 24873.75]
    tags = [a["text"] for a in figure_of(view)["layout"]["annotations"]]
    assert tags == [
        "stop 25076.25",
        "target 24873.75",
        "<b>OR Reversal SHORT 25008.50</b>",
        "<b>TARGET $268.26</b>",
    ]


def test_plotly_knows_every_key_of_the_figure() -> None:
    """Plotly's own validation finds nothing to refuse in a day with everything on it."""
    from plotly import graph_objects

    figure = figure_of(chart_data(with_zones(busy_day())))
    assert len(graph_objects.Figure(figure).data) == len(figure["data"]) > 20


def with_zones(record: DayRecord) -> DayRecord:
    """Copy a day and give it a gap's life and a sweep."""
    at = reading("11:00").close_ns
    zone = Range(Ticks(99_000), Ticks(99_040))

    def told(u: SessionUpdate) -> SessionUpdate:
        states = {at: GapState.OPEN, at + 600 * 10**9: GapState.TOUCHED}
        states[at + 1200 * 10**9] = GapState.FILLED
        state = states.get(u.close_ns)
        if u.contract != NQ or state is None:
            return u
        event = GapEvent(minutes=5, bullish=True, zone=zone, opened_ns=UnixNanos(at), state=state)
        sweep = SweepEvent(
            level="ib_low", price=Ticks(98_925), above=False, extreme=Ticks(98_920), failed=False
        )
        return with_values(u, gap_events=(event,), sweep_events=(sweep,))

    messages = [told(m) if isinstance(m, SessionUpdate) else m for m in messages_of(record)]
    return DayRecord(record.date, run=record.run, messages=messages)


def test_a_strategy_refused_minute_by_minute_is_named_once() -> None:
    """Every refusal has its mark; the words stand where a run of one code begins."""
    record = played_day(FADE)
    for clock in ("12:00", "12:01", "12:02", "13:00"):
        record = with_candidate(record, reading(clock), {})
    view = chart_data(record)
    (marks,) = traces(view, "refused")
    assert len(marks["x"]) == 4
    tags = [a for a in figure_of(view)["layout"]["annotations"] if "DAILY_LOSS" in a["text"]]
    assert [tag["x"][11:] for tag in tags] == ["12:00", "13:00"]


def test_refusals_of_one_minute_share_a_tag() -> None:
    """Both names and both codes are read; the next tag near it stands higher, not on it."""
    record = with_candidate(played_day(FADE), reading("12:00"), {}, wire_name="P-Day")
    suppressed = {"verdict": Verdict.SUPPRESSED, "code": "SUPPRESSED"}
    record = with_candidate(record, reading("12:00"), suppressed, strategy="other")
    record = with_candidate(record, reading("12:20"), None)
    tags = [a for a in figure_of(chart_data(record))["layout"]["annotations"] if "ax" in a]
    first, second = (tag for tag in tags if tag["x"][11:] in {"12:00", "12:20"})
    assert first["text"] == "<b>P-Day: DAILY_LOSS<br>Edge Fade: SUPPRESSED</b>"
    assert second["text"] == "<b>Edge Fade: UNDECIDED</b>"
    assert second["ay"] < first["ay"]


def test_the_page_says_what_each_strategy_waited_for() -> None:
    """Its guards within its hours: when, how often, with numbers; the clock's own are left out."""
    page = re.sub(r"<td [^>]*>", "<td>", page_of(chart_data(played_day(FADE))))
    assert "Why each strategy did not signal, within its hours" in page
    assert re.search(r"<td>edge_fade</td><td>above_zone</td><td>\d+</td><td>1\d:\d\d</td>", page)
    assert re.search(r"<td>close [\d.]+ &gt;= zone top [\d.]+</td>", page)
    assert "<td>outside_rth</td>" not in page


@pytest.mark.parametrize(("rth", "shown"), [(False, "VWAP 18:00"), (True, "VWAP 09:30")])
def test_the_vwap_in_force_is_the_one_shown(rth: bool, shown: str) -> None:  # noqa: FBT001 - a case
    """The strategies' anchor is drawn with its bands; the other waits in the legend."""
    data = figure_of(chart_data(played_day(FADE), rth_anchor=rth))["data"]
    lines = {t["name"]: t.get("visible", True) for t in data if "VWAP" in t.get("name", "")}
    assert [name for name, visible in lines.items() if visible is True] == [shown]
    assert len(lines) == 2


def test_a_gap_is_a_zone_over_its_life() -> None:
    """From its opening to its fill, between its edges; its story can be pointed at."""
    data = figure_of(chart_data(with_zones(played_day(FADE))))["data"]
    zone, life = (trace for trace in data if trace.get("name") == "5m gap up")
    assert zone["x"][:2] == ["2026-03-04 11:00", "2026-03-04 11:20"]
    assert set(zone["y"]) == {24750.0, 24760.0}
    (said,) = life["text"]
    assert said == "5m gap up 24750.00–24760.00<br>opened 11:00, touched 11:10, filled 11:20"
    assert any(trace.get("name") == "level swept 3 times" for trace in data)


def test_the_boxes_levels_and_windows_are_those_of_the_day() -> None:
    """The IB box spans 09:30 to 10:30; extensions are labelled; regular hours open the page."""
    view = chart_data(played_day(FADE))
    figure = figure_of(view)
    box = next(t for t in figure["data"] if t.get("name") == "IB box")
    ib = view.last_rth.opening.ib
    assert ib is not None
    assert (box["x"][0], box["x"][1]) == ("2026-03-04 09:30", "2026-03-04 10:30")
    assert set(box["y"]) == {ib.low / 4, ib.high / 4}
    labels = [
        label[0]
        for t in figure["data"]
        if t.get("meta", {}).get("levels")
        for label in t["meta"]["levels"]
    ]
    assert {"VWAP", "VPOC"} <= set(labels)
    assert {"IBH", "IBL", "IB mid", "IBH +2", "ONH", "London L", "TPO POC", "VAH", "VAL"} <= set(
        labels
    )
    names = [name for name, _ in figure["layout"]["meta"]["windows"]]
    assert (names[0], names[-1], "overnight" in names) == ("regular hours", "trade 1", True)


def test_a_day_without_trades_has_a_page() -> None:
    """No strategy, no candidate: the session is still drawn, and says so."""
    only = [m for m in messages_of(played_day(FADE)) if isinstance(m, SessionUpdate)]
    page = page_of(chart_data(DayRecord(FADE, run="quiet", messages=only)))
    assert embedded(page, "day")["trades"] == []
    assert "0 trades" in page
    assert embedded(page, "figure")["layout"]["annotations"] == []


def test_a_session_without_regular_hours_has_a_page() -> None:
    """A day that ended before 09:30 opens on all there is."""
    night = [u for u in played_day(FADE).updates[NQ] if u.minute_of_rth is None][:20]
    figure = figure_of(chart_data(DayRecord(FADE, messages=night)))
    assert [name for name, _ in figure["layout"]["meta"]["windows"]] == ["whole session"]


def test_a_page_is_one_file_that_asks_nobody() -> None:
    """No address is loaded, nothing is sent; text of the day cannot break out of its script."""
    record = with_candidate(
        played_day(FADE), reading("11:40"), {"text": "</script><b>x"}, reason="<i>&</script>"
    )
    page = page_of(chart_data(record))
    ours = page.replace(page[page.index("<script>") : page.index("</head>")], "")
    assert not re.search(r"""(?:src|href)=["']?https?:""", ours)
    assert "showSendToCloud: false" in ours
    assert "</script><b>x" not in page
    assert "<i>&</script>" not in page
    assert [c["text"] for c in embedded(page, "day")["candidates"]][-1] == "</script><b>x"


@pytest.mark.parametrize(("asked", "found"), [("", NQ), ("NQ", NQ), ("ES", "ES 03-26"), (NQ, NQ)])
def test_a_contract_is_asked_for_by_name_or_root(asked: str, found: str) -> None:
    """The traded one where nothing is asked; those watched beside have their charts too."""
    assert chart_data(played_day(FADE), asked).contract == found


def test_a_contract_that_is_not_there_is_named() -> None:
    """With what there is."""
    with pytest.raises(ConfigError, match=r"no bars of RTY, expected one of NQ 03-26, ES 03-26"):
        chart_data(played_day(FADE), "RTY")


def test_assets_are_beside_the_code() -> None:
    """What the page is made of is in the package, so an installed wheel has it."""
    folder = Path(__file__).resolve().parents[2] / "services" / "review" / "chart"
    assert {p.name for p in folder.glob("page.*")} == {
        "page.py",
        "page.html",
        "page.css",
        "page.js",
    }
