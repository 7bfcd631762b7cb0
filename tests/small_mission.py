"""A small mission in the demonstration's wind, for tests that need a whole result in seconds."""

from __future__ import annotations

from typing import Any

SMALL: dict[str, Any] = {
    "mission": {"name": "small", "seed": 11, "draws": 40},
    "site": [
        {"name": "Ganghwa", "latitude": 37.75, "longitude": 126.49, "time_zone": "Asia/Seoul"}
    ],
    "launch": {"times": ["2015-04-03T18:00Z"], "spacing": "30 s"},
    "balloon": [
        {
            "name": "discs",
            "count": 6,
            "vehicle": "film-7m",
            "gas": "helium",
            "free_lift": "10 %",
            "timer": "quartz",
            "timer_setting": "50 min",
            "load": [{"item": "dvd", "count": 2_600}],
        },
        {
            "name": "leaflets",
            "count": 3,
            "vehicle": "film-7m",
            "gas": "helium",
            "free_lift": "10 %",
            "timer": "quartz",
            "timer_setting": "40 min",
            "load": [{"item": "leaflet-film-12x5", "count": 60_000}],
        },
    ],
    "target": {"country": "North Korea"},
    "home": {"country": "South Korea"},
    "limits": {"falling_short": "5 %", "third_country": "1 %"},
    "terrain": {"constant_m": 0},
    "search": {"timer_from": "20 min", "timer_until": "90 min", "timer_step": "10 min"},
}
