"""From a command to its exit code: every error is one sentence; none is a screen of traceback."""

import re
from pathlib import Path

import pytest

from services.cli.exit_code import ExitCode
from services.cli.run_command import run_command
from services.domain import errors
from services.domain.errors import SystemFaultError
from tests.support.process_desk import ROOT


def _raised(error: BaseException) -> int:
    def command() -> int:
        raise error

    return run_command(command)


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, SystemFaultError)
    ],
)
def test_every_fault_is_one_sentence(
    kind: type[SystemFaultError], capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault that ends a command means that the request cannot be carried out: 2."""
    assert _raised(kind("a [/b] found, \x1b[31mb expected")) == ExitCode.CANNOT
    assert capsys.readouterr().err == "pitwire: a [/b] found, \\u001b[31mb expected\n"


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (FileNotFoundError(2, "No such file or directory", "a/b"), 2, "a/b: No such file"),
        (OSError(28, "No space left on device", "a/b"), 2, "disk full: a/b cannot be written"),
        (PermissionError(13, "Permission denied", "a/b"), 2, "a/b: Permission denied"),
        (OSError(28, "No space left on device"), 2, "disk full: standard output cannot be"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
    ids=["missing", "full", "permission", "full output", "interrupted"],
)
def test_what_the_system_refuses_has_path_and_cause(
    error: BaseException, code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line on standard error."""
    assert _raised(error) == code
    printed = capsys.readouterr().err
    assert printed.startswith(f"pitwire: {words}")
    assert printed.count("\n") == 1


def test_an_unexpected_error_keeps_its_traceback_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence names type, text and file; the file has the traceback."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert _raised(ZeroDivisionError("by [/b]")) == 2
    printed = capsys.readouterr().err
    assert printed.startswith(
        "pitwire: unexpected ZeroDivisionError: by [/b]; its traceback is in "
    )
    (kept,) = tmp_path.iterdir()
    assert str(kept) in printed
    assert "in command" in kept.read_text("utf-8")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    assert _raised(ZeroDivisionError("again")) == 2
    assert "could not be written" in capsys.readouterr().err


@pytest.mark.parametrize("code", [0, 1, 2, 130])
def test_a_command_that_ends_gives_its_own_code(code: int) -> None:
    """Nothing is added to an answer."""
    assert run_command(lambda: code) == code


def test_the_runbook_has_every_exit_code() -> None:
    """Its table has one row per code of the enum, and no other."""
    text = (ROOT / "docs" / "runbook.md").read_text("utf-8")
    table = text.partition("## Exit codes")[2].partition("\n## ")[0]
    assert [int(n) for n in re.findall(r"^\| (\d+) \|", table, flags=re.MULTILINE)] == [
        code.value for code in ExitCode
    ]
