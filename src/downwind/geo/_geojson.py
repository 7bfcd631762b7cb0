"""Read polygons from GeoJSON, and say where in the file a fault is."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from downwind.errors import RegionError
from downwind.geo._rings import build_polygon, make_polygonal, unwrap_polygon

_HINT = "a region is a GeoJSON Polygon or MultiPolygon in longitude and latitude (WGS 84)"
_HINT_PROJECTED = "export it again in longitude and latitude (WGS 84, EPSG:4326)"
_PLAIN_CRS = ("crs84", "4326", "4979")


def read_geojson(path: Path) -> tuple[BaseGeometry, str | None]:
    """Return the polygons of a file as one geometry, and the name of its only feature.

    Parameters
    ----------
    path : Path
        A FeatureCollection, a Feature, or a geometry.

    Returns
    -------
    geometry : Polygon or MultiPolygon
        Valid, longitudes within -180 to 180 [deg].
    name : str or None
        The property ``name`` where the file holds a single feature that has one.

    Raises
    ------
    RegionError
        If the file cannot be read, or holds anything but sound polygons.
    """
    document = _load_document(path)
    _check_reference_system(path, document)
    kind = document.get("type")
    names: list[Any] = []
    polygons: list[BaseGeometry] = []
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list) or not features:
            raise _fault(path, "features", "holds no feature")
        for number, feature in enumerate(features):
            names.append(_read_feature(path, f"features[{number}]", feature, polygons))
    elif kind == "Feature":
        names.append(_read_feature(path, "", document, polygons))
    else:
        _read_geometry(path, "", document, polygons)
    whole = polygons[0] if len(polygons) == 1 else shapely.union_all(polygons)
    name = names[0] if len(names) == 1 and isinstance(names[0], str) and names[0] else None
    return make_polygonal(whole), name


def _load_document(path: Path) -> dict[str, Any]:
    """Read a file as one JSON object."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise RegionError(f"{path} cannot be read: {reason}", hint=_HINT) from error
    if not text.strip():
        raise RegionError(f"{path} is empty", hint=_HINT)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RegionError(f"{path} is not JSON: {error}", hint=_HINT) from error
    if not isinstance(document, dict):
        raise RegionError(f"{path} is JSON, but not GeoJSON", hint=_HINT)
    return document


def _check_reference_system(path: Path, document: dict[str, Any]) -> None:
    """Refuse coordinates that the file itself says are not longitude and latitude."""
    crs = document.get("crs")
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    named = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(named, str) or not named.lower().endswith(_PLAIN_CRS):
        raise RegionError(
            f"{path}: crs: the coordinates are in {named or 'an unnamed system'}",
            hint=_HINT_PROJECTED,
        )


def _read_feature(path: Path, place: str, feature: Any, polygons: list[BaseGeometry]) -> Any:
    """Add the polygons of a feature to a list; return its name, if it has one."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _fault(path, place, "is not a Feature")
    _read_geometry(path, _join(place, "geometry"), feature.get("geometry"), polygons)
    properties = feature.get("properties")
    return properties.get("name") if isinstance(properties, dict) else None


def _read_geometry(path: Path, place: str, geometry: Any, polygons: list[BaseGeometry]) -> None:
    """Add the polygons of a geometry to a list."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        what = f"is a {kind}" if isinstance(kind, str) else "is no geometry"
        raise _fault(path, place, f"{what}, not a Polygon or a MultiPolygon")
    inside = _join(place, "coordinates")
    coordinates = geometry.get("coordinates")
    if not isinstance(coordinates, list) or not coordinates:
        raise _fault(path, inside, "is empty")
    if kind == "Polygon":
        polygons.append(_read_polygon(path, inside, coordinates))
        return
    for number, rings in enumerate(coordinates):
        polygons.append(_read_polygon(path, f"{inside}[{number}]", rings))


def _read_polygon(path: Path, place: str, rings: Any) -> BaseGeometry:
    """Return a sound polygon from its outline and its holes."""
    if not isinstance(rings, list) or not rings:
        raise _fault(path, place, "has no outline")
    lines = [_read_ring(path, f"{place}[{number}]", ring) for number, ring in enumerate(rings)]
    unwrapped: Polygon = unwrap_polygon(lines[0], lines[1:])
    if not unwrapped.is_valid:
        raise _fault(
            path,
            place,
            f"the outline is not sound: {explain_validity(unwrapped)}",
            "mend it at that longitude and latitude: an outline may not cross itself, and holes "
            "lie inside it",
        )
    return build_polygon(lines[0], lines[1:])


def _read_ring(path: Path, place: str, ring: Any) -> NDArray[np.float64]:
    """Return a closed line, shape (n, 2) [deg]."""
    if not isinstance(ring, list) or len(ring) < 4:
        raise _fault(path, place, "an outline has at least four points, the last as the first")
    points = np.array(
        [_read_position(path, f"{place}[{number}]", point) for number, point in enumerate(ring)]
    )
    steps = np.abs(np.diff(points[:, 0]))
    unclear = ((steps > 180.0) & (steps < 270.0)) | (steps == 360.0)
    if unclear.any():
        number = int(np.argmax(unclear))
        raise _fault(
            path,
            f"{place}[{number}]",
            f"the side from here spans {steps[number]:g} degrees of longitude",
            "add points along it, or cut the polygon at the antimeridian",
        )
    # a ring round the globe may end where it began, a whole turn on
    if points[0, 1] != points[-1, 1] or (points[-1, 0] - points[0, 0]) % 360.0 != 0.0:
        raise _fault(path, place, "the outline is not closed: its last point is not its first")
    points[-1] = points[0]
    return points


def _read_position(path: Path, place: str, position: Any) -> tuple[float, float]:
    """Return longitude and latitude [deg]; a height that follows is left out."""
    if (
        not isinstance(position, list)
        or len(position) < 2
        or not all(_is_number(value) for value in position[:2])
    ):
        raise _fault(path, place, "is not a longitude and a latitude")
    longitude, latitude = float(position[0]), float(position[1])
    if abs(longitude) > 1000.0 or abs(latitude) > 1000.0:
        raise _fault(
            path,
            place,
            f"({longitude:g}, {latitude:g}) is not in degrees: these are projected coordinates",
            _HINT_PROJECTED,
        )
    if not -180.0 <= longitude <= 360.0:
        raise _fault(path, place, f"longitude {longitude:g} is not within -180 to 360")
    if abs(latitude) > 90.0:
        raise _fault(path, place, f"latitude {latitude:g} is not within -90 to 90")
    return longitude, latitude


def _is_number(value: Any) -> bool:
    """Tell whether a JSON value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _join(place: str, member: str) -> str:
    """Write the place of a member."""
    return f"{place}.{member}" if place else member


def _fault(path: Path, place: str, what: str, hint: str = _HINT) -> RegionError:
    """Return an error that names the file and the place in it."""
    return RegionError(f"{path}: {place + ': ' if place else ''}{what}", hint=hint)
