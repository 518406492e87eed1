"""The field's words: which words a name or a sentence may not have, and what is written instead.

Rule 1: a term is a pattern over whole words of a name (`said`, `in_force`), with the field's word
        for it and the names in which the same letters have their plain sense, each with a reason.
Rule 2: only where a name is given is it judged: a definition, a parameter, a variable, a module, a
        message or a field of the contract, a key of the configuration.
Rule 3: sentences are judged by phrases: texts that are printed, docstrings and comments alike.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

ROOT: Final = Path(__file__).resolve().parents[2]


class Term(msgspec.Struct, frozen=True):
    """A word that has another in this field."""

    words: str
    """Pattern over whole words in snake case."""
    instead: str
    plain: dict[str, str] = {}
    """Pattern over `path name` to the reason why it stays."""


TERMS: Final = (
    Term(
        "said|unsaid|saying|says?|told|tells?|telling|speaks?|spoken",
        "published, pending, previous, reported",
    ),
    Term("hears?|heard", "acknowledged, received"),
    Term("owe|owes|owed", "unpublished"),
    Term("promise|promises|promised", "required"),
    Term("bury|buried|brought", "end_entry, realised_before_today"),
    Term("lives|life", "position, record", {r" life_bars$": "how many bars a gap is kept"}),
    Term("seats?|lanes?", "strategy_instance, contract_state"),
    Term("together", "colocated"),
    Term("sight|clinic|checkups?|unfit|examined", "snapshot, preflight, preflight_failed"),
    Term("flaws?|scenes?", "violation, load_error, context"),
    Term("words?|missed", "command, rejection, text", {r"/vocabulary": "words are its matter"}),
    Term("knock|knocks|knocked|doors?", "endpoint, queue_wait"),
    Term("stricter|strictest", "tighter, tightening"),
    Term(
        "in_force",
        "active",
        {
            r"clock_in_force": "the clock in force: the system's live, the client's in playback",
            r"state/levels/|levels_in_force": "supplied levels that hold for a date",
        },
    ),
    Term("tally|tallies", "counts, counters"),
    Term("worst", "stop_risk, worst_case"),
    Term(
        "standing",
        "account",
        {r"state/confluence/sweeps": "a level that stands is one no price has traded through"},
    ),
    Term("upkeep", "exits"),
    Term(
        "months",
        "expiry",
        {
            r"domain/(contracts|instruments)|limit_case": "the months a contract is listed in",
            r"doctor/|playback_extent": "contract months",
        },
    ),
    Term("shares", "budgets", {r"review/|state/": "parts of a whole"}),
    Term("amounts", "limits_in_units"),
    Term("reclose|reclosed|recloses", "trip"),
    Term(
        "takes?|took|taken",
        "pop, handle, accept",
        {r"takes_operator_commands": "renamed with the service table"},
    ),
    Term(
        "asks|asked|asking",
        "entry_signal, requested",
        {
            r"ingest/bar_rules\.py asks$": "the ask side of a price ladder",
            r"playbook_reading": "what the customer's document asks for",
        },
    ),
    Term("gone|loses?", "failed", {r"lose_replies": "a link that loses the replies of the desk"}),
    Term("fates?|wish|wishes", "outcome, requested"),
    Term("story|stories", "narration"),
    Term(
        "plans?",
        "playback, request",
        {
            r"strategies/authoring/": "an exit plan",
            r"synthetic/|day_plan": "the plan of a synthetic day",
            r"runtime/codec": "how a struct is converted",
        },
    ),
    Term("gates?", "client_limits", {r"services/risk/|tests/support/": "the gate: risk's machine"}),
    Term("cases", "outcomes", {r"tests/support/": "cases of a test"}),
    Term("order_book", "order_store, contract_terms: the order book is market depth"),
    Term("stamp_closed", "minute_closed"),
)
"""Of names. Where a word stays in its plain sense the term names the place."""

PHRASES: Final = {
    r"\b(un)?said\b|\b(tells?|told|telling)\b|\b(says?|saying)\b": "publishes, reports, shows, is",
    r"\bspeaks?\b|\bspoken\b|\bhears?\b|\bheard\b": "sends, receives",
    r"\bow(e|es|ed)\b|\bpromis(e|es|ed)\b": "requires, has not published",
    r"\bknock(s|ed)?\b|\bdoors?\b": "endpoint",
    r"\blatch\w* (that )?(close|open|reclose)[sd]?\b": "trips, is reset",
    r"\bhuman's\b|\bhumans?\b": "operator",
    r"\bnobody's\b|\bsomebody else\b|\ba wish for\b|\blook for words\b": "plain English",
    r"\b(seat|lane|clinic|checkup|unfit|flaw|upkeep|bury|buried)s?\b": "the glossary's word",
    r"\bwords? (of|from|to) (the|a|our) (desk|client|human|operator)\b": "message, command",
    r"\blives? of\b|\b(earlier|one|its|their) li(fe|ves)\b": "from its start to its end",
}
"""Of sentences, with what is written instead."""

Found: TypeAlias = Iterator[tuple[int, str]]


def names(path: Path) -> Found:
    """Every name a file gives, with its line: Python, contract or configuration."""
    relative = path.relative_to(ROOT)
    yield 0, relative.stem
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from _python_names(ast.parse(text))
    elif path.suffix == ".proto":
        bare = re.sub(r"//[^\n]*", "", text)
        for number, line in enumerate(bare.splitlines(), start=1):
            yield from ((number, name) for name in re.findall(r"[A-Za-z_]\w*", line))
    else:
        for number, line in enumerate(text.splitlines(), start=1):
            key = re.match(r"\s*\[*([\w.]+)\]*\s*(?:=|$)", line.partition("#")[0])
            yield from ((number, name) for name in (key[1].split(".") if key else ()))


def misnamed(path: Path) -> list[str]:
    """Names of a file that have another word in this field, with that word."""
    relative = path.relative_to(ROOT).as_posix()
    found = []
    for line, name in dict.fromkeys(names(path)):
        for term in TERMS:
            snake = _snake(name)
            plain = any(re.search(each, f"{relative} {snake}") for each in term.plain)
            if not plain and re.search(rf"(?:^|_)(?:{term.words})(?:_|$)", snake):
                found.append(f"{relative}:{line}: {name}, expected {term.instead}")
    return found


def misworded(path: Path) -> list[str]:
    """Sentences of a Python file with a phrase that has plainer words, with those."""
    relative = path.relative_to(ROOT).as_posix()
    return [
        f"{relative}:{line}: {match[0]}, expected {instead}: {text.strip()[:100]}"
        for line, text in _sentences(path.read_text(encoding="utf-8"))
        for phrase, instead in PHRASES.items()
        for match in re.finditer(phrase, text, re.IGNORECASE)
    ]


def _python_names(tree: ast.Module) -> Found:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, node.attr
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield node.lineno, name
            case ast.alias(asname=str(name)) | ast.ExceptHandler(name=str(name)):
                yield node.lineno, name
            case _:
                pass


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _sentences(source: str) -> Found:
    # Comments and every text of more than one word.
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.value
