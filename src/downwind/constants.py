"""Physical constants, each with its source. SI units, the unit in the name."""

from typing import Final

EARTH_RADIUS_M: Final = 6_371_000.0
"""Radius of the sphere on which things move horizontally [m]."""

GEOPOTENTIAL_RADIUS_M: Final = 6_356_766.0
"""Earth radius of the standard atmosphere's height conversion [m] (ICAO Doc 7488)."""

GRAVITY_MS2: Final = 9.80665
"""Standard gravity [m s-2]."""

R_AIR: Final = 287.05287
"""Specific gas constant of dry air [J kg-1 K-1] (ICAO Doc 7488)."""

R_UNIVERSAL: Final = 8.314462618
"""Molar gas constant [J mol-1 K-1] (CODATA)."""

MOLAR_MASS_AIR: Final = 28.9644
"""Molar mass of dry air [g mol-1] (ICAO Doc 7488)."""

SUTHERLAND_PAS: Final = 1.458e-6
"""Coefficient of Sutherland's law of viscosity [Pa s K-1/2] (ICAO Doc 7488)."""

SUTHERLAND_K: Final = 110.4
"""Temperature of Sutherland's law of viscosity [K] (ICAO Doc 7488)."""

RHO0: Final = 1.2250
"""Air density of the standard atmosphere at sea level [kg m-3], the rho0 of every fall law."""

IMPACT_LIMIT_J: Final = 14.9
"""Impact energy above which an item is stopped: 11 ft-lb (14 CFR Part 107, category 2)."""

PARACHUTE_DRAG: Final = (0.75, 0.6, 1.0)
"""Drag coefficient of a round parachute on pi d^2 / 4: median, 5 and 95 % point; an assumption."""
