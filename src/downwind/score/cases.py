"""Lay predictions and outcomes out case by case, and refuse what cannot be scored.

A case is one night, one flight, one launch: something that happened once. Its prediction is a set
of points with weights, or the probabilities of some events; its outcome is one point, or whether
each event happened. Points go on a plane on which areas are true, centred at the outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downwind.errors import ScoreDataError
from downwind.geo.sphere import local_equal_area

Floats = NDArray[np.float64]
_NAMED = 5


@dataclass(frozen=True, slots=True)
class PointCases:
    """Predicted points and one outcome for each case.

    Attributes
    ----------
    names : tuple of str
        The cases, sorted, n of them.
    longitude, latitude : tuple of numpy.ndarray
        Predicted points of each case, shape (m,) each, m by case [degrees].
    x_m, y_m : tuple of numpy.ndarray
        The same, east and north of the outcome on its equal-area plane [m].
    weight : tuple of numpy.ndarray
        Their weights, which add up to 1 in each case.
    draw : tuple of numpy.ndarray
        Which draw each point belongs to, from 0 in each case.
    outcome_longitude, outcome_latitude : numpy.ndarray
        Shape (n,) [degrees].
    """

    names: tuple[str, ...]
    longitude: tuple[Floats, ...]
    latitude: tuple[Floats, ...]
    x_m: tuple[Floats, ...]
    y_m: tuple[Floats, ...]
    weight: tuple[Floats, ...]
    draw: tuple[NDArray[np.int64], ...]
    outcome_longitude: Floats
    outcome_latitude: Floats

    def along(self, bearing_deg: float) -> tuple[Floats, ...]:
        """Return how far the points lie beyond the outcome in a direction [m].

        Parameters
        ----------
        bearing_deg : float
            Clockwise from north: 90 for east, 0 for north [degrees].
        """
        east, north = np.sin(np.radians(bearing_deg)), np.cos(np.radians(bearing_deg))
        return tuple(east * x + north * y for x, y in zip(self.x_m, self.y_m, strict=True))

    def thin(self, seed: int = 0) -> PointCases:
        """Return one point for each draw, with the weight of the draw: these are independent.

        Parameters
        ----------
        seed : int
            Of the choice of the point, which goes by the weights within the draw.
        """
        rng = np.random.default_rng(seed)
        kept = [_pick(draw, w, rng) for draw, w in zip(self.draw, self.weight, strict=True)]

        def take(columns: tuple[Floats, ...]) -> tuple[Floats, ...]:
            return tuple(x[rows] for x, (rows, _) in zip(columns, kept, strict=True))

        return replace(
            self,
            longitude=take(self.longitude),
            latitude=take(self.latitude),
            x_m=take(self.x_m),
            y_m=take(self.y_m),
            weight=tuple(weight for _, weight in kept),
            draw=tuple(np.arange(rows.size) for rows, _ in kept),
        )


@dataclass(frozen=True, slots=True)
class EventCases:
    """Probabilities of events, and whether they happened; arrays of shape (n,).

    Attributes
    ----------
    case, event : tuple of str
    probability : numpy.ndarray
    happened : numpy.ndarray
        True where it did.
    """

    case: tuple[str, ...]
    event: tuple[str, ...]
    probability: Floats
    happened: NDArray[np.bool_]


def make_point_cases(
    case: Sequence[str],
    longitude: ArrayLike,
    latitude: ArrayLike,
    outcome_case: Sequence[str],
    outcome_longitude: ArrayLike,
    outcome_latitude: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    draw: Sequence[str] | ArrayLike | None = None,
) -> PointCases:
    """Lay predicted points and outcomes out case by case.

    Parameters
    ----------
    case : sequence of str
        Case of each predicted point, shape (m,).
    longitude, latitude : array_like
        The points, shape (m,) [degrees].
    outcome_case : sequence of str
        Case of each outcome, shape (n,), each once.
    outcome_longitude, outcome_latitude : array_like
        Shape (n,) [degrees].
    weight : array_like, optional
        Of each point, shape (m,); only the proportions within a case matter. Even without it.
    draw : sequence of str or array_like, optional
        Member or draw of each point, shape (m,). Points that share one are not independent. Each
        point is a draw of its own without it.

    Raises
    ------
    ScoreDataError
        If a case stands on one side only, or has one member; if a case has two outcomes; if a
        number is none, a weight negative, or a place no place.
    """
    lon, lat = _floats(longitude, "longitude"), _floats(latitude, "latitude")
    out_lon = _floats(outcome_longitude, "longitude")
    out_lat = _floats(outcome_latitude, "latitude")
    of = np.asarray([str(name) for name in case])
    out_of = np.asarray([str(name) for name in outcome_case])
    even = np.ones(lon.size) if weight is None else _floats(weight, "weight")
    which = np.arange(lon.size) if draw is None else np.asarray(draw)
    _check_lengths("prediction", of.size, lon, lat, even, which)
    _check_lengths("outcome", out_of.size, out_lon, out_lat)
    _check_places("prediction", of, lon, lat)
    _check_places("outcome", out_of, out_lon, out_lat)
    _check_weights(of, even)
    names, place = np.unique(of, return_inverse=True)
    _check_both_sides(names, out_of, "outcome")
    order = np.argsort(place, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(place))[:-1])
    row = {name: i for i, name in enumerate(out_of)}
    at = np.array([row[name] for name in names], np.int64)
    columns: list[tuple[Floats, ...]] = []
    draws: list[NDArray[np.int64]] = []
    for name, rows, i in zip(names, parts, at, strict=True):
        members = np.unique(which[rows], return_inverse=True)[1]
        total = float(even[rows].sum())
        if np.count_nonzero(np.bincount(members, even[rows])) < 2:
            raise ScoreDataError(
                f"the prediction of case '{name}' has one member only: that is a point, not a "
                "probability",
                "give two or more members or draws of each case, or leave the case out",
            )
        plane = local_equal_area(float(out_lon[i]), float(out_lat[i]))
        x, y = plane.forward(lon[rows], lat[rows])
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            raise ScoreDataError(
                f"case '{name}': a predicted point lies on the other side of the earth from the "
                "outcome",
                "check longitude and latitude of both; west and south are negative",
            )
        columns.append((lon[rows], lat[rows], x, y, even[rows] / total))
        draws.append(members.astype(np.int64))
    parted = list(zip(*columns, strict=True))
    return PointCases(
        names=tuple(str(name) for name in names),
        longitude=parted[0],
        latitude=parted[1],
        x_m=parted[2],
        y_m=parted[3],
        weight=parted[4],
        draw=tuple(draws),
        outcome_longitude=out_lon[at],
        outcome_latitude=out_lat[at],
    )


def make_event_cases(
    case: Sequence[str],
    event: Sequence[str],
    probability: ArrayLike,
    outcome_case: Sequence[str],
    outcome_event: Sequence[str],
    happened: ArrayLike,
) -> EventCases:
    """Put the probabilities of events beside what happened.

    Parameters
    ----------
    case, event : sequence of str
        What each probability is of, shape (n,), each pair once.
    probability : array_like
        Shape (n,), fractions.
    outcome_case, outcome_event : sequence of str
        The same pairs, in any order.
    happened : array_like
        Shape (n,), true or 1 where it did.

    Raises
    ------
    ScoreDataError
        If a pair stands on one side only or twice, a probability lies outside 0 to 1, or what
        happened is neither 0 nor 1.
    """
    p, hit = _floats(probability, "probability"), _floats(happened, "happened")
    keys = [f"{c} / {e}" for c, e in zip(case, event, strict=True)]
    out_keys = [f"{c} / {e}" for c, e in zip(outcome_case, outcome_event, strict=True)]
    _check_lengths("prediction", len(keys), p)
    _check_lengths("outcome", len(out_keys), hit)
    for i, (key, value) in enumerate(zip(keys, p, strict=True)):
        if not 0.0 <= value <= 1.0:
            percent = 1.0 < value <= 100.0
            raise ScoreDataError(
                f"the probability of {key} (row {i + 1}) is {value:g}, outside 0 to 1",
                "write fractions, not percent: 0.05 for 5 %"
                if percent
                else "mend the row, or leave it out of both files",
            )
    for i, (key, value) in enumerate(zip(out_keys, hit, strict=True)):
        if value not in (0.0, 1.0):
            raise ScoreDataError(
                f"what happened with {key} (row {i + 1}) is {value:g}, neither 0 nor 1",
                "write 1 where the event happened and 0 where it did not",
            )
    _check_once(keys, "probability", "probabilities")
    _check_both_sides(np.unique(keys), np.asarray(out_keys), "outcome")
    row = {key: i for i, key in enumerate(out_keys)}
    at = np.array([row[key] for key in keys], np.int64)
    return EventCases(
        tuple(str(c) for c in case), tuple(str(e) for e in event), p, hit[at].astype(np.bool_)
    )


def _pick(
    draw: NDArray[np.int64], weight: Floats, rng: np.random.Generator
) -> tuple[NDArray[np.int64], Floats]:
    """Return a row of each draw that has any weight, chosen by weight, and the draws' weights."""
    order = np.argsort(draw, kind="stable")
    total = np.bincount(draw, weight).astype(np.float64)
    reached = np.cumsum(weight[order])
    start = np.concatenate([[0.0], np.cumsum(total)[:-1]])
    wanted = start + rng.random(total.size) * total
    rows = order[np.minimum(np.searchsorted(reached, wanted, side="right"), order.size - 1)]
    some = total > 0.0
    return rows[some], total[some]


