"""Own observation of the wind, reduced to a `Profile` with its error."""

from downwind.wind.observation._fit import FloatArray
from downwind.wind.observation._station import Station
from downwind.wind.observation.files import read_observation, recognise_observation
from downwind.wind.observation.theodolite import (
    Base,
    ascent_rate_ms,
    intersect_sights,
    reduce_double,
    reduce_single,
)
from downwind.wind.observation.track import Fixes, reduce_track

__all__ = [
    "Base",
    "Fixes",
    "FloatArray",
    "Station",
    "ascent_rate_ms",
    "intersect_sights",
    "read_observation",
    "recognise_observation",
    "reduce_double",
    "reduce_single",
    "reduce_track",
]
