"""The identity of a run: what it was made from, so that anyone can make it again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from downwind.times import stamp_now
from downwind.version import VERSION


@dataclass(frozen=True, slots=True)
class Run:
    """What a result was made from.

    Attributes
    ----------
    version : str
    mission_digest, wind_digest : str
        sha256 of the mission with its regions, and of the wind files.
    seed, draws : int
    created : str
        When, as UTC text; SOURCE_DATE_EPOCH takes the clock's place where it is set.
    """

    version: str
    mission_digest: str
    wind_digest: str
    seed: int
    draws: int
    created: str

    @property
    def digest(self) -> str:
        """One sha256 for the run; the clock is no part of it."""
        parts = (self.version, self.mission_digest, self.wind_digest, self.seed, self.draws)
        return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()


def identify_run(mission_digest: str, wind_digest: str, seed: int, draws: int) -> Run:
    """Make the identity of a run of this version, stamped now."""
    return Run(VERSION, mission_digest, wind_digest, seed, draws, stamp_now())
