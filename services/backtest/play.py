"""A client played through the desk in this process, to the end or until it is stopped."""

from collections.abc import Callable

from services.backtest.playback_input import Playback
from services.composition.in_process import InProcessDesk, StalledError
from services.domain.messages.union import Message
from services.nt_twin.client import TwinClient
from services.nt_twin.config import TwinConfig
from services.runtime.config import ConfigFolder


def run_to_end(
    desk: InProcessDesk,
    client: TwinClient,
    on_step: Callable[[], None] | None = None,
    *,
    stop: Callable[[], bool] = lambda: False,
    tap: Callable[[Message], None] = lambda _: None,
) -> None:
    """Let the client play its source to the end, or until `stop` is true between two turns.

    `tap` is shown what the client sends and what the desk answers.
    Raises: StalledError when it waits for something that will not come.
    """
    while not client.done and not stop():
        output = client.next_output()
        if output is not None:
            tap(output)
            desk.handle_client_message(output)
        elif not desk.replies and not client.done:
            raise StalledError(f"the client waits: {client.waiting_for()}")
        while desk.replies:
            reply = desk.replies.popleft()
            tap(reply)
            client.on_reply(reply)
        if on_step is not None:
            on_step()


def twin_client(folder: ConfigFolder, play: Playback) -> TwinClient:
    """The stand-in for NinjaTrader that plays these minutes."""
    manifest = folder.manifest()
    declared = {name for group in manifest.groups for name in group.contracts}
    config = TwinConfig(
        account=manifest.account,
        contracts=tuple(name for name in play.contracts if name in declared),
        prices={row.orders: row.signal for group in manifest.groups for row in group.trade},
        minutes_total=play.total,
    )
    return TwinClient(config, play.minutes(), folder.calendar().trade_date_of)
