"""A reader of the running desk: subscribes to the given streams; services do not wait for it."""

from collections.abc import Iterable
from contextlib import suppress

import zmq

from services.domain.errors import DecodeError
from services.domain.manifest import Manifest
from services.domain.messages.union import Event
from services.domain.minute_parts import parts_of
from services.runtime.frame import unpack
from services.runtime.zmq_bus import split_frames


class LiveSubscriber:
    """Subscribes like a service, without replay: missed messages stay missed."""

    def __init__(self, manifest: Manifest, streams: Iterable[str]) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket: zmq.Socket[bytes] = self._context.socket(zmq.SUB)
        for stream in streams:
            self._socket.subscribe(f"{stream}:".encode())
        for endpoint in manifest.endpoints.values():
            self._socket.connect(endpoint.publish)

    def messages(self) -> list[Event]:
        """What has come since the last call, minutes taken apart."""
        found: list[Event] = []
        while self._socket.poll(0):
            for frame in split_frames(self._socket.recv_multipart()):
                with suppress(DecodeError):  # counted by the services; a reader goes on
                    found += parts_of(unpack(frame).message)
        return found

    def close(self) -> None:
        """Close the socket."""
        self._socket.close(linger=0)
        self._context.term()
