"""An operator's word and whoever it meets: the own desk, another, another program, nobody."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.cli import control, doctor
from services.cli.desk_address import read_address
from services.domain.desk_identity import DeskIdentity
from services.domain.errors import ConfigError
from services.domain.messages.control import ControlAck, Kill, PreflightResult, Resume, Tighten
from services.launch.private_desk import free_ports
from services.runtime.config import ConfigFolder
from services.runtime.journal_files import OPERATOR_EDGE, journal_folder
from services.runtime.queued_commands import QueuedCommands
from tests.support.answering_desk import NOT_RISK, desk_at
from tests.support.process_desk import live_folder

_WORDS: dict[str, tuple[type, Callable[[Path], int]]] = {
    "kill": (Kill, lambda path: control.kill(path, reason="r", flatten=False)),
    "kill --flatten": (Kill, lambda path: control.kill(path, reason="r", flatten=True)),
    "kill --strategy": (
        Kill,
        lambda path: control.kill(path, reason="r", flatten=False, strategy="edge_fade"),
    ),
    "resume": (Resume, lambda path: control.resume(path, reason="r", confirmed=True)),
    "tighten": (Tighten, lambda path: control.tighten(path, key="trades_per_day", value="1")),
    "doctor": (
        PreflightResult,
        lambda path: doctor.run(path, as_json=False, send_to_risk=True),
    ),
}
EVERY_WORD = pytest.mark.parametrize("word", _WORDS)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.cli.operator_client._WAIT_S", 0.3)


@pytest.fixture
def folder(tmp_path: Path) -> ConfigFolder:
    """The configuration as shipped, live, on free ports; nothing runs."""
    return live_folder(tmp_path / "desk")


def _queued(folder: ConfigFolder) -> list[Kill]:
    manifest = folder.manifest()
    due = QueuedCommands(Path(manifest.data_dir) / manifest.run).due("risk")
    return [command for command in due if isinstance(command, Kill)]


def _say(word: str, path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    capsys.readouterr()
    code = _WORDS[word][1](path)
    return code, " ".join(capsys.readouterr().out.split())


_DESKS: dict[str, dict[str, str]] = {
    "own": {},
    "own, edited since it started": {"config_hash": "0000000000-000000"},
    "other run": {"run": "live"},
    "other account": {"account": "U1234567"},
    "other run and account": {"run": "live", "account": "U1234567"},
}


@EVERY_WORD
@pytest.mark.parametrize("who", _DESKS)
def test_every_word_reaches_its_own_desk_only(
    folder: ConfigFolder, capsys: pytest.CaptureFixture[str], word: str, who: str
) -> None:
    """The own desk hears it, whatever its files say; another hears nothing and is named."""
    own = folder.manifest().identity
    desk = msgspec.structs.replace(own, **_DESKS[who])
    with desk_at(folder.desk.endpoints["risk"].edge, desk) as met:
        code, printed = _say(word, folder.path, capsys)
    if not who.startswith("own"):
        assert met.accepted == []
        assert met.misdirected[-1].startswith(_WORDS[word][0].__name__)
        assert code == 1
        assert f"NOT confirmed: the desk on this port is {desk}" in printed
        assert "KILLED" not in printed
        if word.startswith("kill"):
            assert "own risk is not running: queued for its next start" in printed
            assert len(_queued(folder)) == 1
        return
    heard: Any
    (heard,) = met.accepted
    assert _WORDS[word][0].__name__ == heard.__class__.__name__
    assert (heard.run, heard.account) == (own.run, own.account)
    assert heard.config_hash[:10] == own.config_hash[:10]
    assert "NOT confirmed" not in printed
    assert "KILLED ann: drill" in printed
    assert _queued(folder) == []
    if word == "doctor":
        assert "run paper · account Sim101" in printed
    else:
        assert f"{own}, configuration {desk.config_hash}" in printed
    assert ("changed since that desk started" in printed) is (who != "own")
    assert code == 0 or word == "doctor"  # what it finds of a desk without services


@EVERY_WORD
@pytest.mark.parametrize("who", [*NOT_RISK, "nobody"])
def test_what_is_not_the_own_desk_confirms_nothing(
    folder: ConfigFolder, capsys: pytest.CaptureFixture[str], word: str, who: str
) -> None:
    """Nobody, another program, junk, an answer without a name: said, exit code not 0.

    Only a kill while nothing listens is done by its queue, unless it was to close something.
    """
    meet: Any = NOT_RISK.get(who, lambda _: nullcontext())
    context: AbstractContextManager[None] = meet(folder.desk.endpoints["risk"].edge)
    with context:
        code, printed = _say(word, folder.path, capsys)
    queued = word in {"kill", "kill --strategy"} and who == "nobody"
    if word != "doctor":  # without red and without a journal it has nothing to tell a desk
        assert "NOT confirmed" in printed
        assert (code == 0) is queued
    if word.startswith("kill"):
        assert "in NinjaTrader cancel the orders and close the positions of account Sim101" in (
            printed
        )
        assert len(_queued(folder)) == 1


@pytest.mark.parametrize(
    ("strategy", "account", "printed"),
    [
        ("", "", "queued and applied first at its next start"),
        ("edge_fade", "", "queued and applied first at its next start"),
        ("edge_fate", "", "strategy edge_fate is not enabled, expected one of b_day_ibl_fade, "),
        ("", "Sim999", "account is Sim999, this desk trades Sim101: nothing changed"),
    ],
    ids=["desk", "strategy", "no such strategy", "another account"],
)
def test_a_kill_is_queued_where_it_means_something(
    folder: ConfigFolder,
    capsys: pytest.CaptureFixture[str],
    strategy: str,
    account: str,
    printed: str,
) -> None:
    """Exit 0 and queued with the folder's names, or exit 1, the reason, and nothing queued."""
    code = control.kill(folder.path, reason="r", flatten=False, strategy=strategy, account=account)
    assert printed in capsys.readouterr().out
    queued = [(kill.strategy, kill.run, kill.account) for kill in _queued(folder)]
    assert queued == ([(strategy, "paper", "Sim101")] if code == 0 else [])
    assert (code == 0) is ("queued" in printed)


