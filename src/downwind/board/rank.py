"""Which cell is best, and which comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from downwind.board.result import Cell, Verdict, WindVerdict
from downwind.landing.regions import LEFT_DATA, TARGET
from downwind.landing.shares import Share
from downwind.plan.mission import Mission
from downwind.plan.search import limit_table

_VERDICTS = (Verdict.GO, Verdict.MARGINAL, Verdict.NO_GO, Verdict.STOP)
_WINDS = (WindVerdict.WITHIN, WindVerdict.UNSURE, WindVerdict.BREAKS, None)


def rank_cells(mission: Mission, cells: Sequence[Cell]) -> tuple[int, ...]:
    """Return the indices of cells, best first.

    By the verdict; then by what the wind and the residents' limit say, of cells that rules stop as
    well; then those
    within limits by the share in the target, the others by how little they break the limit that
    they break most. What is still equal goes by hour, then by site.

    Parameters
    ----------
    mission : Mission
    cells : sequence of Cell
    """
    order = {site.name: i for i, site in enumerate(mission.sites)}

    def key(index: int) -> tuple[int, int, int, float, float, int, int]:
        cell = cells[index]
        certificate = cell.certificate
        wind = _WINDS.index(None if certificate is None else certificate.verdict)
        wind = max(wind, _of_residents(cell))
        shares = cell.screened if certificate is None else certificate.shares
        target = round(shares[TARGET].mean, 6)
        within = certificate is not None and certificate.verdict is WindVerdict.WITHIN
        return (
            _VERDICTS.index(cell.verdict),
            len(cell.conditions),
            wind,
            0.0 if within else round(find_excess(mission, cell), 6),
            -target,
            cell.start_s,
            order[cell.site.name],
        )

    return tuple(sorted(range(len(cells)), key=key))


def find_excesses(mission: Mission, shares: Mapping[str, Share]) -> dict[str, float]:
    """Return by how much shares break each limit [fraction]; below 0 where there is room.

    What leaves the data counts as if it came down in the limited region.

    Parameters
    ----------
    mission : Mission
    shares : mapping
        Of the load, for each region and ``left_data``.
    """
    left = shares[LEFT_DATA].mean
    over = {name: shares[name].mean + left - most for name, most in limit_table(mission).items()}
    if mission.limits.target_least is not None:
        over[TARGET] = mission.limits.target_least - shares[TARGET].mean
    return over


def find_excess(mission: Mission, cell: Cell) -> float:
    """Return by how much a cell breaks the limit that it breaks most [fraction]; 0 if none.

    By its fresh draws, or where it has none by the screen.
    """
    shares = cell.screened if cell.certificate is None else cell.certificate.shares
    return max(0.0, *find_excesses(mission, shares).values())


def is_good(cell: Cell) -> bool:
    """Tell whether a cell is GO, or would be if no rule stood open."""
    if cell.verdict is Verdict.STOP:
        within = cell.certificate is not None and cell.certificate.verdict is WindVerdict.WITHIN
        return within and not cell.conditions and not _of_residents(cell)
    return cell.verdict is Verdict.GO


def _of_residents(cell: Cell) -> int:
    """Return 0 where the residents' limit is kept or not asked, 1 if not known, 2 if broken."""
    risk = cell.residents
    if risk is None or risk.is_below:
        return 0
    return 2 if risk.is_above else 1


def find_next_good(cells: Sequence[Cell], ranking: Sequence[int], after_s: float) -> Cell | None:
    """Return the first good cell later than a time, of several at one hour the better, or None.

    Parameters
    ----------
    cells : sequence of Cell
    ranking : sequence of int
        Their indices, best first.
    after_s : float
        [epoch s]
    """
    later = [cells[i] for i in ranking if cells[i].start_s > after_s and is_good(cells[i])]
    return min(later, key=lambda cell: cell.start_s, default=None)