def _floats(values: ArrayLike, name: str) -> Floats:
    try:
        return np.atleast_1d(np.asarray(values, np.float64))
    except (TypeError, ValueError) as error:
        raise ScoreDataError(
            f"the column '{name}' holds what is no number: {error}", "mend the column"
        ) from error


def _check_lengths(side: str, count: int, *columns: NDArray[np.generic]) -> None:
    if any(column.shape != (count,) for column in columns):
        sizes = ", ".join(str(column.size) for column in columns)
        raise ScoreDataError(
            f"the {side}s have columns of different lengths: {count}, {sizes}",
            "give each row a value in every column",
        )
    if not count:
        raise ScoreDataError(f"there is no {side}", "give at least one case")


def _check_places(side: str, of: NDArray[np.str_], lon: Floats, lat: Floats) -> None:
    wrong = ~((np.abs(lon) <= 360.0) & (np.abs(lat) <= 90.0))
    if wrong.any():
        i = int(np.argmax(wrong))
        raise ScoreDataError(
            f"{_count(int(wrong.sum()), side)} at no place; the first, row {i + 1} of case "
            f"'{of[i]}', lies at longitude {lon[i]:g}, latitude {lat[i]:g}",
            "give degrees, longitude from -180 to 360 and latitude from -90 to 90, and leave out "
            "what is not known (nan)",
        )


