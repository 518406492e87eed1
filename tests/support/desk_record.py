"""What the desk says of a fixed set of days, written down, so that a change of form can be proven.

`python tests/support/desk_record.py record OUT DATA` plays the days with the code of this checkout:
two generated days and the volumetric days through separate processes, the volumetric days and the
eleven weeks of `NQ 03-25` in one process. Beside the six CSV files it keeps every message of the
journals and of the play, and `explain --json` of every date and of every stamp with a candidate.
`... compare OLD NEW [MAP]` holds two such folders against each other, whole, and exits 1 where they
differ. MAP (JSON) translates OLD: `types`, `fields` (`Type.path`: `path`), `values` of closed sets.

Rule 1: aside are sentences (their numbers are compared), hashes, and what rests on a wall clock.
Rule 2: ids are compared one to one: the same old id is always the same new id, and back.
        So is the time handed over with a position: whether it comes before the next minute or
        after it is for the processes to settle among themselves.
Rule 3: a value that is its field's default is not written, so that a new optional field is no
        difference and a lost value is one.
"""

import contextlib
import gzip
import itertools
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Final

import msgspec

from services.backtest.play import run_to_end, twin_client
from services.backtest.playback_input import PlaybackRequest, open_request, playback_of
from services.composition import in_process
from services.domain.calendar import Calendar
from services.domain.event_time import event_time_of
from services.domain.messages.risk import Position
from services.domain.messages.union import Event
from services.domain.units import UnixNanos
from services.launch.playback import prepare_run
from services.review.day.record import DayRecord
from services.review.day.sources import DayQuery, read_day
from services.review.day.to_json import to_jsonable
from services.review.export.csv_export import Exporter
from services.review.trace.day import day_trace
from services.review.trace.minute import minute_trace
from services.runtime.config import ConfigFolder
from services.runtime.journal import Role
from services.runtime.journal_files import journal_dates
from services.runtime.journal_records import read_records

Lines = dict[str, list[dict[str, Any]]]
_TEXTS: Final = re.compile(
    r"(^|\.)(text|texts|reason|reasons|notes|why|detail|details|red|failures|degraded|because"
    r"|label|title|sentence|says|said|told|what|answer|story|lines|line|summary|explanation)"
    r"(\.|$)"
)
_SKIP: Final = re.compile(
    r"(^|\.)(config_hash|build|sent_ns|version|hash|client_version|run_folder|ts_recv_ns)(\.|$)"
)
_NUMBER: Final = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_ID: Final = re.compile(r"^([A-Za-z0-9_\-]{16,40}|[0-9a-f]{8})$")
_DIFFERENCES_MAX: Final = 60


# -- writing down -------------------------------------------------------------------------------


def flat(  # noqa: C901 - one branch per kind of value
    value: Any, path: str = ""
) -> Iterator[tuple[str, Any]]:
    """Leaf values of a message by dotted path; defaults left out."""
    if isinstance(value, msgspec.Struct):
        for field in msgspec.structs.fields(value):
            held = getattr(value, field.name)
            if field.default is not msgspec.NODEFAULT and held == field.default:
                continue
            if held is not None:
                yield from flat(held, f"{path}.{field.name}" if path else field.name)
    elif isinstance(value, list | tuple):
        for place, each in enumerate(value):
            yield from flat(each, f"{path}.{place}")
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from flat(each, f"{path}.{key}" if path else str(key))
    elif isinstance(value, Enum):
        yield path, value.name
    elif isinstance(value, bytes):
        yield path, value.hex()
    elif isinstance(value, frozenset | set):
        yield path, sorted(str(getattr(each, "name", each)) for each in value)
    elif value is not None:
        yield path, value


