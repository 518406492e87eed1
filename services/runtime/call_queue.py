"""From other threads to the loop: calls wait in a queue, an inproc socket wakes the poller.

gRPC threads and the operator's socket hand messages over here; only the loop thread takes them.
Rule: bounded. A full queue refuses the caller at once instead of growing.
"""

import queue
import threading
import time
from typing import Final

import zmq

from services.domain.messages.union import Message

CALLS_MAX: Final = 1024
"""Calls waiting for the loop; each link has one outstanding unary call per stream."""
REPLY_WAIT_S: Final = 10.0
"""How long a gRPC thread waits for the loop; the client retries after that."""


class Call:
    """A message from outside that waits for its reply."""

    def __init__(self, message: Message) -> None:
        self.message = message
        """What the client sent."""
        self._done = threading.Event()
        self._queued_at = time.perf_counter()
        self._reply: Message | None = None

    def queue_wait_s(self) -> float:
        """Seconds since the client's call was handed over."""
        return time.perf_counter() - self._queued_at

    def reply(self, message: Message) -> None:
        """Give the reply; called by the loop after the commit."""
        self._reply = message
        self._done.set()

    def abandon(self) -> None:
        """Let the waiter go without a reply."""
        self._done.set()

    @property
    def is_done(self) -> bool:
        """Nobody waits for it any more."""
        return self._done.is_set()

    def wait(self, timeout_s: float) -> Message | None:
        """Wait for the reply; None when the loop did not answer in time."""
        self._done.wait(timeout_s)
        return self._reply


class CallQueue:
    """The queue between link threads and the loop."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], name: str) -> None:
        self._endpoint = f"inproc://handover-{name}-{id(self)}"
        self._queue: queue.SimpleQueue[Call] = queue.SimpleQueue()
        self.wake_socket: zmq.Socket[bytes] = context.socket(zmq.PULL)
        """Register with the poller."""
        self.wake_socket.bind(self._endpoint)
        # One bell for every link thread, rung under the lock: threads come and go with the calls.
        self._lock = threading.Lock()
        self._handed_out: list[Call] = []
        self._notify_socket: zmq.Socket[bytes] | None = context.socket(zmq.PUSH)
        self._notify_socket.setsockopt(zmq.LINGER, 0)
        self._notify_socket.connect(self._endpoint)

    def put(self, message: Message) -> Call | None:
        """Hand a message to the loop; None when it is overloaded or has stopped."""
        with self._lock:
            if self._notify_socket is None or self._queue.qsize() >= CALLS_MAX:
                return None
            call = Call(message)
            self._queue.put(call)
            self._notify_socket.send(b"", zmq.NOBLOCK)
            return call

    def drain(self) -> list[Call]:
        """Everything handed over so far; called by the loop."""
        # Asked before received: an exception for "nothing there" costs more than all the rest.
        while int(self.wake_socket.getsockopt(zmq.EVENTS)) & zmq.POLLIN:
            self.wake_socket.recv(zmq.NOBLOCK)
        calls: list[Call] = []
        while len(calls) < CALLS_MAX and not self._queue.empty():
            calls.append(self._queue.get())
        if calls:
            self._handed_out = [*(call for call in self._handed_out if not call.is_done), *calls]
        return calls

    def close(self) -> None:
        """Stop taking; whoever still waits is let go without a reply."""
        with self._lock:
            if self._notify_socket is not None:
                self._notify_socket.close(linger=0)
            self._notify_socket = None
        self.wake_socket.close(linger=0)
        # Those a fault kept from their answer too: their threads would hold the process up.
        for call in self._handed_out:
            call.abandon()
        while not self._queue.empty():
            self._queue.get().abandon()
