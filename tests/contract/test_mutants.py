"""The list of mutants names what exists, so that a rename does not leave it behind."""

import pytest

from tests.mutants.mutant import Mutant, mutants
from tests.support.tidy import ROOT


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.about)
def test_a_mutant_changes_one_place(mutant: Mutant) -> None:
    """Its text occurs exactly once in its file, becomes another, and its tests are there."""
    assert mutant.flaw(ROOT) == ""


def test_the_list_is_short_and_its_mutants_differ() -> None:
    """Short enough to be read before a release; no row twice."""
    rows = {(row.file, row.before, row.after) for row in mutants()}
    assert len(rows) == len(mutants()) <= 30
