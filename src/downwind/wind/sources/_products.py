"""Whether a GRIB message is a state of the air, or a statistic of many that bears the same name.

The spread of an ensemble, a percentile and the error of an analysis are winds by name and unit,
and no wind to fly in. The mean of an ensemble is one, smoother than any of its members, and said
so.

References
----------
WMO Manual on Codes, FM 92 GRIB edition 2, code tables 4.0 (product templates), 4.3 (generating
process) and 4.7 (derived forecast). ECMWF, MARS keywords: type.
"""

from __future__ import annotations

from typing import Final

from downwind.wind.sources._eccodes import Message

MEAN_WARNING: Final = (
    "the wind is the mean of an ensemble: smoother, and as a rule slower, than that of any member"
)

MEAN: Final = " ensemble mean"
"""What the name of a source ends in whose wind is the mean of an ensemble."""

_MEANS: Final = ("0", "1")
"""Derived forecasts that are a mean of all members: unweighted and weighted."""

_TEMPLATES: Final = {
    "3": "a cluster of an ensemble",
    "4": "a cluster of an ensemble",
    "5": "a probability",
    "6": "a percentile",
    "7": "an error of an analysis or forecast",
    "9": "a probability",
    "10": "a percentile",
    "13": "a cluster of an ensemble",
    "14": "a cluster of an ensemble",
    "15": "a statistic over an area",
}
_PROCESSES: Final = {
    "5": "a probability",
    "6": "an error of a forecast",
    "7": "an error of an analysis",
    "9": "a climatology",
}
_TYPES: Final = {
    **dict.fromkeys(("es", "ses", "wes", "taes"), "the spread of an ensemble"),
    **dict.fromkeys(("wem", "taem", "fcmean", "hcmean"), "a mean over a span of time"),
    **dict.fromkeys(("fcmax", "fcmin"), "an extreme over a span of time"),
    **dict.fromkeys(("cm", "cs", "ed", "ef"), "a cluster of an ensemble"),
    **dict.fromkeys(("ep", "fp"), "a probability"),
    **dict.fromkeys(("pb", "pd", "cr"), "a percentile"),
    **dict.fromkeys(("cd", "cl"), "a climatology"),
    **dict.fromkeys(("efi", "efic", "sot"), "an index of extremes"),
    **dict.fromkeys(("ea", "me", "eme"), "an error of an analysis or model"),
    "fcstdev": "a standard deviation",
}
_MEAN_TYPE: Final = "em"


def explain_statistic(message: Message) -> str:
    """Return what a message is if it is no state of the air; empty if it is one.

    Parameters
    ----------
    message : Message
        A GRIB message of either edition.
    """
    kind = _TYPES.get(message.text("dataType"), "")
    if message.text("edition") != "2":
        return kind
    derived = message.text("derivedForecast")
    return (
        _TEMPLATES.get(message.text("productDefinitionTemplateNumber"), "")
        or _PROCESSES.get(message.text("typeOfGeneratingProcess"), "")
        or kind
        or ("" if derived in ("", *_MEANS) else "the spread or another statistic of an ensemble")
    )


def is_mean(message: Message) -> bool:
    """Tell whether a message that is a state of the air is the mean of an ensemble."""
    return message.text("derivedForecast") in _MEANS or message.text("dataType") == _MEAN_TYPE
