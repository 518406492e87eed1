"""What ends a process in order, whatever the system calls it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from services.runtime.stop_signals import (
    CONSOLE_ENDS,
    STOP_SIGNALS,
    SUPERVISED,
    console_handler,
    interrupt_on_stop_signals,
    on_stop_signals,
)
from tests.support.process_desk import ROOT
from tests.support.waiting import PATIENCE_S


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """The handlers of the test run come back."""
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_signal_never_waits_for_the_thread_it_interrupts(number: signal.Signals) -> None:
    """It comes while the loop holds the lock that stopping needs: both go on."""
    lock, stopped = threading.Lock(), threading.Event()

    def stop() -> None:
        with lock:
            stopped.set()

    on_stop_signals(stop)
    with lock:
        signal.raise_signal(number)
        assert not stopped.is_set()
    assert stopped.wait(PATIENCE_S)


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_command_is_interrupted_by_each_of_them(number: signal.Signals) -> None:
    """Where no loop asks for it, each is Ctrl-C."""
    interrupt_on_stop_signals()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="the platform has no SIGHUP")
@pytest.mark.parametrize(
    "install", [interrupt_on_stop_signals, lambda: on_stop_signals(lambda: None)]
)
def test_nohup_is_respected(install: Callable[[], None]) -> None:
    """A process that was started to outlive its terminal does."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    install()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


@pytest.mark.parametrize("event", [0, 1, *CONSOLE_ENDS])
def test_a_console_that_closes_asks_to_stop_and_waits_for_the_end(event: int) -> None:
    """Closing, log-off, shutdown stop, and Windows is held up until the process is done.

    Ctrl-C and Ctrl-Break are left to the signals they come as.
    """
    stopped, ended = threading.Event(), threading.Event()
    handle = console_handler(stopped.set, ended)
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(handle(event)))
    thread.start()
    if event in CONSOLE_ENDS:
        assert stopped.wait(PATIENCE_S)
        assert found == []
    ended.set()
    thread.join(PATIENCE_S)
    assert found == [event in CONSOLE_ENDS]
    assert stopped.is_set() == (event in CONSOLE_ENDS)


_LOOP = """
import threading
from services.runtime.stop_signals import on_stop_signals, watch_supervisor
stop = threading.Event()
on_stop_signals(stop.set)
watch_supervisor()
print("up", flush=True)
while not stop.wait(0.05):
    pass
print("stopped in order", flush=True)
"""


@pytest.mark.integration
@pytest.mark.parametrize("supervised", [True, False])
def test_who_has_a_supervisor_ends_with_it(*, supervised: bool) -> None:
    """The end of its standard input is the supervisor's end; by hand it means nothing."""
    environment = {**os.environ, SUPERVISED: "1" if supervised else ""}
    with subprocess.Popen(
        [sys.executable, "-c", _LOOP],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.stdin.close()
        if not supervised:
            process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == b"stopped in order\n"
        assert process.wait(PATIENCE_S) == 0
