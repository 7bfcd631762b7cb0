"""Small files of GEFS, of the ensemble of ECMWF and of that of ERA5, with the keys of real ones.

The keys are those of gep01.t00z.pgrb2b.0p50 (template 4.1, type of ensemble forecast 3, of the
control 1, 30 forecasts), of the open data of ECMWF (local section, class od, stream enfo, types cf
and pf, 51 forecasts; from cycle 50r1 on the control as stream oper, type fc, template 4.0) and of
ERA5 in edition 1 (local definition 36, stream enda, type an, 10 forecasts).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.unit.wind.weather_files import PLAIN, grib_set, make_message

LEVELS = (850, 500)


def save(path: Path, *parts: bytes) -> Path:
    """Write the bytes of messages into a file."""
    path.write_bytes(b"".join(parts))
    return path


def gefs(member: int, step_h: int = 0, levels: Sequence[int] = LEVELS, **settings: Any) -> bytes:
    """Return the messages of one member of GEFS; member 0 is the control."""
    keys = {
        "generatingProcessIdentifier": 107,
        "typeOfGeneratingProcess": 4,
        "typeOfProcessedData": 4 if member else 3,
        "numberOfForecastsInEnsemble": 30,
    } | settings.pop("keys", {})
    return grib_set(PLAIN, levels, member=member, step_h=step_h, keys=keys, **settings)


def write_gefs(folder: Path, members: Sequence[int], steps_h: Sequence[int] = (0, 6)) -> list[Path]:
    """Write a file a member and step, named as NCEP names them."""
    return [
        save(
            folder / f"ge{'p' if m else 'c'}{m:02d}.t06z.pgrb2a.0p50.f{step:03d}",
            gefs(m, step),
        )
        for m in members
        for step in steps_h
    ]


def ens(member: int, step_h: int = 0, *, type_: str = "", **settings: Any) -> bytes:
    """Return the messages of one member of ECMWF's ensemble; member 0 is the control."""
    keys: dict[str, Any] = {
        "centre": "ecmf",
        "typeOfEnsembleForecast": 255,
        "setLocalDefinition": 1,
        "localDefinitionNumber": 1,
        "class": "od",
        "stream": "enfo",
        "type": type_ or ("pf" if member else "cf"),
        "number": member,
        "numberOfForecastsInEnsemble": 51,
    } | settings.pop("keys", {})
    return grib_set(PLAIN, LEVELS, member=member, step_h=step_h, keys=keys, **settings)


def ens_single(step_h: int = 0, **settings: Any) -> bytes:
    """Return the messages of ECMWF's deterministic forecast."""
    keys = {"centre": "ecmf", "setLocalDefinition": 1, "class": "od", "stream": "oper"}
    return grib_set(PLAIN, LEVELS, step_h=step_h, keys=keys | {"type": "fc"}, **settings)


def era5_edition_1(member: int, level_hpa: int, name: str) -> bytes:
    """Return one message of the ERA5 ensemble as the Climate Data Store gives it in GRIB."""
    import eccodes

    handle = make_message(name, level_hpa=level_hpa, offset=0.5 * member)
    keys = {
        "edition": 1,
        "centre": "ecmf",
        "localDefinitionNumber": 36,
        "class": "ea",
        "stream": "enda",
        "type": "an",
        "number": member,
        "numberOfForecastsInEnsemble": 10,
    }
    try:
        for key, value in keys.items():
            eccodes.codes_set(handle, key, value)
        return bytes(eccodes.codes_get_message(handle))
    finally:
        eccodes.codes_release(handle)
