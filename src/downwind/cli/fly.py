"""``downwind fly``."""

from __future__ import annotations

from downwind.cli.options import (
    AndWind,
    AsJson,
    ExitCode,
    Force,
    MissionFile,
    Observed,
    Output,
    Seed,
    Threads,
    TrustObserved,
    Weights,
    Wind,
    finish,
    limit_threads,
    read_weights,
    show_progress,
    split_winds,
)


def fly(
    mission: MissionFile,
    wind: Wind = None,
    and_wind: AndWind = None,
    weights: Weights = None,
    observed: Observed = None,
    trust_observed: TrustObserved = False,
    output: Output = None,
    force: Force = False,
    seed: Seed = None,
    as_json: AsJson = False,
    exit_code: ExitCode = False,
    threads: Threads = None,
) -> None:
    """Fly a mission's own settings: its first site, launch time, fills and timers."""
    from downwind.service import missions

    limit_threads(threads)
    with show_progress() as progress:
        result = missions.fly_mission(
            mission,
            wind or (),
            output,
            observed=observed or (),
            trust_observed=trust_observed,
            force=force,
            seed=seed,
            progress=progress,
            beside=split_winds(and_wind),
            weights=read_weights(weights),
        )
    finish(result, output, as_json, exit_code)
