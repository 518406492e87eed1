"""Who gives a command, for the record."""

import getpass

from services.domain.printable import one_line


def operator_name() -> str:
    """Name of the user who runs the command."""
    # A container may run as a user without a name: a kill must be obeyed all the same.
    try:
        return one_line(getpass.getuser())
    except (KeyError, OSError, ImportError):
        return "unnamed"
