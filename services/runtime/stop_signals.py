"""What ends a process of ours in order: signals, a closed terminal, a request, a lost supervisor.

| what comes | where from |
|---|---|
| SIGINT, SIGBREAK | Ctrl-C, Ctrl-Break |
| SIGTERM | the supervisor, `kill`, the system's shutdown |
| SIGHUP; on Windows CTRL_CLOSE, _LOGOFF, _SHUTDOWN | the terminal was closed, the user left |
| a file in the folder that the process holds | `pitwire down` (folder_lock.py) |
| end of file on standard input | the supervisor is gone, however it went |

Rule 1: each of them is a flag; the loop ends by itself.
Rule 2: who was started to ignore SIGHUP (`nohup`) goes on ignoring it: that desk is to outlive its
        terminal.
"""

import _thread
import atexit
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import zmq

STOP_SIGNALS: Final = tuple(
    number
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    if (number := getattr(signal, name, None)) is not None
)
SUPERVISED: Final = "PITWIRE_SUPERVISED"
"""Environment variable of a service whose standard input its supervisor holds open."""
CONSOLE_ENDS: Final = {2: "CTRL_CLOSE_EVENT", 5: "CTRL_LOGOFF_EVENT", 6: "CTRL_SHUTDOWN_EVENT"}
"""Windows: no signals. Source: Microsoft, HandlerRoutine callback function."""
_CONSOLE_WAIT_S: Final = 4.5
"""Windows ends the process when its handler returns, or after 5 s."""
_ALONE_S: Final = 4.0
"""How long a service whose supervisor is gone may take to end in order."""
_ASK_S: Final = 0.25


def on_stop_signals(stop: Callable[[], None], poller: "zmq.Poller | None" = None) -> None:
    """Whatever asks this process to end calls `stop`; the loop ends by itself.

    The loop's poller, where there is one, wakes for signals: it goes on waiting after one.
    """
    if poller is not None:
        import socket

        import zmq

        woken, waker = socket.socketpair()
        waker.setblocking(False)  # noqa: FBT003 - socket has no keyword for it
        signal.set_wakeup_fd(waker.detach())
        poller.register(woken, zmq.POLLIN)  # and kept by it, never read: after this the loop ends

    def on_signal(number: int, _: object) -> None:
        if number == getattr(signal, "SIGHUP", None):
            _leave_terminal()
        # Beside the thread it interrupts: that one may hold the lock of the event to be set.
        _thread.start_new_thread(stop, ())

    _handle(on_signal)
    _on_console_events(stop)


def interrupt_on_stop_signals() -> None:
    """Let every one of them end this command as Ctrl-C does: KeyboardInterrupt where it stands."""

    def on_signal(number: int, _: object) -> None:
        if number == getattr(signal, "SIGHUP", None):
            _leave_terminal()
        raise KeyboardInterrupt

    _handle(on_signal)
    _on_console_events(_thread.interrupt_main)


def watch_requests(requested: Callable[[], bool]) -> None:
    """End this process, as SIGTERM would, once it is asked to by a file in its folder."""

    def watch() -> None:
        while not requested():
            time.sleep(_ASK_S)
        _thread.interrupt_main(signal.SIGTERM)

    threading.Thread(target=watch, name="requests", daemon=True).start()


def watch_supervisor() -> None:
    """End this process, as SIGTERM would, once its supervisor is gone; none: nothing happens.

    The supervisor holds the other end of our standard input; however it dies, the system closes
    that end. No process number is looked at, none can be mistaken for another.
    """
    if not os.environ.get(SUPERVISED):
        return

    def watch() -> None:
        while os.read(0, 64):
            pass
        _thread.interrupt_main(signal.SIGTERM)
        time.sleep(_ALONE_S)
        os._exit(1)  # a turn that was not committed never was

    threading.Thread(target=watch, name="supervisor", daemon=True).start()


def console_handler(stop: Callable[[], None], ended: threading.Event) -> Callable[[int], bool]:
    """What Windows calls, in a thread of its own, for an event of the console.

    It returns when the process is done or Windows would end it anyway; False: not ours to handle.
    """

    def handle(event: int) -> bool:
        if event not in CONSOLE_ENDS:
            return False  # Ctrl-C and Ctrl-Break come as signals
        stop()
        ended.wait(_CONSOLE_WAIT_S)
        return True

    return handle


def _handle(on_signal: Callable[[int, object], None]) -> None:
    for number in STOP_SIGNALS:
        if number == getattr(signal, "SIGHUP", None) and signal.getsignal(number) is signal.SIG_IGN:
            continue
        signal.signal(number, on_signal)


def _leave_terminal() -> None:
    # What is printed from now on has no reader, and must not fail before the desk has stopped.
    for number in (1, 2):
        if _TERMINALS[number] and not os.isatty(number):
            empty = os.open(os.devnull, os.O_WRONLY)
            os.dup2(empty, number)
            os.close(empty)


def _is_terminal(number: int) -> bool:
    try:
        return os.isatty(number)
    except OSError:
        return False


_TERMINALS: Final = {number: _is_terminal(number) for number in (1, 2)}
"""Which of our outputs were terminals when we started: a closed one is none any more."""
_routines: Final[list[object]] = []
"""Kept: Windows calls them, Python does not see that."""


def _on_console_events(stop: Callable[[], None]) -> None:
    if sys.platform == "win32":
        import ctypes

        ended = threading.Event()
        atexit.register(ended.set)
        routine = ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_uint)(console_handler(stop, ended))
        _routines.append(routine)
        ctypes.windll.kernel32.SetConsoleCtrlHandler(routine, 1)
