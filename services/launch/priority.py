"""The priority of a desk: taken by the process that starts it, inherited by what it starts."""

import os
from enum import StrEnum
from typing import Final

from services.domain.errors import ConfigError

_NICE: Final = -10
_REALTIME: Final = 1
"""The lowest of the real-time priorities: above everything ordinary, below the kernel's own."""


class Priority(StrEnum):
    """How a desk's processes stand to the others of the machine."""

    NICE = "nice"
    """A larger share of a core that others want as well (nice −10)."""
    REALTIME = "realtime"
    """Before everything ordinary, in turns among themselves (SCHED_RR)."""


def set_priority(priority: str) -> None:
    """Give this process, and what it starts from now on, a priority by its name.

    Raises: ConfigError for an unknown name, or where the system does not have or permit it.
    """
    if priority not in {each.value for each in Priority}:
        known = ", ".join(Priority)
        raise ConfigError(f"priority {priority} unknown, expected one of {known}")
    try:
        if priority == Priority.REALTIME:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_REALTIME))
        else:
            os.setpriority(os.PRIO_PROCESS, 0, _NICE)
    except AttributeError as error:
        raise ConfigError(f"priority {priority} is not there on this system") from error
    except PermissionError as error:
        raise ConfigError(
            f"priority {priority} is not permitted to this user, expected root, CAP_SYS_NICE or a"
            " limit that allows it (rtprio, nice in limits.conf)"
        ) from error
