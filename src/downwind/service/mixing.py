"""The wind of a mission where several are named: each found as it is alone, then mixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from downwind.errors import ArgumentError
from downwind.plan.mission import Mission
from downwind.service.weather import LARGE_BYTES, find_reach, find_wind
from downwind.wind.cube import WindCube
from downwind.wind.members import check_weights
from downwind.wind.mix import mix_cubes, mixed_bytes
from downwind.wind.reach import read_reachable
from downwind.wind.window import Window


@dataclass(frozen=True, slots=True)
class WindChoice:
    """The winds that are named for a mission.

    Attributes
    ----------
    wind : tuple
        Files, or stored winds, joined into one wind; empty for the newest stored one.
    beside : tuple of tuple
        The same of each wind beside it.
    weights : tuple of float or None
        Weight of each wind, the first one's first; None where all weigh the same.
    """

    wind: tuple[str | Path, ...] = ()
    beside: tuple[tuple[str | Path, ...], ...] = ()
    weights: tuple[float, ...] | None = None

    @classmethod
    def of(
        cls,
        wind: Sequence[str | Path],
        beside: Sequence[Sequence[str | Path]],
        weights: Sequence[float] | None,
    ) -> WindChoice:
        """Return the choice that the arguments of a service name."""
        return cls(
            tuple(wind),
            tuple(tuple(one) for one in beside),
            None if weights is None else tuple(weights),
        )

    def check(self) -> None:
        """Raise ArgumentError if the weights do not fit the winds, before anything is read."""
        if self.weights is None:
            return
        count = 1 + len(self.beside)
        if not self.beside:
            raise ArgumentError(
                "weights are given for one wind", "name the others, each with --and-wind FILE"
            )
        if len(self.weights) != count:
            raise ArgumentError(
                f"{len(self.weights)} weights for {count} winds",
                "give one weight for each wind, that of --wind first: --weights 0.6,0.4",
            )
        named = (self.wind, *self.beside)
        names = [str(one[0]) if one else "the newest stored wind" for one in named]
        check_weights(self.weights, names)


def parse_weights(text: str) -> tuple[float, ...]:
    """Read weights such as ``0.6,0.4`` or ``60 %,40 %``.

    Parameters
    ----------
    text : str

    Raises
    ------
    ArgumentError
        If one is no number.
    """
    weights = []
    for part in text.split(","):
        number = part.strip()
        scale = 0.01 if number.endswith("%") else 1.0
        try:
            weights.append(scale * float(number.removesuffix("%")))
        except ValueError:
            raise ArgumentError(
                f"the weight '{number}' in '{text}' is no number",
                "write weights with commas between them, such as 0.6,0.4",
            ) from None
    return tuple(weights)


def find_chosen(
    mission: Mission, choice: WindChoice, *, as_stated: bool = False, also_s: Sequence[float] = ()
) -> WindCube:
    """Return the wind that a mission flies in: the one that is named, or the set of several.

    Parameters
    ----------
    mission : Mission
    choice : WindChoice
    as_stated, also_s
        As for ``find_wind``.

    Returns
    -------
    WindCube
        Of a set beyond `LARGE_BYTES` what the flights can reach.

    Raises
    ------
    DownwindError
        As for ``find_wind`` and ``mix_cubes``.
    """
    choice.check()
    cubes = [
        find_wind(mission, wind, as_stated=as_stated, also_s=also_s)
        for wind in (choice.wind, *choice.beside)
    ]
    if len(cubes) == 1:
        return cubes[0]
    gap_h = mission.wind.max_gap_hours
    if mixed_bytes(cubes) <= LARGE_BYTES:
        return mix_cubes(cubes, choice.weights, max_gap_hours=gap_h)
    from downwind.wind.store._crop import crop_dataset

    def read(window: Window) -> WindCube:
        parts = [WindCube(crop_dataset(cube.dataset, window)) for cube in cubes]
        return mix_cubes(parts, choice.weights, max_gap_hours=gap_h)

    return read_reachable(read, find_reach(mission, also_s))
