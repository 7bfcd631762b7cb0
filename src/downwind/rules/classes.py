"""The class of a balloon, and the clause that decided it.

A class is computed for the balloon as it is rigged; nothing here looks for another rigging. What is
not stated never makes a balloon lighter: a package whose smallest surface is not stated counts as
dense, and a suspension that is not stated leaves the class open.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from downwind.rules.asking import (
    Ask,
    BalloonClass,
    Point,
    exceeds,
    group_title,
    number,
    reaches,
)
from downwind.rules.facts import BalloonFacts, PackageFacts
from downwind.rules.findings import Level
from downwind.rules.records import Rule

FACE_KEY: Final = "balloon.rigging.smallest_face"
SUSPENSION_KEY: Final = "balloon.rigging.suspension"
GCM2_KGM2: Final = 10.0
"""One gram on a square centimetre [kg m-2]."""

Test = Callable[[float, float], bool]
Classifier = Callable[[BalloonFacts, Rule], BalloonClass]


def classify_by_mass(balloon: BalloonFacts, rule: Rule) -> BalloonClass:
    """Sort a balloon into ``light``, ``medium`` and ``heavy``.

    Parameters
    ----------
    balloon : BalloonFacts
    rule : Rule
        With the thresholds and the names of the clauses.

    Returns
    -------
    BalloonClass

    References
    ----------
    Regulation (EU) 923/2012 (SERA), appendix 2, 1.1, after ICAO Annex 2.
    """
    v = rule.values
    payload_kg = balloon.payload_kg
    payload = f"a payload of {number(payload_kg)} kg"
    reasons: list[str] = []
    missing: list[str] = []
    if reaches(payload_kg, v["heavy_kg"]):
        reasons.append(f"{v['clause_payload']}, {payload}: {number(v['heavy_kg'])} kg or more")
    reasons += _package(balloon, reaches, v["package_kg"], v["clause_package"], "or more")
    reasons += _dense(
        balloon, reaches, v["dense_kg"], v["density_kgm2"], v["clause_density"], missing
    )
    reasons += _suspension(balloon, reaches, v["suspension_n"], v["clause_suspension"], "or more")
    if reasons:
        return BalloonClass("heavy", "; ".join(reasons), tuple(missing))
    open_text, is_open = _open_suspension(balloon, v["suspension_n"], "or more", "heavy")
    not_stated = (SUSPENSION_KEY,) if is_open else ()
    if reaches(payload_kg, v["light_below_kg"]):
        packages = f"in {len(balloon.packages)} packages"
        limits = f"{number(v['light_below_kg'])} to less than {number(v['heavy_kg'])} kg"
        reason = f"{v['clause_medium']}, {payload} {packages}: {limits}"
        return BalloonClass("medium", reason + open_text, not_stated, is_open)
    reason = f"{v['clause_light']}, {payload}: less than {number(v['light_below_kg'])} kg"
    return BalloonClass("light", reason + open_text, not_stated, is_open)


def classify_by_weight_and_size(balloon: BalloonFacts, rule: Rule) -> BalloonClass:
    """Sort a balloon into ``subject`` to a part of the law and ``exempt`` from it.

    Parameters
    ----------
    balloon : BalloonFacts
    rule : Rule
        With the thresholds and the names of the clauses. All are passed, not reached.

    Returns
    -------
    BalloonClass

    References
    ----------
    14 CFR 101.1(a)(4).
    """
    v = rule.values
    payload_kg = balloon.payload_kg
    reasons: list[str] = []
    missing: list[str] = []
    reasons += _dense(
        balloon, exceeds, v["dense_kg"], v["density_kgm2"], v["clause_density"], missing
    )
    reasons += _package(balloon, exceeds, v["package_kg"], v["clause_package"], "is the most")
    if len(balloon.packages) > 1 and exceeds(payload_kg, v["payload_kg"]):
        reasons.append(
            f"{v['clause_payload']}, a payload of {number(payload_kg)} kg in "
            f"{len(balloon.packages)} packages: {number(v['payload_kg'])} kg is the most"
        )
    reasons += _suspension(
        balloon, exceeds, v["suspension_n"], v["clause_suspension"], "is the most"
    )
    if reasons:
        return BalloonClass("subject", "; ".join(reasons), tuple(missing))
    open_text, is_open = _open_suspension(balloon, v["suspension_n"], "is passed", "subject to it")
    text = f"no clause is met, a payload of {number(payload_kg)} kg{open_text}"
    return BalloonClass("exempt", text, (SUSPENSION_KEY,) if is_open else (), is_open)


def ask_class(ask: Ask) -> list[Point]:
    """Say the class of each balloon, and stop where what is not stated could change it."""
    points = []
    for balloon in ask.facts.balloons:
        found = ask.classes[ask.rule.name][balloon.name]
        subject = group_title(balloon)
        if found.is_open:
            text = f"{found.name} as far as it is stated: {found.reason}"
            todo = f"state {' and '.join(found.not_stated)}"
            points.append(Point(Level.STOP, subject, text, todo))
            continue
        more = ""
        if found.not_stated:
            more = f"; {' and '.join(found.not_stated)} is not stated, which counts against it"
        points.append(Point(Level.NOTE, subject, f"{found.name} by {found.reason}{more}"))
    return points


def _package(
    balloon: BalloonFacts, test: Test, limit_kg: float, clause: str, word: str
) -> list[str]:
    heaviest = max((p.mass_kg for p in balloon.packages), default=0.0)
    if not test(heaviest, limit_kg):
        return []
    return [f"{clause}, a package of {number(heaviest)} kg: {number(limit_kg)} kg {word}"]


def _dense(
    balloon: BalloonFacts,
    test: Test,
    limit_kg: float,
    limit_kgm2: float,
    clause: str,
    missing: list[str],
) -> list[str]:
    limit = f"{number(limit_kgm2 / GCM2_KGM2)} g/cm2"
    unknown: PackageFacts | None = None
    for package in balloon.packages:
        if not test(package.mass_kg, limit_kg):
            continue
        density = package.area_density_gcm2
        if density is None:
            unknown = package
        elif exceeds(density * GCM2_KGM2, limit_kgm2):
            return [
                f"{clause}, a package of {number(package.mass_kg)} kg with {number(density)} g/cm2 "
                f"on its smallest surface: more than {limit}"
            ]
    if unknown is None:
        return []
    missing.append(FACE_KEY)
    return [
        f"{clause}, a package of {number(unknown.mass_kg)} kg whose smallest surface is not stated "
        f"and counts as more than {limit}"
    ]


def _suspension(
    balloon: BalloonFacts, test: Test, limit_n: float, clause: str, word: str
) -> list[str]:
    force = balloon.suspension_n
    if force is None or not balloon.packages or not test(force, limit_n):
        return []
    return [f"{clause}, a suspension that takes {number(force)} N: {number(limit_n)} N {word}"]


def _open_suspension(
    balloon: BalloonFacts, limit_n: float, word: str, other: str
) -> tuple[str, bool]:
    if balloon.suspension_n is not None or not balloon.packages:
        return "", False
    text = f"; the force that parts the suspension is not stated: {number(limit_n)} N {word}"
    return f"{text}, it is {other}", True


CLASSIFIERS: Final[dict[str, tuple[Classifier, tuple[str, ...]]]] = {
    "class-by-mass": (classify_by_mass, ("light", "medium", "heavy")),
    "class-by-weight-and-size": (classify_by_weight_and_size, ("subject", "exempt")),
}
"""Checks that sort balloons, with the names of their classes."""
