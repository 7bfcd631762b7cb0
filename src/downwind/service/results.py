"""Write all that a plan answers into one folder: whole, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from downwind.io.cf import write_flight_nc
from downwind.io.cloud import write_cloud
from downwind.io.folder import results_folder
from downwind.io.geojson import write_landing_geojson
from downwind.io.kml import write_flight_kml
from downwind.io.landing_tif import write_landing_maps, write_towns_csv
from downwind.io.plan_json import write_plan_json
from downwind.plan.evaluate import Progress
from downwind.plan.result import PlanResult
from downwind.report.curve_plot import draw_curve
from downwind.report.dominance_plot import draw_dominance
from downwind.report.fill_card import fill_card
from downwind.report.landing_maps import draw_ending_maps, draw_item_maps
from downwind.report.map import draw_map
from downwind.report.plan_compliance import plan_compliance_card
from downwind.report.profile import draw_profile
from downwind.report.resident_text import resident_text
from downwind.report.timer_card import timer_card
from downwind.rules.catalogue import load_jurisdictions
from downwind.rules.drafts import make_drafts

CARD: Final = "compliance.txt"


def write_results(
    result: PlanResult, path: Path, force: bool, mission_text: str, progress: Progress
) -> None:
    """Write a result's files into a new folder.

    Parameters
    ----------
    result : PlanResult
    path : pathlib.Path
        The folder to make.
    force : bool
        Replace a results folder that stands there.
    mission_text : str
        The mission file, which goes along.
    progress : callable
        Called with a stage's name and a fraction of it.

    Raises
    ------
    ResultsExistError, ResultsWriteError, InterruptedRunError
    """
    writers = (
        ("plan.json", write_plan_json),
        ("map.png", draw_map),
        ("profile.png", draw_profile),
        ("timer-curve.png", draw_curve),
        *([("dominance.png", draw_dominance)] if result.dominance else []),
        ("landing.geojson", write_landing_geojson),
        ("flight.kml", write_flight_kml),
        ("flight.nc", write_flight_nc),
        ("maps", write_landing_maps),
        ("towns.csv", write_towns_csv),
        ("item-maps.png", draw_item_maps),
        ("ending-maps.png", draw_ending_maps),
    )
    texts = {
        "timer-card.txt": timer_card(result),
        "fill-card.txt": fill_card(result),
        "mission.toml": mission_text,
        **_rule_texts(result),
        **({"residents.txt": resident_text(result)} if result.residents is not None else {}),
    }
    with results_folder(path, force) as folder:
        # the items fly as the cloud is written; what other files count is known after that
        write_cloud(result, folder / "cloud.parquet", progress)
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8")
        for i, (name, write) in enumerate(writers):
            progress("writing " + name, i / len(writers))
            write(result, folder / name)
    progress("done", 1.0)


def _rule_texts(result: PlanResult) -> dict[str, str]:
    """Return the compliance card and the drafts of a result, by the names of their files."""
    if result.compliance is None or result.facts is None:
        return {}
    drafts = make_drafts(
        result.facts,
        result.mission.declared,
        load_jurisdictions(result.mission.rule_files),
        result.judged_s,
    )
    return {CARD: plan_compliance_card(result), **drafts}
