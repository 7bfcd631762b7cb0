"""Tables of predictions and outcomes: what is read, what is refused, and what is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import matplotlib.image as mpimg
import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from downwind.errors import ArgumentError, DownwindError, ResultsExistError, ScoreDataError
from downwind.report.score_text import rank_words, scores_text
from downwind.score import rank_histogram
from downwind.service.scores import score_predictions

POINTS = (
    "case,member,longitude,latitude,weight\n"
    "a,0,126.0,38.0,1\na,1,126.2,38.1,2\nb,0,1,2,1\nb,1,1.5,2,1\n"
)
PLACES = "case,longitude,latitude\nb,1.2,2\na,126.1,38.0\n"
CHANCES = "case,event,probability\na,target,0.25\na,sea,0\nb,target,1\n"
HAPPENED = "case,event,happened\nb,target,yes\na,target,0\na,sea,false\n"
Write = Callable[[str, str], tuple[Path, Path]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def call(predictions: str, outcomes: str) -> tuple[Path, Path]:
        paths = tmp_path / "p.csv", tmp_path / "o.csv"
        for path, text in zip(paths, (predictions, outcomes), strict=True):
            path.write_text(text)
        return paths

    return call


def test_given_points_in_csv_and_parquet_when_scored_then_both_are_the_same(
    write: Write, tmp_path: Path
) -> None:
    tables = write(POINTS, PLACES)
    for path in tables:
        pq.write_table(pc.read_csv(path), tmp_path / f"{path.stem}.parquet")

    from_csv = score_predictions(*tables)
    from_parquet = score_predictions(tmp_path / "p.parquet", tmp_path / "o.parquet")

    assert from_csv.points == pytest.approx(from_csv.points)
    one, other = from_csv.to_dict()["points"], from_parquet.to_dict()["points"]
    assert one == other
    assert one["cases"] == 2
    assert one["energy_score_m"]["mean"] > 0.0


def test_given_categories_and_whole_numbers_in_parquet_when_read_then_they_are_taken(
    tmp_path: Path,
) -> None:
    predicted = pa.table({
        "case": pa.array([7, 7]), "event": pa.array(["x", "y"]).dictionary_encode(),
        "probability": pa.array([0, 1], pa.int8()),
    })  # fmt: skip
    happened = pa.table({
        "case": pa.array([7, 7]), "event": ["x", "y"], "happened": [False, True],
    })  # fmt: skip
    pq.write_table(predicted, tmp_path / "p.parquet")
    pq.write_table(happened, tmp_path / "o.parquet")

    scores = score_predictions(tmp_path / "p.parquet", tmp_path / "o.parquet")

    assert scores.events is not None
    assert scores.events.reliability.brier == 0.0


def test_given_events_when_scored_then_the_text_says_what_came_of_each(write: Write) -> None:
    scores = score_predictions(*write(CHANCES, HAPPENED))

    assert scores.events is not None
    assert scores.events.events == {"sea": (1, 0, 0.0), "target": (2, 1, 0.625)}
    text = scores_text(scores)
    assert "3 probabilities in 2 cases" in text
    assert max(map(len, text.splitlines())) <= 80


def test_given_an_output_when_scored_then_the_folder_is_whole_and_replaced_only_by_force(
    write: Write, tmp_path: Path
) -> None:
    tables, folder = write(CHANCES, HAPPENED), tmp_path / "out"

    scores = score_predictions(*tables, output=folder)

    assert json.loads((folder / "score.json").read_text()) == scores.to_dict()
    assert {f.name for f in folder.iterdir()} == {"score.json", "score.txt", "reliability.png"}
    assert mpimg.imread(folder / "reliability.png").shape[1] == 2000
    with pytest.raises(ResultsExistError):
        score_predictions(*tables, output=folder)
    score_predictions(*write(POINTS, PLACES), output=folder, force=True)
    assert {f.name for f in folder.iterdir()} == {"score.json", "score.txt", "ranks.png"}
    (tmp_path / "other").mkdir()
    with pytest.raises(ResultsExistError, match=r"score\.json"):
        score_predictions(*tables, output=tmp_path / "other", force=True)


BAD_POINTS = {
    "unknown column": ("case,lon,latitude\na,1,2\na,1,3\n", PLACES,
                       "lacks 'longitude' and has the unknown 'lon' (do you mean 'longitude'?)"),
    "both groups": ("case,draw,member,longitude,latitude\na,1,1,1,2\n", PLACES, "both"),
    "text": ("case,longitude,latitude\na,1,2\na,east,2\n", PLACES,
             "longitude in row 2 is 'east', no number"),
    "empty number": ("case,longitude,latitude\na,1,2\na,,2\n", PLACES,
                     "longitude in row 2 is empty"),
    "empty case": ("case,longitude,latitude\na,1,2\n,1,2\n", PLACES, "case in row 2 is empty"),
    "ragged": ("case,longitude,latitude\na,1\n", PLACES, "is no table"),
    "empty file": ("", PLACES, "is no table"),
    "no rows": ("case,longitude,latitude\n", PLACES, "no prediction"),
    "twice": ("case,case,longitude,latitude\na,a,1,2\n", PLACES, "names a column twice"),
    "weight": (POINTS.replace("38.1,2", "38.1,-2"), PLACES, "weight -2"),
    "nan": (POINTS.replace("126.2", "nan"), PLACES, "row 2 is empty or nan"),
    "one member": ("case,longitude,latitude\na,1,2\nb,1,2\nb,2,2\n", PLACES, "one member only"),
    "one side": (POINTS, "case,longitude,latitude\na,1,2\n", "'b' without an outcome"),
    "outcome column": (POINTS, "case,longitude,latitude,height\na,1,2,3\n", "unknown 'height'"),
    "percent": ("case,event,probability\na,target,25\n", HAPPENED, "is 25, outside 0 to 1"),
    "happened": (CHANCES, HAPPENED.replace("yes", "perhaps"), "is 'perhaps'"),
    "mixed": (CHANCES, PLACES, "lacks 'event', 'happened'"),
    "no probability": (CHANCES.replace("0.25", ""), HAPPENED, "probability in row 1 is empty"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_POINTS)
def test_given_a_bad_table_when_scored_then_the_error_says_what_and_where(
    name: str, write: Write
) -> None:
    predictions, outcomes, text = BAD_POINTS[name]
    with pytest.raises(ScoreDataError) as caught:
        score_predictions(*write(predictions, outcomes))

    assert text in caught.value.message
    assert caught.value.hint


def test_given_a_missing_or_binary_file_when_scored_then_the_error_names_it(
    write: Write, tmp_path: Path
) -> None:
    _, outcomes = write(POINTS, PLACES)
    with pytest.raises(ScoreDataError, match=r"none\.csv cannot be read"):
        score_predictions(tmp_path / "none.csv", outcomes)
    with pytest.raises(ScoreDataError, match="cannot be read"):
        score_predictions(tmp_path, outcomes)
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1" + bytes(range(200)))
    with pytest.raises(ScoreDataError, match=r"broken\.parquet"):
        score_predictions(broken, outcomes)
    broken.write_bytes(bytes(range(128, 256)))
    with pytest.raises(DownwindError):
        score_predictions(broken, outcomes)


def test_given_a_bearing_that_fits_nothing_when_scored_then_it_is_refused(write: Write) -> None:
    with pytest.raises(ArgumentError):
        score_predictions(*write(CHANCES, HAPPENED), bearing_deg=20.0)
    with pytest.raises(ArgumentError):
        score_predictions(*write(POINTS, PLACES), bearing_deg=float("nan"))


@pytest.mark.parametrize(
    ("place", "axis", "words"),
    [
        (np.linspace(0.005, 0.995, 100), "east", "even, as it should be"),
        (np.linspace(0.0, 1.0, 100) ** 3, "east", "short of it"),
        (1.0 - np.linspace(0.0, 1.0, 100) ** 3, "east", "further that way"),
        (np.tile([0.02, 0.98], 50), "north", "too narrow"),
        (np.linspace(0.35, 0.65, 100), "north", "too wide"),
        (np.full(100, 0.97), "outlying", "too far out"),
        (np.full(100, 0.03), "outlying", "too deep inside"),
        (np.array([0.2, 0.8]), "east", "too few"),
    ],
)
def test_given_a_shape_of_ranks_when_read_then_the_words_say_what_it_means(
    place: np.ndarray, axis: str, words: str
) -> None:
    assert words in rank_words(rank_histogram(place), axis)
