"""Read tables of predictions and of outcomes: CSV or Parquet, points or events.

Points: predictions have ``case``, ``longitude``, ``latitude`` [degrees], and may have ``draw`` or
``member`` and ``weight``; outcomes have ``case``, ``longitude``, ``latitude``. Events: predictions
have ``case``, ``event``, ``probability`` [fraction]; outcomes ``case``, ``event``, ``happened``
[0 or 1].
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from downwind.errors import ScoreDataError
from downwind.score import EventCases, PointCases, make_event_cases, make_point_cases

PLACE: Final = ("case", "longitude", "latitude")
GROUPS: Final = ("draw", "member")
POINTS: Final = (*PLACE, *GROUPS, "weight")
PROBABILITY: Final = ("case", "event", "probability")
HAPPENED: Final = ("case", "event", "happened")
_TEXTS: Final = ("case", "event", *GROUPS)
_PARQUET: Final = b"PAR1"
_YES: Final = ("1", "1.0", "true", "yes")
_NO: Final = ("0", "0.0", "false", "no")


def read_cases(predictions: Path, outcomes: Path) -> PointCases | EventCases:
    """Read predictions and their outcomes.

    Parameters
    ----------
    predictions, outcomes : pathlib.Path
        CSV with a line of names, or Parquet.

    Returns
    -------
    PointCases or EventCases
        By the columns of the predictions.

    Raises
    ------
    ScoreDataError
        If a table cannot be read, a column is missing or unknown, a value is empty or no number,
        or the cases cannot be scored.
    """
    predicted = _read_table(predictions)
    happened = _read_table(outcomes)
    if "probability" in predicted.column_names:
        _check_columns(predicted, predictions, PROBABILITY, PROBABILITY)
        _check_columns(happened, outcomes, HAPPENED, HAPPENED)
        return make_event_cases(
            _texts(predicted, predictions, "case"),
            _texts(predicted, predictions, "event"),
            _numbers(predicted, predictions, "probability"),
            _texts(happened, outcomes, "case"),
            _texts(happened, outcomes, "event"),
            _flags(happened, outcomes, "happened"),
        )
    _check_columns(predicted, predictions, PLACE, POINTS)
    _check_columns(happened, outcomes, PLACE, PLACE)
    group = [name for name in GROUPS if name in predicted.column_names]
    if len(group) > 1:
        raise ScoreDataError(
            f"{predictions} has both a column 'draw' and a column 'member'",
            "keep the one whose rows share what is not known",
        )
    has_weight = "weight" in predicted.column_names
    return make_point_cases(
        _texts(predicted, predictions, "case"),
        _numbers(predicted, predictions, "longitude"),
        _numbers(predicted, predictions, "latitude"),
        _texts(happened, outcomes, "case"),
        _numbers(happened, outcomes, "longitude"),
        _numbers(happened, outcomes, "latitude"),
        weight=_numbers(predicted, predictions, "weight") if has_weight else None,
        draw=_texts(predicted, predictions, group[0]) if group else None,
    )


def _read_table(path: Path) -> pa.Table:
    """Read a table; columns of names as text, whatever they look like."""
    try:
        with Path(path).open("rb") as stream:
            is_parquet = stream.read(4) == _PARQUET
        if is_parquet:
            table = pq.read_table(path)
        else:
            types = dict.fromkeys((*_TEXTS, "happened"), pa.string())
            table = pc.read_csv(path, convert_options=pc.ConvertOptions(column_types=types))
    except OSError as error:
        reason = error.strerror or str(error)
        raise ScoreDataError(
            f"{path} cannot be read: {reason}", "check the name, and that you may read it"
        ) from error
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise ScoreDataError(
            f"{path} is no table: {str(error).splitlines()[0]}",
            "give Parquet, or CSV with a line of names and commas between the values",
        ) from error
    names = table.column_names
    if len(set(names)) < len(names):
        raise ScoreDataError(
            f"{path} names a column twice: {', '.join(names)}", "give each its own name"
        )
    return table


def _check_columns(
    table: pa.Table, path: Path, needed: tuple[str, ...], known: tuple[str, ...]
) -> None:
    names = table.column_names
    missing = [name for name in needed if name not in names]
    unknown = [name for name in names if name not in known]
    if missing or unknown:
        parts = []
        if missing:
            parts.append(f"lacks {', '.join(repr(name) for name in missing)}")
        if unknown:
            parts.append(f"has the unknown {', '.join(map(_describe(known), unknown))}")
        raise ScoreDataError(
            f"{path} {' and '.join(parts)}",
            f"it takes the columns {', '.join(known)}; rename or leave out the others",
        )


def _describe(known: tuple[str, ...]) -> Any:
    def describe(name: str) -> str:
        near = difflib.get_close_matches(name.lower(), known, 1, 0.4)
        return f"'{name}'" + (f" (do you mean '{near[0]}'?)" if near else "")

    return describe


def _texts(table: pa.Table, path: Path, name: str) -> list[str]:
    values = table.column(name).to_pylist()
    for i, value in enumerate(values):
        if value is None or str(value).strip() == "":
            raise _fault(path, name, i, "is empty", "fill it in, or leave the row out")
    return [str(value).strip() for value in values]


def _numbers(table: pa.Table, path: Path, name: str) -> NDArray[np.float64]:
    column = table.column(name)
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        for i, value in enumerate(column.to_pylist()):
            try:
                float(value)
            except (TypeError, ValueError):
                what = "is empty or nan" if value in (None, "") else f"is '{value}', no number"
                raise _fault(path, name, i, what, "mend it, or leave the row out") from None
    elif column.null_count:
        i = column.to_pylist().index(None)
        raise _fault(path, name, i, "is empty or nan", "fill it in, or leave the row out")
    return np.array([float(value) for value in column.to_pylist()])


def _flags(table: pa.Table, path: Path, name: str) -> NDArray[np.float64]:
    found = []
    for i, value in enumerate(table.column(name).to_pylist()):
        text = str(value).strip().lower()
        if text not in (*_YES, *_NO):
            what = "is empty" if value in (None, "") else f"is '{value}'"
            raise _fault(path, name, i, what, "write 1 where it happened and 0 where it did not")
        found.append(float(text in _YES))
    return np.array(found)


def _fault(path: Path, name: str, row: int, what: str, hint: str) -> ScoreDataError:
    return ScoreDataError(f"{path}: {name} in row {row + 1} {what}", hint)
