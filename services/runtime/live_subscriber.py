"""A reader of the running desk: subscribes to the given streams; services do not wait for it."""

from collections.abc import Iterable

import zmq

from services.domain.errors import DecodeError
from services.domain.manifest import Manifest
from services.domain.messages.union import Event
from services.domain.minute_parts import parts_of
from services.runtime import codec
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
        while True:
            try:
                parts = self._socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return found
            for one in split_frames(parts):
                try:
                    frame = unpack(one)
                    found += parts_of(codec.decode(frame.type_id, frame.payload))
                except DecodeError:
                    continue  # counted by the services; a reader goes on

    def close(self) -> None:
        """Close the socket."""
        self._socket.close(linger=0)
        self._context.term()