class _Pages:
    """One compressed file of JSON lines per name."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._files: dict[str, gzip.GzipFile] = {}

    def add(self, name: str, row: dict[str, Any]) -> None:
        if name not in self._files:
            self._files[name] = gzip.open(  # noqa: SIM115
                self._folder / f"{name}.jsonl.gz", "wb", 1
            )
        self._files[name].write(json.dumps(row).encode() + b"\n")

    def close(self) -> None:
        for file in self._files.values():
            file.close()


def _row(message: Event) -> dict[str, Any]:
    return {"type": type(message).__name__, **dict(flat(message))}


def _journals(run: Path, out: Path) -> None:
    """Every record of every service, by service, date, role and stream."""
    pages = _Pages(out)
    for keep in sorted(path.parent for path in run.rglob("desk.sqlite")):
        for date in journal_dates(keep):
            for record in read_records(keep / f"{date}.sqlite"):
                if record.message is None:
                    continue
                role = Role(record.role)
                name = f"{keep.name}-{date}-{role.name.lower()}-{record.stream}"
                timeless = role is Role.OUTPUT or record.stream == "position"
                at = {} if timeless else {"at": record.at}
                row = {"sequence": record.sequence, **at, **_row(record.message)}
                pages.add(re.sub(r"[^\w.-]", "_", name), row)
    pages.close()


def _explained(record: DayRecord, out: Path) -> None:
    pages = _Pages(out)
    pages.add(f"{record.date}-day", dict(flat(to_jsonable(day_trace(record)))))
    stamps = sorted({candidate.close_ns for candidate in record.candidates.values()})
    stamps += [each.close_ns for each in next(iter(record.updates.values()))[::97]]
    for stamp in stamps:
        trace = minute_trace(record, UnixNanos(stamp))
        pages.add(f"{record.date}-stamps", dict(flat(to_jsonable(trace))))
    pages.close()


def _processes(out: Path, *command: str) -> None:
    """A run through separate processes, read back from its journals."""
    runs = out / "runs"
    subprocess.run([sys.executable, "-m", "services.cli", *command], check=True)
    (run,) = (path for path in runs.iterdir() if path.is_dir())
    _journals(run, out / "journals")
    for date in sorted({path.name[:10] for path in run.rglob("20??-??-??.sqlite")}):
        question = DayQuery(date=date, config=Path("config"), runs=runs, run=run)
        _explained(read_day(question)[0], out / "explain")
    if (run / "csv").is_dir():
        (run / "csv").rename(out / "csv")


def _in_process(out: Path, files: Path) -> None:
    """A play in one process: every message published, the CSV files, every date explained."""
    request = PlaybackRequest(config=Path("config"), files=(files,), runs=out / "runs")
    play = playback_of(open_request(request))
    folder, _ = prepare_run(request, play)
    pages, exporter = _Pages(out / "messages"), Exporter(out / "csv")
    records: dict[str, DayRecord] = {}
    calendar = Calendar(folder.desk.calendar)

    def keep(message: Event) -> None:
        exporter.add(message)
        pages.add(type(message).__name__, _row(message))
        at = event_time_of(message)
        dated = calendar.trade_date_of(at) if at is not None else None
        date = message.trade_date if isinstance(message, Position) else dated
        if date is not None:
            records.setdefault(date, DayRecord(date, run=play.label)).add(message)

    desk = in_process.InProcessDesk(folder)
    desk.on_published(keep)
    run_to_end(desk, twin_client(folder, play))
    exporter.close()
    pages.close()
    for record in records.values():
        if record.updates:
            _explained(record, out / "explain")


def record(out: Path, data: Path) -> None:
    """Write everything down."""
    out = out.resolve()
    _processes(out / "generated", "demo", "--out", str(out / "generated/runs"))
    _in_process(out / "volumetric-memory", data / "volumetric_bars")
    _processes(
        out / "volumetric", "replay", str(data / "volumetric_bars"),
        "--runs", str(out / "volumetric/runs"), "--out", str(out / "volumetric/csv"),
    )  # fmt: skip
    _in_process(out / "weeks", data / "ninjatrader_bars")
    assert ConfigFolder(Path("config"), UnixNanos(0)).path.is_dir()


# -- comparing ----------------------------------------------------------------------------------


class _Map:
    """How the old words are written today, and which id is which."""

    def __init__(self, table: dict[str, dict[str, str]]) -> None:
        self._types = table.get("types", {})
        self._fields = table.get("fields", {})
        self._values = table.get("values", {})
        self._new_of: dict[str, str] = {}
        self._old_of: dict[str, str] = {}

    def type(self, old: str) -> str:
        return self._types.get(old, old)

    def path(self, kind: str, path: str) -> str:
        """The longest known prefix is translated; places in tuples count as `*`."""
        parts = path.split(".")
        for length in range(len(parts), 0, -1):
            head, tail = parts[:length], parts[length:]
            starred = ".".join("*" if part.isdigit() else part for part in head)
            for key in (f"{kind}.{starred}", f"*.{starred}"):
                if key in self._fields:
                    numbers = iter([part for part in head if part.isdigit()])
                    new = [next(numbers) if p == "*" else p for p in self._fields[key].split(".")]
                    return self._rest(new, tail)
        return path

    def _rest(self, head: list[str], tail: list[str]) -> str:
        return ".".join([*[part for part in head if part], *tail])

    def same(self, path: str, old: Any, new: Any) -> bool:
        if old == new:
            return True
        if not isinstance(old, str) or not isinstance(new, str):
            return isinstance(old, list) and isinstance(new, list) and self._lists(old, new)
        if self._values.get(old) == new:
            return True
        if path == "indicators":  # packed by name: the values alone are compared
            return _values(bytes.fromhex(old)) == _values(bytes.fromhex(new))
        if _ID.match(old) and _ID.match(new) and self._pair(old, new):
            return True
        return bool(_TEXTS.search(path) or " " in old) and numbers(old) == numbers(new)

    def _lists(self, old: list[Any], new: list[Any]) -> bool:
        return sorted(self._values.get(each, each) for each in old) == sorted(new)

    def _pair(self, old: str, new: str) -> bool:
        known = self._new_of.setdefault(old, new)
        back = self._old_of.setdefault(new, old)
        return known == new and back == old


def _values(packed: bytes) -> list[Any]:
    unpacked = msgspec.msgpack.decode(packed)
    return [value for _, value in flat(unpacked)]


def numbers(text: str) -> list[str]:
    """The figures in a sentence; ids are none."""
    return _NUMBER.findall(re.sub(r"\b(?=\w*\d)(?=\w*[a-z])\w{8,}\b", "", text))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rb") as lines:
        for line in lines:
            yield json.loads(line)


def compare(old: Path, new: Path, table: dict[str, dict[str, str]]) -> int:
    """Print what differs; gives the number of differences."""
    mapping, count, checked = _Map(table), 0, 0
    seen, examples = Counter[str](), dict[str, str]()
    for before in sorted(old.rglob("*.jsonl.gz")):
        where = before.relative_to(old)
        after = new / where.parent / _renamed(where.name, mapping)
        if not after.exists():
            _print(f"{where}: not there any more")
            count += 1
            continue
        pairs = itertools.zip_longest(_rows(before), _rows(after))
        for place, (was, now) in enumerate(pairs):
            checked += 1
            for text in _differences(was, now, mapping):
                count += 1
                kind = re.sub(r"\d+", "#", text.split(":")[0].split("=")[0])
                seen[kind] += 1
                if seen[kind] == 1:
                    examples[kind] = f"{where}: {place}: {text}"
    for before in sorted(old.rglob("csv/*.csv")):
        count += _csv(before, new / before.relative_to(old), mapping)
    for kind, times in seen.most_common(_DIFFERENCES_MAX):
        _print(f"{times:8,} x {examples[kind][:300]}")
    _print(f"{checked} rows compared, {count} differences")
    return count


def _renamed(name: str, mapping: _Map) -> str:
    stem = name.removesuffix(".jsonl.gz")
    return f"{mapping.type(stem)}.jsonl.gz"


def _differences(
    was: dict[str, Any] | None, now: dict[str, Any] | None, mapping: _Map
) -> Iterator[str]:
    if was is None or now is None:
        yield f"{'added' if was is None else 'gone'}: {now or was}"
        return
    kind = str(was.get("type", ""))
    left = dict(now)
    for path, value in was.items():
        if _SKIP.search(path) or (path == "at" and kind in {"Position", "LedgerMark"}):
            left.pop(path, None)
            continue
        held = mapping.type(value) if path == "type" else value
        place = mapping.path(kind, path)
        if place == "-":  # the map says that it went on purpose
            continue
        if place not in left:
            yield f"{kind} {path} = {value!r} is gone (looked at {place})"
        elif not mapping.same(path, held, left.pop(place)):
            yield f"{kind} {path}: {value!r} became {now[place]!r}"
    for path, value in left.items():
        if not _SKIP.search(path):
            yield f"{kind}: {path} = {value!r} is new"


def _csv(before: Path, after: Path, mapping: _Map) -> int:
    if not after.exists():
        _print(f"{before.name}: not there any more")
        return 1
    found = 0
    was, now = (path.read_text("utf-8").splitlines() for path in (before, after))
    for place, (one, other) in enumerate(itertools.zip_longest(was, now, fillvalue="")):
        cells = itertools.zip_longest(one.split(","), other.split(","), fillvalue="")
        if one != other and not all(mapping.same("text", a, b) for a, b in cells):
            found += 1
            if found <= 3:
                _print(f"{before.parent.parent.name}/{before.name}: {place}: {one}\n    {other}")
    return found


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def main(arguments: list[str]) -> int:
    """Entry point."""
    match arguments:
        case ["record", out, data]:
            record(Path(out), Path(data))
            return 0
        case ["compare", old, new, *more]:
            table = json.loads(Path(more[0]).read_text("utf-8")) if more else {}
            with contextlib.suppress(BrokenPipeError):
                return int(compare(Path(old), Path(new), table) > 0)
        case _:
            pass
    sys.stderr.write(f"{__doc__}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