def _on(folder: ConfigFolder, file: str, change: Callable[[str], str]) -> None:
    path = folder.path / file
    path.write_text(change(path.read_text("utf-8")), "utf-8")


_EDITS: dict[str, tuple[str, Callable[[str], str]]] = {
    "another value": ("limits_paper.toml", lambda text: text + "\n# seen by ann\n"),
    "an unknown key": ("strategies.toml", lambda text: text + "\n[edge_fade.typo]\n"),
    "a file that does not parse": ("risk.toml", lambda text: text + '\nprofile = "pap\n'),
    "another file emptied": ("orders.toml", lambda _: ""),
    "a typo in desk.toml": ("desk.toml", lambda text: text + "\n[endpoints.risk\n"),
    "a quote lost in desk.toml": ("desk.toml", lambda text: text.replace('"live"', '"live', 1)),
    "an unknown mode": ("desk.toml", lambda text: text.replace('"live"', '"alive"', 1)),
    "no groups": ("desk.toml", lambda text: text.replace("[[group]]", "[[gruop]]")),
    "a merge left open": ("desk.toml", lambda text: f"<<<<<<< ours\n{text}>>>>>>> theirs\n"),
    "a byte order mark": ("desk.toml", lambda text: f"\ufeff{text}"),
}


@pytest.mark.parametrize("edit", _EDITS)
def test_who_has_edited_a_file_can_kill_the_own_desk(
    folder: ConfigFolder, capsys: pytest.CaptureFixture[str], edit: str
) -> None:
    """Whatever was done to the folder, as long as its names can be read; that it was is said."""
    desk = folder.manifest().identity
    _on(folder, *_EDITS[edit])
    with desk_at(folder.desk.endpoints["risk"].edge, desk) as met:
        code, printed = _say("kill", folder.path, capsys)
    assert code == 0, printed
    assert len(met.accepted) == 1
    assert "changed since that desk started" in printed
    broken = edit in {
        "a typo in desk.toml",
        "a quote lost in desk.toml",
        "a merge left open",
        "a byte order mark",
    }
    assert ("read line by line" in printed) is broken


