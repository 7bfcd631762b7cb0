"""The page on soundings shows what the code measures on real soundings today."""

from __future__ import annotations

from pathlib import Path

from docs.figures.soundings import PAGE, read_regions, update_page


def test_given_the_soundings_of_a_night_when_measured_anew_then_the_page_agrees(
    shared: Path,
) -> None:
    text = PAGE.read_text("utf-8")
    assert text.count("| 1.") > 4
    assert update_page(text, read_regions(shared)) == text, (
        "make it anew with: python -m docs.figures.soundings"
    )
