"""What a turn of the client sends leaves in one order: memory, exchange, desk."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
import zmq

from services.domain.errors import FeedRefusedError
from services.domain.manifest import Manifest
from services.nt_twin.exchange.exchange_link import ExchangeLink
from services.nt_twin.exchange.exchange_session import ExchangeSession
from services.nt_twin.link import TwinLink
from services.nt_twin.positions.remote_account import RemoteAccount
from services.venue.client_messages import ClientMessage
from tests.support.order_builder import ACCOUNT, bar
from tests.support.process_desk import playback, private_folder, short_day
from tests.support.scripted_desk import twin


def _edges(noted: list[str]) -> list[Any]:
    # Both links of a desk that notes each hello and knows no such call.
    def hello(_: bytes, context: grpc.ServicerContext) -> bytes:
        noted.append("desk Hello")
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "a desk of a test")
        return b""

    calls = {"Hello": grpc.unary_unary_rpc_method_handler(hello)}
    names = ("market.v1.IngestGateway", "link.v1.OrderRouter")
    return [grpc.method_handlers_generic_handler(f"pitwire.{name}", calls) for name in names]


class _NotedLink(ExchangeLink):
    """Notes what is sent to the exchange."""

    noted: list[str]

    def send(self, messages: list[ClientMessage]) -> None:
        """Note it, then send it."""
        self.noted += [f"exchange {type(message).__name__}" for message in messages]
        super().send(messages)


@pytest.fixture
def noted() -> list[str]:
    """What has left, in order."""
    return []


@pytest.fixture
def manifest(tmp_path: Path, noted: list[str]) -> Iterator[Manifest]:
    """A desk at whose edges everything is noted."""
    given = private_folder(tmp_path, playback(short_day())).manifest()
    server = grpc.server(ThreadPoolExecutor(2), handlers=_edges(noted))
    for name in ("ingest", "orders"):
        assert server.add_insecure_port(given.endpoints[name].edge)
    server.start()
    yield given
    server.stop(0).wait()


def test_memory_is_written_before_anything_leaves(manifest: Manifest, noted: list[str]) -> None:
    """Before the first hello of either link, once a turn; the exchange's goes out first."""
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        port = router.bind_to_random_port("tcp://127.0.0.1")
        account = RemoteAccount()
        link = _NotedLink(f"tcp://127.0.0.1:{port}", ExchangeSession(ACCOUNT, account))
        link.noted = noted
        shell = TwinLink(
            twin([(10, (bar(10, (1000, 1010, 990, 1000)),))]),
            manifest,
            silence_s=60.0,
            exchange=link,
            before_send=lambda: noted.append("memory"),
        )
        try:
            with pytest.raises(FeedRefusedError, match="a desk of a test"):
                shell.run(lambda: None, lambda: False)
        finally:
            shell.close()
            link.close()
    assert noted[:2] == ["memory", "exchange AccountHello"]
    assert noted.count("memory") >= noted.count("desk Hello") > 0, "once for each turn that sends"
