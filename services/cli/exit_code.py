"""What the exit code of a command means; the runbook has it as a table."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit code of every command."""

    DONE = 0
    """Done; asked a question, the answer is yes."""
    NO = 1
    """The answer is no: not ready, not confirmed, refused by the desk."""
    CANNOT = 2
    """The request cannot be carried out: a wrong option, file or folder, a disk that refuses."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C: 128 + SIGINT, as shells count."""
