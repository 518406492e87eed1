"""Bytes of bar files: encodings, containers and ends, under every layout."""

import gzip
import io
import zipfile
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from services.domain.errors import FeedError
from services.ingest.files import open_file
from tests.support.bar_texts import export, read_values, session, table, values, volumetric, write

BARS = session("2025-07-22", "09:30", "10:30")
LAYOUTS = {
    "export": ("NQ 09-25.Last.txt", export(BARS)),
    "volumetric": ("NQ_Volumetric_1.csv", volumetric(BARS)),
    "plain": ("NQ 09-25.csv", table(BARS)),
    "named in letters": (
        "NQ 09-25.csv",
        table(
            BARS,
            header=("timestamp", "open", "high", "low", "close", "volume", "remark"),
            extra=lambda _: ("geprüft – “ok”",),
        ),
    ),
}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")


def _zip(data: bytes, *names: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, data)
    return held.getvalue()


CONTAINERS: dict[str, Callable[[bytes, str], bytes]] = {
    "none": lambda data, _: data,
    "gzip": lambda data, _: gzip.compress(data),
    "zip": _zip,
    "zip of macOS": lambda data, name: _zip(data, f"x/{name}", f"__MACOSX/x/._{name}"),
}


@pytest.mark.parametrize(
    ("layout", "encoding", "container"), list(product(LAYOUTS, ENCODINGS, CONTAINERS))
)
def test_every_encoding_in_every_container_is_read(
    tmp_path: Path, layout: str, encoding: str, container: str
) -> None:
    """By their content, whatever the name's ending is; and the file's description names both."""
    name, lines = LAYOUTS[layout]
    data = "".join(f"{line}\n" for line in lines).encode(encoding)
    path = tmp_path / name
    path.write_bytes(CONTAINERS[container](data, name))
    file = open_file(path)
    assert read_values(file) == values(BARS)
    assert (file.bad_lines, file.ended_early) == (0, "")
    assert (file.lines, file.bars_read) == (60, 60)
    assert container[:3] in file.description or container == "none"
    assert ("UTF-16" in file.description) == encoding.startswith("utf-16")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
@pytest.mark.parametrize("cut", [1, 2, 3])
def test_utf16_cut_at_any_byte_is_read_or_said(tmp_path: Path, encoding: str, cut: int) -> None:
    """Half of the last line end is no loss; half of its last bar is said."""
    name, lines = LAYOUTS["export"]
    path = tmp_path / name
    path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding)[:-cut])
    file = open_file(path)
    found = read_values(file)
    whole = values(BARS)
    assert found[: len(whole) - 1] == whole[:-1]
    if cut <= 2:
        assert (found, file.ended_early) == (whole, "")
    elif found != whole:
        assert file.ended_early


FOREIGN = {
    "parquet": (b"PAR1\x15\x04", "a Parquet file"),
    "excel": (_zip(b"<x/>", "[Content_Types].xml", "xl/a.xml"), "an Excel workbook"),
    "old excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook"),
    "zstd": (b"\x28\xb5\x2f\xfd\x00", "compressed with zstd"),
    "two in a zip": (_zip(b"x", "a.csv", "b.csv"), "its zip holds 2 files: a.csv, b.csv"),
    "none in a zip": (_zip(b"x"), "its zip holds 0 files"),
    "half a zip": (_zip(b"x" * 900, "a.csv")[:60], "a zip that is cut off"),
    "nothing": (b"", "it is empty"),
    "binary": (bytes(range(256)) * 9, "it holds binary data"),
    "half a gzip's head": (gzip.compress(b"x")[:9], "its gzip cannot be read"),
}


@pytest.mark.parametrize(("data", "reason"), FOREIGN.values(), ids=FOREIGN)
def test_what_is_no_text_is_named(tmp_path: Path, data: bytes, reason: str) -> None:
    """A file of another kind under a bar file's name: what it is, and what was expected."""
    path = tmp_path / "NQ 09-25.csv"
    path.write_bytes(data)
    with pytest.raises(FeedError, match=r"NQ 09-25\.csv is refused") as refused:
        open_file(path)
    assert reason in str(refused.value)


def test_half_a_gzip_ends_early(tmp_path: Path) -> None:
    """What stands before the tear is read, and the file is not taken for a whole one."""
    bars = session("2025-07-22")
    path = tmp_path / "NQ 09-25.Last.txt.gz"
    path.write_bytes(gzip.compress("\n".join(export(bars)).encode())[:9_000])
    file = open_file(path)
    found = read_values(file)
    assert 0 < len(found) < len(bars)
    assert found == values(bars)[: len(found)]
    assert "cannot be read further" in file.ended_early
    assert file.refused_by_reason == {"end": 1}


@pytest.mark.parametrize("cut", [2, 6, 12, 30])
def test_a_file_that_still_grows_is_read_to_its_last_whole_line(tmp_path: Path, cut: int) -> None:
    """Half a last line is no bad line and no bar; it is reported as the file's end."""
    text = "\n".join(export(BARS)[:-1]) + "\n" + export(BARS)[-1][:-cut].rstrip(";0123456789")
    path = tmp_path / "NQ 09-25.Last.txt"
    path.write_text(text)
    file = open_file(path)
    assert read_values(file) == values(BARS[:-1])
    assert (file.bad_lines, "its last line 60 is not whole" in file.ended_early) == (0, True)


def test_what_is_written_after_the_opening_is_not_read(tmp_path: Path) -> None:
    """Every pass over a growing file is the same, so that no bar is counted and then not played."""
    path = write(tmp_path, "NQ 09-25.Last.txt", export(BARS[:40]))
    file = open_file(path)
    with path.open("a") as more:
        more.write("\n".join(export(BARS[40:])) + "\n")
    assert read_values(file) == values(BARS[:40])
    assert file.ended_early == ""


def test_a_last_line_without_its_end_is_read(tmp_path: Path) -> None:
    """Many exports write none: a whole row is a row."""
    path = tmp_path / "NQ 09-25.Last.txt"
    path.write_text("\n".join(export(BARS)))
    file = open_file(path)
    assert read_values(file) == values(BARS)
    assert file.ended_early == ""


def test_a_lone_quote_costs_one_line(tmp_path: Path) -> None:
    """A quote without its other half does not swallow the lines that follow."""
    lines = table(BARS)
    lines[10] = lines[10].replace(",", ',"', 1)
    file = open_file(write(tmp_path, "NQ 09-25.csv", [*lines[:20], 'x"x', *lines[20:]]))
    assert read_values(file) == values(BARS)
    assert (file.bad_lines, file.first_bad_lines[0].line) == (1, 21)
