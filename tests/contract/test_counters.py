"""What a minute takes does not rise unnoticed: the counters of benchmarks/counters.toml."""

from pathlib import Path
from typing import Final

import msgspec
import pytest

from benchmarks.counters import Counters, CountersByKind, count, read, rises, write

_SERVICES: Final = {"ingest", "state", "strategies", "risk", "orders"}
_ONE: Final = Counters(
    functions=100, calls=200, rows=5, bytes=1000, commits=1, syncs=1, messages={"market": 4}
)


def changed(**numbers: int) -> CountersByKind:
    """One service in one kind of minute, some of its numbers changed."""
    return {"quiet": {"risk": msgspec.structs.replace(_ONE, **numbers)}}


def test_no_counter_rises(tmp_path: Path) -> None:
    """Counted anew on the generated day: at most 5 % above the file, in every kind and service."""
    found, held = count(tmp_path), read()
    assert set(found) == set(held) == {"quiet", "regular", "entry", "answers"}
    assert all(set(services) == _SERVICES for services in found.values())
    risen = rises(found, held)
    assert not risen, (
        "\n".join(risen) + "\nif it is worth it, say why:"
        " python -m benchmarks counters --write --why 'the reason'"
    )


def test_the_file_says_why() -> None:
    """Every service in every kind of minute has the reason of its latest change."""
    assert all(counters.why for services in read().values() for counters in services.values())


@pytest.mark.parametrize(
    ("now", "names"),
    [
        (changed(), []),
        (changed(functions=105, calls=210), []),
        (changed(functions=60, commits=0), []),
        (changed(functions=106), ["106 functions, expected at most 100 and 5%"]),
        (changed(syncs=2), ["2 syncs, expected at most 1 and 5%"]),
    ],
)
def test_five_per_cent_may_be_noise(now: CountersByKind, names: list[str]) -> None:
    """More is a rise, of a small number at once; less is none."""
    assert rises(now, changed()) == [f"risk, quiet minute: {text}" for text in names]


def test_a_new_stream_rises_from_nothing() -> None:
    """A message nobody sent before is a rise; a service that is not in the file rises whole."""
    found = {
        "quiet": {"risk": msgspec.structs.replace(_ONE, messages={"market": 4, "decision": 1})}
    }
    assert rises(found, changed()) == [
        "risk, quiet minute: 1 messages on decision, expected at most 0 and 5%"
    ]
    assert len(rises(changed(), {})) == 7


def test_a_rise_is_written_with_its_reason_alone(tmp_path: Path) -> None:
    """Without one the file stays; a fall needs none; what stands keeps the reason it has."""
    file = tmp_path / "counters.toml"
    assert write(changed(), "", file)
    assert not file.exists()
    assert not write(changed(), "first", file)
    assert write(changed(rows=9), "", file)
    assert read(file) == {"quiet": {"risk": msgspec.structs.replace(_ONE, why="first")}}
    assert not write(changed(), "unused", file)
    assert read(file)["quiet"]["risk"].why == "first"
    assert not write(changed(rows=4), "", file)
    assert read(file)["quiet"]["risk"].why == "fell"
    assert not write(changed(rows=9), "nine rows are needed", file)
    assert read(file)["quiet"]["risk"].why == "nine rows are needed"
