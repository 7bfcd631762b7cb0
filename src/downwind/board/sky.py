"""Sun and moon over a site at a launch."""

from __future__ import annotations

from downwind.board.result import Sky
from downwind.geo.moon import moon_elevation_deg, moon_lit_fraction
from downwind.geo.sun import sun_elevation_deg
from downwind.plan.launch_window import Darkness, LaunchWindow
from downwind.plan.mission import Site

_NIGHT = LaunchWindow(Darkness.NIGHT)


def find_sky(site: Site, start_s: float, span_s: float) -> Sky:
    """Find sun and moon at the first launch, and whether all launches are by night.

    Parameters
    ----------
    site : Site
    start_s : float
        First launch [epoch s].
    span_s : float
        From the first launch to the last [s].
    """
    place = (site.latitude, site.longitude)
    return Sky(
        sun_deg=sun_elevation_deg(start_s, *place),
        is_night=_NIGHT.holds(start_s, span_s, *place, site.time_zone),
        moon_lit=moon_lit_fraction(start_s),
        moon_deg=moon_elevation_deg(start_s, *place),
    )
