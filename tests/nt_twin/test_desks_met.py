"""A client keeps whose desk it met, and reports when it meets another."""

import pytest

from services.domain.errors import FeedRefusedError
from services.domain.messages.link import ClientWelcome
from services.domain.messages.market import FeedWelcome
from services.nt_twin.client import TwinClient
from services.nt_twin.desks_met import DesksMet
from tests.support.scripted_desk import twin

_PAPER, _LIVE, _OTHER = ("paper", "Sim101"), ("live", "Sim101"), ("paper", "U77")


@pytest.mark.parametrize(
    ("meetings", "news"),
    [
        ([("feed", _PAPER)], ["the desk on the feed link is run paper of account Sim101"]),
        ([("feed", _PAPER), ("feed", _PAPER)], []),
        (
            [("feed", _PAPER), ("feed", _LIVE)],
            [
                "another desk answers on the feed link: run live of account Sim101,"
                " before it run paper of account Sim101"
            ],
        ),
        (
            [("feed", _PAPER), ("feed", _OTHER)],
            [
                "another desk answers on the feed link: run paper of account U77,"
                " before it run paper of account Sim101"
            ],
        ),
        (
            [("feed", _PAPER), ("orders", _LIVE)],
            [
                "the desk on the orders link is run live of account Sim101",
                "the orders link and the feed link lead to two desks:"
                " run live of account Sim101, and run paper of account Sim101",
            ],
        ),
    ],
    ids=["first", "again", "another run", "another account", "two desks"],
)
def test_another_desk_is_news(meetings: list[tuple[str, tuple[str, str]]], news: list[str]) -> None:
    """The first on a link, another on the same, two on the two: each once, in a sentence."""
    met = DesksMet()
    for number, (link, desk) in enumerate(meetings):
        if number == len(meetings) - 1:
            met.news()
        met.record(link, *desk)
    assert met.news() == news
    assert met.news() == []
    assert [(desk.run, desk.account) for desk in met.met] == list(
        dict.fromkeys(desk for _, desk in meetings)
    )


def _greet(client: TwinClient, run: str, account: str, *, accepted: bool = True) -> None:
    client.on_reply(
        FeedWelcome(
            accepted=accepted,
            reason="" if accepted else "wrong mode",
            run=run,
            account=account,
            last_sequence=0,
            groups=(),
            last_bars=(),
        )
    )


def test_a_client_that_comes_to_another_desk_goes_on_and_says_so() -> None:
    """Both welcomes are kept; what follows from a new run is not decided here."""
    client = twin(())
    client.next_output()
    _greet(client, *_PAPER)
    client.on_reply(
        ClientWelcome(
            accepted=True,
            reason="",
            run="paper",
            account="Sim101",
            epoch=1,
            connection=1,
            nonce="played.1",
            last_report_sequence=0,
        )
    )
    client.desks_met.news()
    _greet(client, *_LIVE)
    assert [str(desk) for desk in client.desks_met.met] == [
        "run paper of account Sim101",
        "run live of account Sim101",
    ]
    assert "another desk answers on the feed link" in client.desks_met.news()[0]


def test_a_refusal_names_the_desk_that_refuses() -> None:
    """Who comes to the wrong desk is shown whose it is."""
    client = twin(())
    client.next_output()
    with pytest.raises(FeedRefusedError, match="gateway of run live of account Sim101 refused"):
        _greet(client, *_LIVE, accepted=False)
