"""Signals that ask a loop to end."""

import signal
import threading
from collections.abc import Iterator

import pytest

from services.runtime.service import on_stop_signals
from tests.support.waiting import PATIENCE_S


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """The handlers of the test run come back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
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
