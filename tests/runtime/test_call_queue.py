"""The handover: what other threads put in, the loop takes out, in order, bounded, never hanging."""

import threading
from collections.abc import Iterator

import pytest
import zmq

from services.runtime.call_queue import CALLS_MAX, Call, CallQueue
from tests.support.stream_builder import clock


@pytest.fixture
def call_queue() -> Iterator[CallQueue]:
    """A fresh one in its own context."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    made = CallQueue(context, "test")
    yield made
    made.close()
    context.destroy(linger=0)


def test_many_threads_lose_nothing(call_queue: CallQueue) -> None:
    """Ten threads, fifty messages each: all there, each thread's in its own order."""

    def speak(first: int) -> None:
        for number in range(first, first + 50):
            assert call_queue.put(clock(number)) is not None

    threads = [threading.Thread(target=speak, args=(100 * n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken: list[Call] = []
    while len(taken) < 500:
        assert call_queue.wake_socket.poll(90_000), f"only {len(taken)} came"
        taken += call_queue.drain()
    messages = [call.message for call in taken]
    for n in range(10):
        own = [clock(number) for number in range(100 * n, 100 * n + 50)]
        assert [m for m in messages if m in own] == own


def test_it_is_bounded(call_queue: CallQueue) -> None:
    """The call beyond CALLS_MAX is refused at once; after a turn there is room again."""
    for number in range(CALLS_MAX):
        assert call_queue.put(clock(number)) is not None
    assert call_queue.put(clock(0)) is None
    assert len(call_queue.drain()) == CALLS_MAX
    assert call_queue.put(clock(0)) is not None


def test_after_the_end_nobody_waits(call_queue: CallQueue) -> None:
    """A call that was not taken is let go without a reply; a later one is refused."""
    call = call_queue.put(clock(1))
    assert call is not None
    call_queue.close()
    assert call.wait(90.0) is None
    assert call_queue.put(clock(2)) is None