_UNREADABLE: dict[str, tuple[Callable[[str], str], str]] = {
    "no run": (lambda text: text.replace("run = ", "rum = "), "run cannot be read from it"),
    "no account": (
        lambda text: text.replace("account = ", "acount = "),
        "account cannot be read from it",
    ),
    "two runs": (
        lambda text: f'<<<<<<< ours\nrun = "mine"\n{text}',
        "run cannot be read from it",
    ),
    "empty": (lambda _: "", "endpoints.risk.edge cannot be read from it"),
    "no address": (
        lambda text: text.replace("edge = ", "egde = "),
        "endpoints.risk.edge cannot be read from desk.toml",
    ),
    "another port": (
        lambda text: text.replace("tcp://127.0.0.1", "127.0.0.1"),
        "expected tcp://host:port",
    ),
}


@pytest.mark.parametrize("edit", _UNREADABLE)
def test_a_folder_that_names_no_desk_kills_nothing(
    folder: ConfigFolder, capsys: pytest.CaptureFixture[str], edit: str
) -> None:
    """NOT confirmed, with the key that is missing or written twice, exit code 2."""
    change, expected = _UNREADABLE[edit]
    _on(folder, "desk.toml", change)
    code, printed = _say("kill", folder.path, capsys)
    assert (code, "NOT confirmed" in printed, expected in printed) == (2, True, True), printed


def test_a_folder_that_is_none_kills_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The default folder is of the place one stands in: somewhere else there is none."""
    code, printed = _say("kill", tmp_path / "config", capsys)
    assert code == 2
    assert printed.startswith("NOT confirmed: ")
    assert "desk.toml: not found" in printed


def test_a_kill_that_cannot_be_queued_says_so(
    folder: ConfigFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    """Risk is down and its folder cannot be made: NOT confirmed, the path, exit code 2."""
    run = Path(folder.manifest().data_dir) / "paper"
    run.parent.mkdir(exist_ok=True)
    run.write_text("a file in the place of the folder", "utf-8")
    code, printed = _say("kill", folder.path, capsys)
    assert code == 2
    assert "NOT confirmed: nothing listens at tcp://127.0.0.1:" in printed
    assert f"the kill cannot be queued: {run / 'control'}" in printed
    assert "in NinjaTrader cancel the orders" in printed


def test_a_desk_whose_names_were_edited_away_is_killed_by_name(
    folder: ConfigFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder names another run and account than the desk it started: both can be given."""
    desk = folder.manifest().identity
    _on(folder, "desk.toml", lambda text: text.replace("Sim101", "Sim202").replace("paper", "p2"))
    with desk_at(folder.desk.endpoints["risk"].edge, desk) as met:
        code, printed = _say("kill", folder.path, capsys)
        assert (code, met.accepted) == (1, []), printed
        assert "the desk on this port is run paper of account Sim101" in printed
        code = control.kill(folder.path, reason="r", flatten=True, run="paper", account="Sim101")
    assert (code, len(met.accepted)) == (0, 1), capsys.readouterr().out


_JUNK = ("<<<<<<< HEAD", "=", "[", "run", 'account = "', "\x00", "edge = 5804", "]] # ?")


