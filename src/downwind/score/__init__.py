"""Hold predictions against outcomes: scores, coverage, reliability, ranks.

For any set of cases: predictions as points with weights, or as probabilities of events, and what
came of each. ``cases`` lays them out and refuses what cannot be scored; ``points`` has the energy
score and the CRPS; ``ranks`` where outcomes lie among the members; ``coverage`` how often areas and
intervals hold them; ``events`` the Brier score and its reliability; ``table`` gathers all of it.
"""

from downwind.score.cases import EventCases, PointCases, make_event_cases, make_point_cases
from downwind.score.coverage import Coverage, estimate_coverage, hold_by_contours
from downwind.score.events import EventScores, Reliability, score_events
from downwind.score.means import MeanScore, estimate_mean
from downwind.score.points import crps, energy_score
from downwind.score.ranks import RankHistogram, place_among, place_outlying, rank_histogram
from downwind.score.table import PointScores, score_points

__all__ = [
    "Coverage",
    "EventCases",
    "EventScores",
    "MeanScore",
    "PointCases",
    "PointScores",
    "RankHistogram",
    "Reliability",
    "crps",
    "energy_score",
    "estimate_coverage",
    "estimate_mean",
    "hold_by_contours",
    "make_event_cases",
    "make_point_cases",
    "place_among",
    "place_outlying",
    "rank_histogram",
    "score_events",
    "score_points",
]
