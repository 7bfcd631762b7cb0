"""The table of real weather files in the reference says what the readers say today."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.figures.weather import PAGE, describe_files, find_sets
from tests.test_docs import ROOT

ROWS = [
    line
    for line in (ROOT / "docs" / PAGE).read_text("utf-8").splitlines()
    if line.startswith(("| `grids/", "| `soundings/"))
]


def test_given_the_real_files_when_listed_then_each_has_its_row(shared: Path) -> None:
    assert len(ROWS) == len(list(find_sets(shared)))


@pytest.mark.parametrize("folder", ["grids", "soundings"])
def test_given_the_real_files_when_read_then_the_table_says_the_same(
    shared: Path, folder: str
) -> None:
    sets = [paths for paths in find_sets(shared) if folder in paths[0].parts]
    made = ["| " + " | ".join(describe_files(shared, paths)) + " |" for paths in sets]
    stated = [row for row in ROWS if row.startswith(f"| `{folder}/")]
    assert stated == made, "make it anew with: python -m docs.figures, DOWNWIND_SHARED set"