def _check_weights(of: NDArray[np.str_], weight: Floats) -> None:
    wrong = ~(np.isfinite(weight) & (weight >= 0.0))
    if wrong.any():
        i = int(np.argmax(wrong))
        raise ScoreDataError(
            f"row {i + 1}, of case '{of[i]}', has the weight {weight[i]:g}",
            "give weights of 0 or more; only their proportions within a case matter",
        )


def _check_once(names: Sequence[str], what: str, many: str) -> None:
    found, counts = np.unique(np.asarray(names), return_counts=True)
    if (counts > 1).any():
        name = found[counts > 1][0]
        raise ScoreDataError(
            f"{name} has {counts.max()} {many}, and it takes one",
            f"give each {what} a case of its own",
        )


def _check_both_sides(predicted: NDArray[np.str_], outcomes: NDArray[np.str_], what: str) -> None:
    _check_once([str(name) for name in outcomes], what, f"{what}s")
    lone = sorted(set(predicted.tolist()) - set(outcomes.tolist()))
    blind = sorted(set(outcomes.tolist()) - set(predicted.tolist()))
    if lone or blind:
        parts = []
        if lone:
            parts.append(f"{_some(lone)} without an outcome")
        if blind:
            parts.append(f"{_some(blind)} without a prediction")
        raise ScoreDataError(
            f"not every case stands on both sides: {'; '.join(parts)}",
            "give both for each case, or leave the case out of both; what was not found must be "
            "left out for a reason that has nothing to do with where it came down",
        )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(f"'{name}'" for name in names[:_NAMED]) + more


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{' lies' if count == 1 else 's lie'}"
