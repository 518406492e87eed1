"""Bytes of a bar file as lines of text: the container and the encoding, by content, not by name.

Rule 1: a file is read up to the size it had when it was opened, so that every pass over a file
        that still grows is the same.
Rule 2: what ends in the middle is read up to there, and is reported so.
Source: RFC 1952 (gzip), APPNOTE 4.3 (zip), Unicode 23.8 (byte-order marks).
"""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, cast

import msgspec

from services.domain.errors import FeedError

_SAMPLE_BYTES: Final = 4096
_BUFFER_BYTES: Final = 1 << 16
_FOREIGN: Final = {
    b"PAR1": "a Parquet file",
    b"\xd0\xcf\x11\xe0": "an Excel workbook (.xls)",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"DBN": "a Databento DBN file",
    b"%PDF": "a PDF document",
    b"SQLite format": "an SQLite database",
}
# The longer mark first: UTF-32's begins with UTF-16's.
_MARKS: Final = (
    (b"\xff\xfe\x00\x00", "utf-32", "UTF-32"),
    (b"\x00\x00\xfe\xff", "utf-32", "UTF-32"),
    (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8 with a byte-order mark"),
    (b"\xff\xfe", "utf-16", "UTF-16"),
    (b"\xfe\xff", "utf-16", "UTF-16"),
)
_CUT: Final = (EOFError, OSError, zlib.error, zipfile.BadZipFile)


class Container(msgspec.Struct, frozen=True):
    """How the bytes of a file become text."""

    path: Path
    size: int
    """Bytes it had when it was opened; later ones are not read."""
    kind: str
    """`gzip`, `zip` or empty."""
    member: str
    """Name of the one file in a zip."""
    encoding: str
    """Python's name of the codec."""
    encoding_name: str
    """Its name for people."""

    @property
    def text(self) -> str:
        """What it is, for the record."""
        return f"{self.encoding_name}, {self.kind}" if self.kind else self.encoding_name

    @contextmanager
    def lines(self) -> Iterator["Lines"]:
        """Open the text from its first line."""
        with _bytes(self.path, self.size, self.kind, self.member) as raw:
            text = io.TextIOWrapper(raw, encoding=self.encoding, errors="replace")
            yield Lines(text, half_line_end=self._has_half_line_end())

    def _has_half_line_end(self) -> bool:
        # A tool that knows no UTF-16 cuts a file behind the byte of a line end, half way through.
        if self.kind or not self.encoding.startswith("utf-16") or self.size % 2 == 0:
            return False
        with self.path.open("rb") as file:
            file.seek(self.size - 1)
            return file.read(1) == b"\n"


class Lines:
    """Lines of a text, which remembers how the text ended."""

    def __init__(self, text: IO[str], *, half_line_end: bool = False) -> None:
        """`half_line_end`: the last byte is the first half of a line end."""
        self._text = text
        self._half_line_end = half_line_end
        self.unended = False
        """Its last line has no line end: it was cut, or is still being written."""
        self.cut = ""
        """Why the text could not be read to its end; empty: it was."""

    def __iter__(self) -> Iterator[str]:
        line = "\n"
        try:
            for line in self._text:
                if self._half_line_end and line.endswith("\ufffd"):
                    line = f"{line[:-1]}\n"  # noqa: PLW2901 - what the line was
                # A quote without its other half would swallow every line that follows.
                yield line.replace('"', "") if '"' in line and line.count('"') % 2 else line
        except _CUT as error:
            self.cut = str(error) or type(error).__name__
        except UnicodeError:
            self.cut = "its last character is not whole"
        self.unended = not line.endswith("\n")


def container_of(path: Path) -> Container:
    """Look at the first bytes of a file.

    Raises: FeedError for a container or an encoding that is not read, OSError.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(16)
    for magic, what in _FOREIGN.items():
        if head.startswith(magic):
            raise FeedError(
                f"it is {what}, expected text, or text in .gz or .zip; export it as CSV"
            )
    kind, member = "", ""
    if head.startswith(b"\x1f\x8b"):
        kind = "gzip"
    elif head.startswith(b"PK"):
        kind, member = "zip", _member(path)
    try:
        with _bytes(path, size, kind, member) as raw:
            sample = _sample(raw)
    except (*_CUT, RuntimeError) as error:
        raise FeedError(f"its {kind or 'content'} cannot be read: {error}") from error
    encoding, name = _encoding(sample)
    return Container(path, size, kind, member, encoding, name)


def _sample(raw: IO[bytes]) -> bytes:
    # What stands before a tear is enough to know the encoding.
    sample = b""
    try:
        while len(sample) < _SAMPLE_BYTES and (more := raw.read1(_SAMPLE_BYTES)):  # type: ignore[attr-defined]
            sample += more
    except _CUT:
        if not sample:
            raise
    return sample


def _encoding(sample: bytes) -> tuple[str, str]:
    for mark, codec, name in _MARKS:
        if sample.startswith(mark):
            return codec, name
    # Digits and separators are below 128: in UTF-16 every second byte of a table is zero.
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if (odd or even) and max(odd, even) * 4 > len(sample):
        return ("utf-16-le", "UTF-16") if odd > even else ("utf-16-be", "UTF-16")
    if even or odd:
        raise FeedError(
            f"it holds binary data ({sample[:8]!r} …), expected text with one bar in a line"
        )
    try:
        # A character cut by the end of the sample is none of the file's faults.
        sample[: sample.rfind(b"\n") + 1 or len(sample)].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252", "Windows-1252"
    return "utf-8", "UTF-8"


def _member(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except zipfile.BadZipFile as error:
        raise FeedError(
            "it is a zip that is cut off or damaged: it has no directory at its end, "
            "expected a whole one; fetch it again"
        ) from error
    if any(info.filename == "[Content_Types].xml" for info in infos):
        raise FeedError("it is an Excel workbook (.xlsx), expected text; save it as CSV")
    infos = [
        info
        for info in infos
        if not info.filename.startswith("__MACOSX/")
        and not info.filename.rpartition("/")[2].startswith(".")
    ]
    names = [info.filename for info in infos]
    if len(names) != 1:
        shown = f": {', '.join(names[:3])}" if names else ""
        raise FeedError(f"its zip holds {len(names)} files{shown}, expected one; unpack it")
    if infos[0].flag_bits & 1:
        raise FeedError(f"member {names[0]} of its zip has a password, expected none; unpack it")
    return names[0]


@contextmanager
def _bytes(path: Path, size: int, kind: str, member: str) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        bounded = io.BufferedReader(_Bounded(file, size), _BUFFER_BYTES)
        if kind == "gzip":
            with gzip.GzipFile(fileobj=bounded) as unpacked:
                yield cast("IO[bytes]", unpacked)
        elif kind == "zip":
            with zipfile.ZipFile(file) as archive, archive.open(member) as content:
                yield content
        else:
            yield bounded


class _Bounded(io.RawIOBase):
    # The file as it was when it was opened.
    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._left = file, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.read(min(len(buffer), self._left))
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)
