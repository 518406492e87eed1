"""A scenario file as it is read: settings, steps, the end, and the line of everything expected."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec

FOLDER = Path(__file__).parent


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One input at one time, and what the client does up to then; README.md has every key."""

    at: float
    """Seconds since the start."""
    command: dict[str, Any] | None = None
    ask: tuple[str, ...] = ()
    desk: str = ""
    fill: str = ""
    cancel: str = ""
    quantity: int = 0
    price: int = 0
    oco: bool = True
    execution: dict[str, Any] | None = None
    position: int | None = None
    repeat: int = 0
    connection: str = ""
    process: str = ""
    operator: str = ""
    late: bool = False
    expect: tuple[str, ...] = ()


class Exchange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the exchange answers, by order name."""

    reject: tuple[str, ...] = ()
    hold_cancel: tuple[str, ...] = ()


class End(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the account shows at the end."""

    position: int
    working: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    row: str
    title: str
    client: dict[str, Any]
    exchange: Exchange = Exchange()
    step: tuple[Step, ...]
    end: End


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """A file and its places."""

    name: str
    row: str
    """Of docs/spec/border.md."""
    client: dict[str, Any]
    exchange: Exchange
    steps: tuple[Step, ...]
    end: End
    step_lines: tuple[int, ...]
    """The line of each step's head."""
    expect_lines: tuple[tuple[int, ...], ...]
    """By step: the line of each text expected."""
    end_line: int


def read_scenario(name: str, text: str) -> Scenario:
    """Read a scenario's TOML text."""
    file = msgspec.convert(tomllib.loads(text), _File, strict=True)
    lines = text.splitlines()
    place, heads, expected = 0, [], []
    for step in file.step:
        place = next(n for n in range(place, len(lines)) if lines[n].strip() == "[[step]]")
        heads.append(place + 1)
        places = []
        for line in step.expect:
            place = next(n for n in range(place + 1, len(lines)) if f'"{line}"' in lines[n])
            places.append(place + 1)
        expected.append(tuple(places))
        place += 1
    end = next(n for n in range(len(lines)) if lines[n].strip() == "[end]")
    return Scenario(
        name=name,
        row=file.row.removeprefix("spec "),
        client=file.client,
        exchange=file.exchange,
        steps=file.step,
        end=file.end,
        step_lines=tuple(heads),
        expect_lines=tuple(expected),
        end_line=end + 1,
    )


def scenario_names() -> list[str]:
    """Every scenario of the folder, by file name."""
    return sorted(path.name for path in FOLDER.glob("*.toml"))


def text_of(name: str) -> str:
    """A scenario's text as written."""
    return (FOLDER / name).read_text(encoding="utf-8")
