"""Rings that cross the antimeridian or go round a pole, made into plain polygons.

A ring is a closed line of longitudes and latitudes. It is first unwrapped: each step goes the short
way round the globe, so that longitudes run on past 180 degrees. Then it is cut at the antimeridian
and every piece is moved back, so that stored longitudes lie within -180 to 180 degrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, reduce

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

Ring = NDArray[np.float64]
"""Longitude and latitude [deg] of the points of a closed line, shape (n, 2), first = last."""


def crosses_antimeridian(ring: Ring) -> bool:
    """Tell whether a ring has a step of more than 180 degrees, or runs outside -180 to 180."""
    longitude = ring[:, 0]
    return bool(
        (np.abs(np.diff(longitude)) > 180.0).any()
        or longitude.min() < -180.0
        or longitude.max() > 180.0
    )


def goes_round_pole(ring: Ring) -> bool:
    """Tell whether a ring, each step taken the short way, ends a whole turn from its start."""
    return bool(np.round(np.diff(ring[:, 0]) / 360.0).sum() != 0.0)


def unwrap_ring(ring: Ring) -> Ring:
    """Let every step go the short way round, and close a ring that goes round a pole.

    Parameters
    ----------
    ring : ndarray, shape (n, 2)
        Longitude and latitude [deg], closed.

    Returns
    -------
    ndarray, shape (m, 2)
        The same ring, continuous in longitude. A ring round a pole is led along the pole, on the
        side of the equator where most of it lies.
    """
    # whole turns are counted apart, so that a point that stays where it is keeps every bit
    turn = np.concatenate([[0.0], -np.cumsum(np.round(np.diff(ring[:, 0]) / 360.0))])
    unwrapped = np.column_stack([ring[:, 0] + 360.0 * turn, ring[:, 1]])
    turns = turn[-1]
    if turns == 0:
        return unwrapped
    start = _find_meridian_cut(unwrapped)
    # begin at the antimeridian, so that the way along the pole is not cut a second time
    whole_turn = np.array([360.0 * turns, 0.0])
    turned = np.concatenate([unwrapped[start:-1], unwrapped[: start + 1] + whole_turn])
    pole = 90.0 if ring[:, 1].mean() > 0.0 else -90.0
    along_pole = [[turned[-1, 0], pole], [turned[0, 0], pole], turned[0]]
    return np.concatenate([turned, along_pole])


def _find_meridian_cut(unwrapped: Ring) -> int:
    """Return the index of the point that lies nearest to the antimeridian."""
    return int(np.argmin(np.abs(np.abs(shift_longitude(unwrapped[:-1, 0])) - 180.0)))


def shift_longitude(longitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring longitudes [deg], any shape, into [-180, 180)."""
    return (longitude + 180.0) % 360.0 - 180.0


def build_polygon(shell: Ring, holes: Sequence[Ring] = ()) -> BaseGeometry:
    """Build a polygon or, where it crosses the antimeridian, the pieces of it.

    Parameters
    ----------
    shell, holes : ndarray, shape (n, 2)
        Closed rings, longitude and latitude [deg], either -180 to 180 or 0 to 360.

    Returns
    -------
    Polygon or MultiPolygon
        Longitudes within -180 to 180.
    """
    if holes and any(goes_round_pole(hole) for hole in holes):
        # what lies between two rings round a pole: in one of the two caps, and not in the other
        caps = [build_polygon(ring) for ring in (shell, *holes)]
        return make_polygonal(reduce(shapely.symmetric_difference, caps))
    whole = unwrap_polygon(shell, holes)
    west, _, east, _ = whole.bounds
    if west >= -180.0 and east <= 180.0:
        return make_polygonal(whole)
    return split_at_antimeridian(make_polygonal(whole))


def unwrap_polygon(shell: Ring, holes: Sequence[Ring] = ()) -> Polygon:
    """Build one polygon that may run on past 180 degrees, its holes moved to where it is."""
    outer = unwrap_ring(shell)
    west, east = outer[:, 0].min(), outer[:, 0].max()
    inner = []
    for hole in holes:
        ring = unwrap_ring(hole)
        centre = 0.5 * (ring[:, 0].min() + ring[:, 0].max())
        ring[:, 0] += 360.0 * np.round((0.5 * (west + east) - centre) / 360.0)
        inner.append(ring)
    return Polygon(outer, inner)


def split_at_antimeridian(geometry: BaseGeometry) -> BaseGeometry:
    """Cut a valid polygon at every odd multiple of 180 degrees and move its pieces back."""
    west, _, east, _ = geometry.bounds
    pieces: list[Polygon] = []
    for turn in range(int(np.floor((west + 180.0) / 360.0)), int(np.ceil((east + 180.0) / 360.0))):
        window = shapely.box(360.0 * turn - 180.0, -90.0, 360.0 * turn + 180.0, 90.0)
        piece = shapely.intersection(geometry, window)
        moved = shapely.transform(piece, partial(_move_back, turn=turn))
        pieces.extend(shapely.get_parts(make_polygonal(moved)))
    return pieces[0] if len(pieces) == 1 else make_polygonal(MultiPolygon(pieces))


def _move_back(points: NDArray[np.float64], turn: int) -> NDArray[np.float64]:
    """Move points, shape (n, 2), by whole turns into -180 to 180 degrees."""
    # moving rounds, and must not leave a point beyond 180
    longitude = np.clip(points[:, 0] - 360.0 * turn, -180.0, 180.0)
    return np.column_stack([longitude, points[:, 1]])


def make_polygonal(geometry: BaseGeometry) -> BaseGeometry:
    """Make a geometry valid and keep what has an area."""
    if not geometry.is_valid:
        geometry = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    if isinstance(geometry, Polygon | MultiPolygon):
        return geometry
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return MultiPolygon(list(parts[shapely.get_dimensions(parts) == 2]))
