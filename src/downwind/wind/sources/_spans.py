"""Means over a span of time: a sum since the start of a forecast made one since its last output.

A model gives rain as a sum or a mean from some hour on. Two of them from the same hour make the
mean between their ends, which says more about that time than the mean of the whole forecast.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from downwind.wind.cube import GUST, PRECIPITATION
from downwind.wind.sources._fields import Field, Grid


def sharpen_means(fields: Sequence[Field]) -> list[Field]:
    """Return the fields with each mean rain cut to the part since the last one of the same start.

    Parameters
    ----------
    fields : sequence of Field
        Of one run; all but means of rain are handed on as they are.
    """
    series: dict[tuple[int, int, Grid], dict[int, Field]] = {}
    others: list[Field] = []
    for field in fields:
        if field.name == PRECIPITATION and field.span_s:
            key = field.time_s - field.span_s, field.member, field.grid
            series.setdefault(key, {})[field.time_s] = field
        else:
            others.append(field)
    return others + [mean for ends in series.values() for mean in _cut(ends)]


def _cut(ends: dict[int, Field]) -> Iterable[Field]:
    ordered = [ends[time] for time in sorted(ends)]
    yield ordered[0]
    for first, last in pairwise(ordered):
        assert first.span_s is not None
        assert last.span_s is not None
        span_s = last.time_s - first.time_s
        amount = last.values * np.float64(last.span_s) - first.values * np.float64(first.span_s)
        yield replace(last, values=(amount / span_s).astype(np.float32), span_s=span_s)


def write_spans(fields: Iterable[Field]) -> list[str]:
    """Return a note for each variable that is a mean or the greatest of a span of time."""
    spans: dict[str, set[int | None]] = {}
    for field in fields:
        if field.span_s != 0:
            spans.setdefault(field.name, set()).add(field.span_s)
    return [
        f"{name} is {_name_kind(name)} {_write_lengths(found)} before its time"
        for name, found in sorted(spans.items())
    ]


def _name_kind(name: str) -> str:
    return "the greatest of" if name == GUST else "the mean of"


def _write_lengths(spans: set[int | None]) -> str:
    known = [f"{span / 3600.0:g}" for span in sorted(span for span in spans if span is not None)]
    text = f"the {' or '.join(known)} h" if known else ""
    if None in spans:
        text += (" or " if text else "") + "a time that the file does not state"
    return text
