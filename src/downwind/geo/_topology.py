"""Decode TopoJSON: lines shared by neighbours, stored once, as whole steps on a grid.

A topology holds arcs (lines of integer steps) and objects whose rings name arcs by number; a
negative number ``~i`` is arc ``i`` backwards. All arcs are decoded at once, and a ring is a gather
over one array of points.
"""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from downwind.geo._rings import build_polygon, make_polygonal


class Topology:
    """The arcs of one TopoJSON file, and the geometries that they make up.

    Parameters
    ----------
    path : Path
        A TopoJSON file with quantised arcs.
    """

    def __init__(self, path: Path) -> None:
        document = json.loads(path.read_bytes())
        self._objects: dict[str, Any] = document["objects"]
        self._points, self._starts = _decode_arcs(document["arcs"], document["transform"])

    def read_members(self, name: str) -> list[dict[str, Any]]:
        """Return the members of an object as they stand in the file, without their shapes."""
        members: list[dict[str, Any]] = self._objects[name]["geometries"]
        return members

    def build_geometries(self, name: str) -> list[BaseGeometry]:
        """Build the valid Polygon or MultiPolygon of every member of an object."""
        members = self.read_members(name)
        polygons: list[list[list[int]]] = []
        owner: list[int] = []
        for number, member in enumerate(members):
            of_member = [member["arcs"]] if member["type"] == "Polygon" else member["arcs"]
            polygons.extend(of_member)
            owner.extend([number] * len(of_member))
        parts, part_owner = self._build_polygons(polygons, np.asarray(owner))
        return _collect_parts(parts, part_owner, len(members))

    def _build_polygons(
        self, polygons: list[list[list[int]]], owner: NDArray[np.int64]
    ) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
        """Build all polygons, shape (n,), and the number of the member that each belongs to."""
        rings = list(chain.from_iterable(polygons))
        ring_polygon = np.repeat(np.arange(len(polygons)), [len(p) for p in polygons])
        points, ring_of_point = self._gather_rings(rings)
        counts = np.bincount(ring_of_point, minlength=len(rings))
        offsets = np.concatenate([[0], np.cumsum(counts)])

        special = _find_special_polygons(points, ring_of_point, ring_polygon)
        plain = ~special[ring_polygon] & (counts >= 4)
        kept = plain[ring_of_point]
        lines = _as_array(shapely.linearrings(points[kept], indices=_renumber(ring_of_point[kept])))
        simple = _as_array(shapely.polygons(lines, indices=_renumber(ring_polygon[plain])))
        simple_owner = owner[np.unique(ring_polygon[plain])]
        invalid = ~shapely.is_valid(simple)
        simple[invalid] = [make_polygonal(geometry) for geometry in simple[invalid]]

        cut = []
        for number in np.flatnonzero(special):
            own = [
                points[offsets[r] : offsets[r + 1]]
                for r in np.flatnonzero(ring_polygon == number)
                if counts[r] >= 4
            ]
            cut.append(build_polygon(own[0], own[1:]))
        parts = np.concatenate([simple, np.array(cut, dtype=object)])
        return parts, np.concatenate([simple_owner, owner[special]])

    def _gather_rings(
        self, rings: list[list[int]]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Join arcs to rings: the points, shape (n, 2) [deg], and the ring of each, shape (n,)."""
        arcs = np.fromiter(chain.from_iterable(rings), dtype=np.int64)
        in_ring = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
        first_of_ring = np.concatenate([[True], in_ring[1:] != in_ring[:-1]])
        reverse = arcs < 0
        arc = np.where(reverse, ~arcs, arcs)
        begin, end = self._starts[arc], self._starts[arc + 1]
        # an arc begins where the one before it ended: that point is taken once
        length = end - begin - ~first_of_ring
        head = np.where(reverse, end - 1, begin) + np.where(reverse, -1, 1) * ~first_of_ring
        step = np.where(reverse, -1, 1)
        before = np.cumsum(length) - length
        position = np.arange(length.sum()) - np.repeat(before, length)
        index = np.repeat(head, length) + np.repeat(step, length) * position
        return self._points[index], np.repeat(in_ring, length)


def _decode_arcs(
    arcs: list[list[list[int]]], transform: dict[str, list[float]]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Turn steps into degrees: the points of all arcs, shape (n, 2), and where each arc begins."""
    counts = np.fromiter(map(len, arcs), dtype=np.int64, count=len(arcs))
    starts = np.concatenate([[0], np.cumsum(counts)])
    flat = chain.from_iterable(chain.from_iterable(arcs))
    steps = np.fromiter(flat, dtype=np.int64, count=2 * int(counts.sum())).reshape(-1, 2)
    total = np.cumsum(steps, axis=0)
    before = total[starts[:-1]] - steps[starts[:-1]]
    grid = total - np.repeat(before, counts, axis=0)
    points = grid * np.asarray(transform["scale"]) + np.asarray(transform["translate"])
    np.clip(points[:, 0], -180.0, 180.0, out=points[:, 0])
    return points, starts


def _find_special_polygons(
    points: NDArray[np.float64], ring_of_point: NDArray[np.int64], ring_polygon: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Mark the polygons, shape (n,), with a ring that crosses the antimeridian."""
    special = np.zeros(int(ring_polygon[-1]) + 1, dtype=bool)
    same_ring = ring_of_point[1:] == ring_of_point[:-1]
    leap = (np.abs(np.diff(points[:, 0])) > 180.0) & same_ring
    special[ring_polygon[ring_of_point[1:][leap]]] = True
    return special


def _renumber(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number sorted labels 0, 1, 2, ... without gaps."""
    return np.concatenate([[0], np.cumsum(np.diff(labels) != 0)])


def _collect_parts(
    parts: NDArray[np.object_], owner: NDArray[np.int64], count: int
) -> list[BaseGeometry]:
    """Put the polygons of each member together, and merge those of one member that share a side."""
    collected: list[BaseGeometry] = []
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(count + 1))
    for number in range(count):
        own = parts[order[bounds[number] : bounds[number + 1]]]
        if len(own) == 1:
            collected.append(own[0])
            continue
        pieces = shapely.get_parts(own)
        whole = MultiPolygon(list(pieces))
        collected.append(whole if whole.is_valid else _merge_neighbours(pieces))
    return collected


def _merge_neighbours(pieces: NDArray[np.object_]) -> BaseGeometry:
    """Merge those of many valid polygons, shape (n,), that meet; leave the others as they are."""
    # the longer of two outlines comes first, where the prepared one is expected
    pieces = pieces[np.argsort(-shapely.get_num_coordinates(pieces), kind="stable")]
    shapely.prepare(pieces)
    first, second = shapely.STRtree(pieces).query(pieces)
    pairs = first < second
    first, second = first[pairs], second[pairs]
    meet = shapely.intersects(pieces[first], pieces[second])
    met = np.unique(np.concatenate([first[meet], second[meet]]))
    merged = shapely.get_parts(shapely.union_all(pieces[met]))
    return MultiPolygon([*np.delete(pieces, met), *merged])


def _as_array(geometries: object) -> NDArray[np.object_]:
    """Return geometries as an array, shape (n,)."""
    return np.atleast_1d(np.asarray(geometries, dtype=object))
