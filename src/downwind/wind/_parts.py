"""Of which sources the members of a wind are: a part for each, with its run and its weight."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class WindPart:
    """The members of one source in a wind.

    Attributes
    ----------
    source : str
        Its name, for people.
    nature : str
        As in the cube.
    reference_time_s : int or None
        Its forecast run [s since 1970].
    members : int
        How many there are.
    has_control : bool
        Whether the first one is the unperturbed member.
    weight : float
        Weight of all its members together; those of all parts add up to 1.
    files, digest : str
        As in the cube.
    """

    source: str
    nature: str
    reference_time_s: int | None
    members: int
    has_control: bool
    weight: float
    files: str
    digest: str


def write_parts(parts: Sequence[WindPart]) -> str:
    """Write parts as text for the attribute of a cube."""
    return json.dumps([asdict(part) for part in parts])


def read_parts(text: str) -> tuple[WindPart, ...]:
    """Return the parts of an attribute that `write_parts` wrote; none of an empty text."""
    return tuple(WindPart(**part) for part in json.loads(text or "[]"))


def member_weights(parts: Sequence[WindPart]) -> tuple[float, ...]:
    """Return the weight of each member, shared evenly within its part."""
    return tuple(part.weight / part.members for part in parts for _ in range(part.members))
