"""A co-located desk that ends by SIGKILL at a commit: `killed_desk FOLDER MOMENT N`.

Moments of its Nth commit: `before` it, `after` it, when nothing has left, and `leaving`, when
instructions have left and answers have not.
"""

import os
import signal
import sys
from pathlib import Path

from services.launch import colocated
from services.runtime.journal import JournalWriter


def _reached(moment: str) -> None:
    if sys.argv[2] == moment and _Writer.left == 0:
        os.kill(os.getpid(), signal.SIGKILL)


class _Writer(JournalWriter):
    left = int(sys.argv[3])

    def commit(self, *, sync: bool = False) -> None:
        if self.held and self._rows:
            _Writer.left -= 1
        _reached("before")
        super().commit(sync=sync)
        _reached("after")


class _Desk(colocated.ColocatedDesk):
    def _yield_to_senders(self) -> None:
        _reached("leaving")
        super()._yield_to_senders()


if __name__ == "__main__":
    vars(colocated)["JournalWriter"] = _Writer
    sys.exit(_Desk(Path(sys.argv[1])).run())
