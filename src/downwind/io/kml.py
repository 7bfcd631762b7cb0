"""``flight.kml``: site, sample tracks, releases and contours for Google Earth (KML 2.2)."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from shapely.geometry import Polygon

from downwind import atmosphere
from downwind.io._parts import cut_for_map, iter_tracks
from downwind.plan.caption import caption_lines, warning_lines
from downwind.plan.result import GroupResult, PlanResult
from downwind.times import format_minute, format_utc

TRACKS: Final = 20
"""Sample tracks of each group: its first draws."""

_NAMESPACE: Final = "http://www.opengis.net/kml/2.2"
_LINE_COLOURS: Final = ("ffb27200", "ff009fe6", "ff739e00", "ffa779cc")  # aabbggrr
_CONTOUR_COLOUR: Final = "00559e"
_MOST_OPAQUE: Final = 0x80


def write_flight_kml(result: PlanResult, path: Path) -> None:
    """Write a result as KML.

    Tracks and releases stand at their geometric altitudes above the sea; contours lie on the
    ground. The description of the document says all that a card warns of.
    """
    root = ET.Element("kml", xmlns=_NAMESPACE)
    document = ET.SubElement(root, "Document")
    _add_text(document, "name", result.mission.name)
    _add_text(
        document,
        "description",
        "\n".join(
            [result.verdict, *warning_lines(result), "Altitudes in metres above mean sea level."]
        ),
    )
    _add_styles(document, len(result.groups), result.mission.report.contours)
    _add_site(document, result)
    for index, group in enumerate(result.groups):
        _add_flights(document, group, index)
    _add_contours(document, result)
    ET.indent(root)
    path.write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def _add_text(parent: ET.Element, tag: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, tag)
    element.text = text
    return element


def _add_placemark(parent: ET.Element, name: str, style: str, text: str = "") -> ET.Element:
    placemark = ET.SubElement(parent, "Placemark")
    _add_text(placemark, "name", name)
    if text:
        _add_text(placemark, "description", text)
    _add_text(placemark, "styleUrl", f"#{style}")
    return placemark


def _add_folder(parent: ET.Element, name: str) -> ET.Element:
    folder = ET.SubElement(parent, "Folder")
    _add_text(folder, "name", name)
    return folder


def _add_styles(document: ET.Element, groups: int, levels: tuple[float, ...]) -> None:
    site = ET.SubElement(document, "Style", id="site")
    _add_text(ET.SubElement(site, "IconStyle"), "scale", "1.1")
    for index in range(groups):
        colour = _LINE_COLOURS[index % len(_LINE_COLOURS)]
        style = ET.SubElement(document, "Style", id=f"group-{index}")
        icon = ET.SubElement(style, "IconStyle")
        _add_text(icon, "color", colour)
        _add_text(icon, "scale", "0.5")
        _add_text(ET.SubElement(style, "LabelStyle"), "scale", "0")
        line = ET.SubElement(style, "LineStyle")
        _add_text(line, "color", colour)
        _add_text(line, "width", "1.5")
    for index, level in enumerate(sorted(levels)):
        style = ET.SubElement(document, "Style", id=_contour_style(level))
        line = ET.SubElement(style, "LineStyle")
        _add_text(line, "color", "ff" + _CONTOUR_COLOUR)
        _add_text(line, "width", "2")
        opacity = f"{_MOST_OPAQUE >> index:02x}"  # the wider, the fainter
        _add_text(ET.SubElement(style, "PolyStyle"), "color", opacity + _CONTOUR_COLOUR)


def _contour_style(level: float) -> str:
    """Return the name of the style of an area: ``contour-50``, ``contour-99.5``."""
    return f"contour-{100 * level:g}"


def _add_site(document: ET.Element, result: PlanResult) -> None:
    site = result.site
    launch = format_minute(result.start_s, site.time_zone)
    placemark = _add_placemark(document, site.name, "site", f"First launch {launch}")
    point = ET.SubElement(placemark, "Point")
    _add_text(point, "coordinates", f"{site.longitude:.6f},{site.latitude:.6f}")


def _add_flights(document: ET.Element, found: GroupResult, index: int) -> None:
    """Add the tracks and releases of a group's first draws."""
    folder = _add_folder(document, found.group.name)
    tracks = _add_folder(folder, "tracks")
    flights = found.envelope.flights
    for track in iter_tracks(found.envelope, TRACKS):
        place = _add_placemark(
            tracks,
            f"{found.group.name}, draw {track.draw}",
            f"group-{index}",
            f"{format_utc(track.time_s[0])} to {format_utc(track.time_s[-1])}; highest "
            f"{track.altitude_m.max():.0f} m",
        )
        line = ET.SubElement(place, "LineString")
        _add_text(line, "altitudeMode", "absolute")
        rows = zip(track.longitude, track.latitude, track.altitude_m, strict=True)
        _add_text(line, "coordinates", " ".join(f"{x:.6f},{y:.6f},{z:.1f}" for x, y, z in rows))
    releases = _add_folder(folder, "releases")
    several = len(found.group.releases) > 1
    for draw, r in np.argwhere(flights.released[:TRACKS]):
        altitude = float(atmosphere.geometric_altitude(flights.release_height_m[draw, r]))
        place = _add_placemark(
            releases,
            f"{found.group.name}, draw {draw}: release" + (f" {r + 1}" if several else ""),
            f"group-{index}",
            f"{format_utc(flights.release_time_s[draw, r])} at {altitude:.0f} m",
        )
        point = ET.SubElement(place, "Point")
        _add_text(point, "altitudeMode", "absolute")
        longitude = flights.release_longitude[draw, r]
        latitude = flights.release_latitude[draw, r]
        _add_text(point, "coordinates", f"{longitude:.6f},{latitude:.6f},{altitude:.1f}")


def _add_contours(document: ET.Element, result: PlanResult) -> None:
    for kind in result.kinds:
        if kind.density is None:
            continue
        folder = _add_folder(document, f"{kind.kind.title}: landings")
        for level, geometry in sorted(kind.density.contours.items(), reverse=True):
            place = _add_placemark(
                folder,
                f"{100 * level:g} % of landings",
                _contour_style(level),
                "\n".join(caption_lines(result, names_store=False)),
            )
            several = ET.SubElement(place, "MultiGeometry")
            for part in shapely.get_parts(cut_for_map(geometry)):
                _add_polygon(several, part)


def _add_polygon(parent: ET.Element, polygon: Polygon) -> None:
    element = ET.SubElement(parent, "Polygon")
    _add_text(element, "altitudeMode", "clampToGround")
    for tag, rings in (
        ("outerBoundaryIs", [polygon.exterior]),
        ("innerBoundaryIs", polygon.interiors),
    ):
        for ring in rings:
            line = ET.SubElement(ET.SubElement(element, tag), "LinearRing")
            _add_text(line, "coordinates", " ".join(f"{x:.6f},{y:.6f}" for x, y in ring.coords))
