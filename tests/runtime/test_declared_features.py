"""What a strategy declares to read: the one form, and every other refused with file and line."""

import re
from pathlib import Path

import pytest

from services.domain.errors import ConfigError
from services.domain.indicator_families import IndicatorFamily
from services.runtime.declared_features import declared_families


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of strategies that can be imported, but must not be."""
    home = tmp_path / re.sub(r"\W", "_", f"reads{tmp_path}")
    home.mkdir()
    (home / "__init__.py").write_text("raise SystemExit\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return home


def _declare(package: Path, *lines: str) -> frozenset[IndicatorFamily]:
    body = "".join(f"    {line}\n" for line in lines)
    (package / "mine.py").write_text(f"raise SystemExit\n\n\nclass Mine:\n{body}")
    return declared_families(package.name, "mine")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("pass", set()),
        ("READS = frozenset()", set()),
        ("READS = frozenset({Feature.SMT})", {IndicatorFamily.SMT}),
        (
            "READS = frozenset({features.Feature.SMT, Feature.WICKS})",
            {IndicatorFamily.SMT, IndicatorFamily.WICKS},
        ),
        ("READS: ClassVar[frozenset[Feature]] = frozenset({Feature.SMT})", {IndicatorFamily.SMT}),
    ],
)
def test_the_form_that_counts(package: Path, line: str, expected: set[IndicatorFamily]) -> None:
    """The declaration is known without running the file, its package's own text included."""
    assert _declare(package, line) == expected


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (["READS = {Feature.SMT}"], r"mine\.py:5: READS is {Feature\.SMT}, expected READS = froz"),
        (["READS = (Feature.SMT,)"], r":5: READS is \(Feature\.SMT,\), expected"),
        (["READS = frozenset(ALL)"], r":5: READS is frozenset\(ALL\), expected"),
        (["READS = Base.READS | MORE"], r":5: READS is Base\.READS \| MORE, expected"),
        (["READS: ClassVar[frozenset[Feature]]"], r":5: READS is without a value, expected"),
        (["READS = frozenset({Feature.SMTT})"], r":5: READS holds Feature\.SMTT, .*SWEEPS, SMT,"),
        (["READS = frozenset({'smt'})"], r":5: READS holds 'smt', expected"),
        (["READS = frozenset()", "READS = frozenset()"], r"mine\.py:6: a second READS found"),
        (["def"], r"mine\.py: not Python"),
    ],
)
def test_any_other_form_is_refused(package: Path, lines: list[str], complaint: str) -> None:
    """File, line, what was found and what was expected."""
    with pytest.raises(ConfigError, match=complaint):
        _declare(package, *lines)


def test_what_is_not_there_is_named(package: Path) -> None:
    """Package and file; the files that are there are listed."""
    (package / "_draft.py").write_text("")
    (package / "yours.py").write_text("")
    with pytest.raises(ConfigError, match=r"mine unknown in .*expected one of \['yours'\]"):
        declared_families(package.name, "mine")
    for name in ("no_such_package", "no_such.package", "", "math"):
        with pytest.raises(ConfigError, match=f"strategy package '?{name}'? not found"):
            declared_families(name, "mine")