def test_a_spoiled_desk_toml_is_never_read_as_another_desk(folder: ConfigFolder) -> None:
    """Any one line gone, doubled or in pieces, junk anywhere: the own names or an error.

    Of the address as well: what cannot be read for sure is empty, and looked up elsewhere.
    """
    file = folder.path / "desk.toml"
    whole = read_address(folder.path)
    lines = file.read_text("utf-8").splitlines()
    spoiled = [
        text
        for at, line in enumerate(lines)
        for text in (
            [*lines[:at], *lines[at + 1 :]],
            [*lines[:at], line, line, *lines[at + 1 :]],
            [*lines[:at], line[: len(line) // 2], *lines[at + 1 :]],
            *([*lines[:at], junk, *lines[at:]] for junk in _JUNK),
        )
    ]
    read = 0
    for text in spoiled:
        file.write_text("\n".join(text), "utf-8")
        try:
            found = read_address(folder.path)
        except ConfigError:
            continue
        read += 1
        assert found.desk.is_same_desk(whole.desk)
        assert found.risk_edge in ("", whole.risk_edge)
        assert found.data_dir in ("", whole.data_dir)
    assert read > 0.9 * len(spoiled)


def _note(folder: ConfigFolder, edge: str) -> None:
    manifest = folder.manifest()
    journal = journal_folder(manifest.data_dir, manifest.run, "risk")
    journal.mkdir(parents=True, exist_ok=True)
    (journal / OPERATOR_EDGE).write_text(edge, "utf-8")


@pytest.mark.parametrize(
    ("word", "edge"),
    [
        *((word, "another port") for word in _WORDS),
        # The doctor needs a whole folder.
        *((word, "no address") for word in _WORDS if word != "doctor"),
        *((word, "no key") for word in _WORDS if word != "doctor"),
    ],
)
def test_an_edited_address_does_not_cut_off_the_own_desk(
    folder: ConfigFolder, capsys: pytest.CaptureFixture[str], word: str, edge: str
) -> None:
    """Risk's address was changed or spoiled after the start: the word goes where risk listens."""
    desk, started_at = folder.manifest().identity, folder.desk.endpoints["risk"].edge
    _note(folder, started_at)
    other = f"tcp://127.0.0.1:{free_ports(1)[0]}" if edge == "another port" else "tcp://127.0.0.1"
    if edge == "no key":
        _on(folder, "desk.toml", lambda text: text.replace("edge = ", "egde = "))
    _on(folder, "desk.toml", lambda text: text.replace(started_at, other))
    with desk_at(started_at, desk) as met:
        code, printed = _say(word, folder.path, capsys)
    assert [type(each).__name__ for each in met.accepted] == [_WORDS[word][0].__name__], printed
    assert "NOT confirmed" not in printed
    assert code == 0 or word == "doctor"


@EVERY_WORD
def test_another_desk_at_an_old_address_hears_nothing(
    folder: ConfigFolder, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    """What was noted at the last start may belong to somebody else by now."""
    desk = msgspec.structs.replace(folder.manifest().identity, run="live")
    noted = f"tcp://127.0.0.1:{free_ports(1)[0]}"
    _note(folder, noted)
    with desk_at(noted, desk) as met:
        _, printed = _say(word, folder.path, capsys)
    assert met.accepted == []
    assert "KILLED" not in printed


def test_a_reason_that_is_no_text_kills_all_the_same(
    folder: ConfigFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    """An argument in another encoding than the terminal's arrives, its odd bytes as escapes."""
    with desk_at(folder.desk.endpoints["risk"].edge, folder.manifest().identity) as met:
        code = control.kill(folder.path, reason="gr\udcfcn [/b] \x1b[31m", flatten=False)
    kill: Any
    (kill,) = met.accepted
    assert (code, kill.reason) == (0, r"gr\udcfcn [/b] \u001b[31m"), capsys.readouterr().out


def test_a_file_that_cannot_be_read_stops_no_kill(
    folder: ConfigFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the folder only desk.toml is needed; a folder in the place of another file is none."""
    desk = folder.manifest().identity
    (folder.path / "news.toml").unlink()
    (folder.path / "news.toml").mkdir()
    with desk_at(folder.desk.endpoints["risk"].edge, desk) as met:
        code, printed = _say("kill", folder.path, capsys)
    assert (code, len(met.accepted)) == (0, 1), printed


def test_a_word_of_another_desk_is_not_taken_for_the_own(folder: ConfigFolder) -> None:
    """The acknowledgement counts by its names, not by the port it came from."""
    from services.cli.operator_client import another_desk

    own = read_address(folder.path).desk
    for run, account, same in [
        ("paper", "Sim101", True),
        ("paper", "Sim1010", False),
        ("Paper", "Sim101", False),
        ("", "Sim101", False),
    ]:
        reply = ControlAck(accepted=True, text="KILLED", run=run, account=account)
        assert (another_desk(reply, own, own) == "") is same
    given = DeskIdentity("live", "U1")
    reply = ControlAck(accepted=True, text="KILLED", run="live", account="U1")
    assert another_desk(reply, own, given) == ""
