"""Make the figures and tables of the documentation from the catalogues.

``python -m docs.figures`` writes ``docs/images/item-falls.png`` and brings the tables of
three pages up to date, which stand there between two comments. Where ``DOWNWIND_SHARED`` names
the folder of real data, it does the same for the table of real weather files.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from docs.figures.chart import draw_falls
from docs.figures.tables import PAGES, update_page
from docs.figures.weather import PAGE, update_weather_page


def main() -> None:
    """Make all figures and tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path(__file__).parents[1],
        help="folder with the pages; the documentation itself by default",
    )
    folder = parser.parse_args().output
    image = folder / "images" / "item-falls.png"
    image.parent.mkdir(parents=True, exist_ok=True)
    draw_falls(image)
    print(image)
    for name in PAGES:
        page = folder / name
        if page.is_file():
            page.write_text(update_page(page.read_text("utf-8")), "utf-8")
            print(page)
    shared, page = os.environ.get("DOWNWIND_SHARED", ""), folder / PAGE
    if shared and page.is_file():
        page.write_text(update_weather_page(page.read_text("utf-8"), Path(shared)), "utf-8")
        print(page)


if __name__ == "__main__":
    main()
