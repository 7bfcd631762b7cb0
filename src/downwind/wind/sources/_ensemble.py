"""The members of an ensemble: which they are, and whether each is whole.

The control has the number 0, whatever number its file gives it. Perturbed members keep theirs;
where these begin at 0 beside a control they are counted from 1. Since cycle 49r1 the control of
ECMWF's ensemble is its deterministic forecast, and since 50r1 it is given as that alone; beside the
perturbed members of its run it is therefore the control.

References
----------
ECMWF, Implementation of IFS Cycle 49r1 (12 November 2024) and 50r1 (12 May 2026).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from downwind.errors import WeatherContentError
from downwind.times import format_utc, parse_time
from downwind.wind._contract import EAST, NORTH, TERRAIN, write_level
from downwind.wind.sources._belong import WINDS, write_few
from downwind.wind.sources._fields import CONTROL, MEMBER, SINGLE, Field
from downwind.wind.sources._table import FieldTable

SAME_AS_CONTROL_S: Final = parse_time("2024-11-12T06:00Z")
"""First run of ECMWF whose deterministic forecast is the control of the ensemble."""

_ECMWF: Final = "ECMWF"


def settle_members(
    fields: Sequence[Field], run_s: int | None, notes: list[str], warnings: list[str]
) -> tuple[Field, ...]:
    """Return the fields of a run with their members numbered, the control as 0.

    Parameters
    ----------
    fields : sequence of Field
        Of one run, or of no forecast.
    run_s : int or None
        The run [s since 1970].
    notes, warnings : list of str
        What had to be decided, and what every output has to say, are added.

    Raises
    ------
    WeatherContentError
        If a forecast that is no member lies among members.
    """
    core = [field for field in fields if field.name in WINDS]
    if not any(field.role == MEMBER for field in core):
        _note_one(core, notes)
        return tuple(fields)
    fields = _place_single(fields, core, run_s, notes)
    fields = _part_numbers(fields, notes)
    core = [field for field in fields if field.name in WINDS]
    _note_numbers(core, notes, warnings)
    return tuple(fields)


def check_members(table: FieldTable) -> None:
    """Raise WeatherContentError if a member lacks a time or a level that another has.

    Parameters
    ----------
    table : FieldTable
        The fields of one run.
    """
    if len(table.members) == 1:
        return
    present = {(time, member) for name, _, time, member in table.fields if name in WINDS}
    for member in table.members:
        lacking = [time for time in table.times if (time, member) not in present]
        if lacking:
            when = write_few([format_utc(time) for time in lacking])
            raise WeatherContentError(
                f"member {member} ({_find_files(table, member)}) has no wind at {when}, other "
                "members have",
                "bring in the file that is missing, or leave out the files of that member or time",
            )
    for level in table.levels_of(EAST, NORTH):
        for name in WINDS:
            holes = set(table.holes(name, level))
            for time in table.times:
                absent = [member for member in table.members if (time, member) in holes]
                if absent and len(absent) < len(table.members):
                    member = absent[0]
                    raise WeatherContentError(
                        f"member {member} ({_find_files(table, member)}) has no {name} on "
                        f"{write_level(level)} at {format_utc(time)}, other members have",
                        "fetch the same levels for every member, or leave out that member",
                    )


def write_members(members: Sequence[int], has_control: bool) -> str:
    """Write the numbers of members, such as ``31: control and 1 to 30``.

    Parameters
    ----------
    members : sequence of int
        Ascending.
    has_control : bool
        Whether member 0 is the control.
    """
    rest = [member for member in members if not (has_control and member == 0)]
    runs: list[list[int]] = []
    for member in rest:
        if runs and member == runs[-1][-1] + 1:
            runs[-1].append(member)
        else:
            runs.append([member])
    texts = [f"{run[0]} to {run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs]
    text = ", ".join(texts[:6]) + (f" and {len(texts) - 6} more runs" if len(texts) > 6 else "")
    control = ("control and " if rest else "the control alone") if len(rest) < len(members) else ""
    return f"{len(members)}: {control}{text}"


def find_missing_members(members: Sequence[int]) -> tuple[int, ...]:
    """Return the holes in the numbers of members, ascending; pairs of either sign count as one.

    Parameters
    ----------
    members : sequence of int
        Ascending.
    """
    if min(members, default=0) < 0:
        present = {abs(member) for member in members}
        wanted = [m for m in range(1, max(present) + 1) if {m, -m} - set(members)]
        return tuple(
            sorted(sign * m for m in wanted for sign in (1, -1) if sign * m not in members)
        )
    return tuple(m for low, high in pairwise(members) for m in range(low + 1, high))


def _note_one(core: Sequence[Field], notes: list[str]) -> None:
    if core and all(field.role == CONTROL for field in core):
        notes.append("the control of an ensemble alone: taken as a single forecast")


def _place_single(
    fields: Sequence[Field], core: Sequence[Field], run_s: int | None, notes: list[str]
) -> Sequence[Field]:
    """Make the deterministic forecast of ECMWF the control; refuse any other among members."""
    single = next((field for field in core if field.role == SINGLE), None)
    if single is None:
        return fields
    member = next(field for field in core if field.role == MEMBER)
    if not single.source.startswith(_ECMWF) or run_s is None or run_s < SAME_AS_CONTROL_S:
        raise WeatherContentError(
            f"a forecast that is no member ({single.file}) and members of an ensemble "
            f"({member.file}) in one set",
            "give the members alone, or the forecast as a wind beside them: --and-wind FILE",
        )
    notes.append(
        f"the deterministic forecast ({single.file}) is the control of the ensemble, as ECMWF "
        "gives it since November 2024"
    )
    return [
        replace(field, member=0, role=CONTROL, source=member.source)
        if field.role == SINGLE and field.name != TERRAIN
        else field
        for field in fields
    ]


def _part_numbers(fields: Sequence[Field], notes: list[str]) -> Sequence[Field]:
    """Keep the control apart from a perturbed member of its number."""
    has_control = any(field.role == CONTROL for field in fields)
    taken = [f for f in fields if f.role == MEMBER and f.member == 0 and f.name in WINDS]
    if has_control and taken:
        notes.append(
            f"perturbed members are numbered from 0 ({taken[0].file}): counted from 1 here, and "
            "the control is 0"
        )
        fields = [
            replace(f, member=f.member + 1) if f.role == MEMBER and f.member >= 0 else f
            for f in fields
        ]
    return fields


def _note_numbers(core: Sequence[Field], notes: list[str], warnings: list[str]) -> None:
    members = sorted({field.member for field in core})
    if len(members) == 1:
        notes.append(f"an ensemble of one, member {members[0]}: taken as a single forecast")
        return
    if missing := find_missing_members(members):
        some = write_few([str(member) for member in missing], 8)
        warnings.append(
            f"the ensemble is not whole: member{'s' if len(missing) > 1 else ''} {some} missing of "
            f"{members[0]} to {members[-1]}; the others are used evenly"
        )
    stated = max(field.ensemble_size for field in core)
    if len(members) < stated and not missing:
        notes.append(f"{len(members)} members of an ensemble whose files state {stated}")


def _find_files(table: FieldTable, member: int) -> str:
    names = {f.file for f in table.fields.values() if f.member == member and f.name in WINDS}
    return write_few(sorted(names))
