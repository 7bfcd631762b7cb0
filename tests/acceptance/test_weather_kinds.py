"""The command on weather of kinds that only their names tell the run of, as a person runs it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.acceptance.conftest import Run


def test_given_the_text_of_astra_when_checked_then_it_serves(run: Run, shared: Path) -> None:
    folder = shared / "data" / "grids" / "astra_gfs_0p50_20170424"
    done = run("weather", "check", *sorted(folder.glob("*.ascii")))

    assert done.returncode == 0, done.stderr
    for line in (
        "kind       OPeNDAP text",
        "source     NCEP GFS",
        "run        2017-04-25 06:00Z",
        "times      4 from 2017-04-25 18:00Z to 2017-04-26 03:00Z",
        "grid       27 x 15 points, 25.5 to 32.5 N, -87.5 to -74.5 E, 0.5 deg",
        "air_temperature on 47 levels, 1000 to 1 hPa",
    ):
        assert line in done.stdout


@pytest.mark.parametrize("kind", ["region", "zip"])
def test_given_a_file_that_does_not_serve_when_checked_then_told_what_to_do(
    run: Run, kind: str, tmp_path: Path, shared: Path
) -> None:
    if kind == "region":
        path = shared / "conformance" / "tawhiri" / "synthetic_region.npz"
        told, hint = "nothing states which run", "region_2026112200.npz"
    else:
        path = tmp_path / "download.nc"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("data_stream-oper.nc", b"CDF")
        told, hint = "the first file in it is data_stream-oper.nc", "unzip"
    done = run("weather", "check", path)

    said = " ".join(done.stderr.split())
    assert done.returncode == 1
    assert told in said
    assert hint in said
    assert "Traceback" not in said
