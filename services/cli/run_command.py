"""From a command to its exit code: an error is one sentence, whatever it is.

An error that nobody expected is a fault of ours: one sentence too, with the file that its traceback
was written to. A screen of traceback hides from a trader whether his word took effect.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from services.cli.exit_code import ExitCode
from services.domain.errors import SystemFaultError
from services.runtime.storage import os_error_text
from services.runtime.streams import print_line


def run_command(command: Callable[[], int]) -> int:
    """Run a command; gives its exit code."""
    try:
        return command()
    except SystemFaultError as error:
        return _cannot(str(error))
    except KeyboardInterrupt:
        print_line("pitwire: interrupted", err=True)
        return ExitCode.INTERRUPTED
    except OSError as error:
        # Without a name it is what is printed to: `> FILE` on a full disk.
        output = None if error.filename else Path("standard output")
        return _cannot(os_error_text(error, output))
    except Exception as error:  # noqa: BLE001 - the last resort
        return _cannot(
            f"unexpected {type(error).__name__}: {error}; {_kept_traceback()}; please report it"
        )


def _cannot(sentence: str) -> int:
    print_line(f"pitwire: {sentence}", err=True)
    return ExitCode.CANNOT


def _kept_traceback() -> str:
    import tempfile  # only now: no kill waits for it
    import traceback

    text = f"{' '.join(sys.argv)}\n{traceback.format_exc()}"
    try:
        number, path = tempfile.mkstemp(prefix="pitwire-traceback-", suffix=".txt")
        with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        return f"its traceback could not be written ({os_error_text(error)})"
    return f"its traceback is in {path}"
