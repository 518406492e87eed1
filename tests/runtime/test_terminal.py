"""The one way to a terminal: text is shown as it is, on every console, as wide as asked for."""

import io
import subprocess
import sys
import unicodedata

import msgspec
import pytest
from rich.table import Table

from services.domain.printable import one_line, printable
from services.runtime import streams
from services.runtime.streams import fitted, print_line
from services.runtime.terminal import open_console, styled
from tests.support.hostile_text import HOSTILE, shown, without_layout
from tests.support.process_desk import ROOT

_HANDLER = "pitwire.plain"
_ENCODINGS = ("utf-8", "cp1252", "cp437", "cp850", "latin-1", "ascii")
_OURS = "— – · … • ● → × ± ≤ ≥ σ − ’ “x” ─│┌┐└┘├┤┬┴┼━┃╇ ✓ é €"
"""What our own sentences and frames hold, and an accent."""


def _lines(*printed: object, width: int = 100) -> str:
    console = open_console(io.StringIO(), width=width)
    for each in printed:
        console.print(each)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def _table(text: str) -> Table:
    table = Table("head", text, title=text)
    table.add_row("cell", text)
    table.add_row(styled((text, "red")), "end")
    return table


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_text_is_shown_as_it_is(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Printed, in a head, a title, a cell, with a style: no markup, no escape, nothing left out."""
    expected = without_layout(shown(text))
    for printed in (text, styled("before ", (text, "bold"), " after")):
        assert expected in without_layout(_lines(printed))
    # Cells stand beside each other: only where each is a line of its own is it whole again.
    wide = _lines(_table(text), width=40_000)
    assert wide.count(shown(text)) >= 3
    print_line(text)
    assert capsys.readouterr().out == f"{shown(text)}\n"
    for printed in (wide, _lines(text)):
        assert "\x1b" not in printed
        assert "\r" not in printed


def test_every_control_character_is_made_visible() -> None:
    """Over all of Unicode: what acts on a terminal does not come through, the rest unchanged."""
    passed = {c for c in map(chr, range(sys.maxunicode + 1)) if printable(c) == c}
    assert {c for c in passed if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} == set(
        "\n\t\u200c\u200d"
    )
    changed = {c for c in map(chr, range(sys.maxunicode + 1)) if c not in passed}
    assert not any(c.isprintable() for c in changed)
    assert all(printable(c).isascii() and printable(c).isprintable() for c in changed)
    assert one_line("a\nb\tc") == "a\\nb\\tc"


@pytest.mark.parametrize("encoding", _ENCODINGS)
def test_any_console_can_be_written(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every encoding takes every character of ours and of outsiders, as a line and in a table."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    streams.prepare_streams()
    for text in (_OURS, *HOSTILE.values(), "half \udc80 of a pair"):
        print_line(text)
        open_console(width=90).print(text, _table(text), styled((text, "bold")))
    stream.flush()
    printed = raw.getvalue().decode(encoding)
    assert "?" not in printed
    if encoding == "ascii":
        assert "- - . ... * * -> x +/- <= >= sigma - ' 'x'" in printed
        assert "\\u53d6" in printed
    start = raw.tell()
    open_console(width=90).print(_table(_OURS[:30]))
    stream.flush()
    table = raw.getvalue()[start:].decode(encoding).splitlines()[1:]
    assert len({len(line) for line in table}) == 1, "what is replaced keeps the columns straight"


@pytest.mark.parametrize("encoding", _ENCODINGS)
def test_what_is_printed_for_scripts_stays_json(encoding: str) -> None:
    """No replacement is a quote or a lone backslash."""
    text = '{"a": "— “quoted” → 取引 \\u202e"}'
    assert set(msgspec.json.decode(fitted(text, encoding))) == {"a"}


@pytest.mark.parametrize(("columns", "width"), [("60", 60), ("200", 200), ("", 120), ("0", 120)])
def test_a_pipe_is_as_wide_as_asked_for(
    columns: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """COLUMNS, else 120; long words wrap, nothing ends in an ellipsis."""
    monkeypatch.setenv("COLUMNS", columns)
    console = open_console(io.StringIO())
    assert console.width == width
    words = "word " * 60 + "y" * 500
    console.print(words, Table("head", words, title=words))
    assert isinstance(console.file, io.StringIO)
    printed = console.file.getvalue()
    assert "…" not in printed
    assert printed.count("y") == 1_500
    assert max(map(len, printed.splitlines())) == width


_READ_ONE_LINE = """
import sys
from services.runtime import streams
from services.runtime.terminal import open_console
streams.prepare_streams()
for n in range(20_000):
    {call}
sys.stderr.write("done")
sys.exit(3)
"""


@pytest.mark.integration
@pytest.mark.parametrize("call", ["streams.print_line('x' * 99)", "open_console().print('y' * 99)"])
def test_a_reader_that_has_gone_ends_nothing(call: str) -> None:
    """`| head -1`: no traceback, the work is done to its end, the exit code is the command's."""
    process = subprocess.Popen(
        [sys.executable, "-c", _READ_ONE_LINE.replace("{call}", call)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == "done"
    assert process.returncode == 3
