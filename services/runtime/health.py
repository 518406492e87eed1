"""One HTTP port per service: /metrics, /livez, /readyz, /status. Own thread, cached answers.

`/livez`: the loop turned in the last 2 s; `/readyz`: entries may rest on this service;
`/status` is JSON for `pitwire status`. The loop writes a snapshot, the thread only reads it.
"""

import os
import socket
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import msgspec

from services.domain.errors import ConfigError
from services.runtime.metrics import Metrics
from services.runtime.service_status import ServiceStatus

_LIVE_S: Final = 2.0
_RECOVERY_S: Final = 120.0
"""A long date is recomputed in seconds; a start that takes longer than this is stuck."""


class _Server(ThreadingHTTPServer):
    # On Windows the option lets a second desk listen on the same port, and answer for the first.
    allow_reuse_address = os.name == "posix"


class Health:
    """The port and what it shows."""

    def __init__(self, service: str, address: str, metrics: Metrics) -> None:
        self.status = ServiceStatus(service=service)
        """Replaced whole by the loop."""
        self._made = time.monotonic()
        self.last_turn: float | None = None
        """Set by the loop at every beat, monotonic seconds; None while the service recovers."""
        self._metrics = metrics
        host, _, port = address.rpartition(":")
        if not host:
            raise ConfigError(f"http address of {service} is {address!r}, expected host:port")
        try:
            self._server = _Server((host, int(port)), self._handler())
        except (OSError, ValueError, OverflowError) as error:
            raise ConfigError(
                f"port {address} of {service} (http) cannot be bound: {error}; expected it free"
            ) from error
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.2,), name="health", daemon=True
        )

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        if self._thread.is_alive():
            stopping = threading.Thread(target=self._server.shutdown)
            stopping.start()
            # The server looks whether to stop when it wakes: a connection wakes it at once.
            with suppress(OSError), socket.create_connection(self._server.socket.getsockname()):
                stopping.join()
            stopping.join()
        self._server.server_close()

    def _answer(self, path: str) -> tuple[int, str, bytes]:
        if path == "/metrics":
            return 200, "text/plain; version=0.0.4; charset=utf-8", self._metrics.exposition()
        if path == "/livez":
            limit = _RECOVERY_S if self.last_turn is None else _LIVE_S
            late = time.monotonic() - (self._made if self.last_turn is None else self.last_turn)
            alive = late < limit
            return (200 if alive else 503), "text/plain", f"turned {late:.3f} s ago\n".encode()
        snapshot = self.status
        if path == "/readyz":
            text = "ready\n" if snapshot.ready else "\n".join(snapshot.reasons) + "\n"
            return (200 if snapshot.ready else 503), "text/plain; charset=utf-8", text.encode()
        if path == "/status":
            return 200, "application/json", msgspec.json.encode(snapshot)
        return 404, "text/plain", b"expected /metrics, /livez, /readyz or /status\n"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self._answer

        class Handler(BaseHTTPRequestHandler):
            """Answers GET from the snapshot."""

            def do_GET(self) -> None:
                """Serve one page."""
                status, kind, body = answer(self.path.partition("?")[0])
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited
                """Log nothing: scrapes are not events."""

        return Handler
