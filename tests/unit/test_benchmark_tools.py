"""The helpers of the benchmarks: tables, measures, and what peers are given and answer."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from benchmarks import environment, report
from benchmarks.peers import run_cusf

FLIGHT = {
    "t": 1_795_336_538.3,
    "lat": 38.127,
    "lng": 126.011,
    "alt": 179.62,
    "ascent_rate": 6.9018,
    "burst_altitude": 7791.54,
    "descent_rate": 3.954,
}
PRED = """#!/bin/sh
[ "$1" = --version ] && { echo "Landing Prediction version: test"; exit 0; }
shift 2
for scenario; do
  track=$(sed -n 's/^filename = //p' "$scenario")
  printf '1795336538,38.1,126.1,180\\n1795339272,38.05,126.29,-1.5\\n' > "$track"
done
"""


def write_script(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def test_table_puts_numbers_to_the_right_and_shows_what_is_missing() -> None:
    rows = [["numba", 5_400_000.0, 1], ["parcels", None, 12]]
    assert report.format_table(["engine", "per CPU s", "n"], rows).splitlines() == [
        "engine   per CPU s   n",
        "-------  ---------  --",
        "numba    5,400,000   1",
        "parcels          -  12",
    ]


def test_table_refuses_a_row_of_another_length() -> None:
    with pytest.raises(ValueError, match="1 cells under 2 titles"):
        report.format_table(["a", "b"], [["x"]])


def test_table_without_rows_is_its_header() -> None:
    assert report.format_table(["a", "bc"], []) == "a  bc\n-  --"


@pytest.mark.parametrize(
    ("number", "text"),
    [(1234.5, "1,234"), (0.0123456, "0.0123"), (12, "12"), (float("nan"), "-"), (999.4, "999")],
)
def test_numbers_have_three_to_four_figures(number: float, text: str) -> None:
    assert report.format_number(number) == text


def test_json_is_one_line_of_plain_values() -> None:
    record = {"a": np.float32(0.5), "b": np.arange(2), "c": float("nan"), "d": (1, None), "e": True}
    text = report.format_json(record)
    assert "\n" not in text
    assert json.loads(text) == {"a": 0.5, "b": [0, 1], "c": None, "d": [1, None], "e": True}


def test_machine_is_described_with_versions() -> None:
    machine = report.describe_machine()
    assert machine["numpy"] == np.__version__
    assert machine["cores"] >= 1
    assert machine["cpu"]
    assert len(report.format_machine(machine).splitlines()) == len(machine)


def test_usage_counts_cpu_time_not_sleep_and_the_memory_of_the_block() -> None:
    with report.Usage() as sleeping:
        time.sleep(0.1)
    with report.Usage() as working:
        end = time.process_time() + 0.1
        block = np.ones(8 * 2**20)
        while time.process_time() < end:
            block.sum()
    assert sleeping.wall_s >= 0.1
    assert sleeping.cpu_s < 0.05
    assert working.cpu_s >= 0.09
    assert working.above_baseline_mib > 50


def test_wind_file_has_the_levels_downwards_and_longitude_fastest(tmp_path: Path) -> None:
    pressures = np.array([500.0, 1000.0])
    lat, lon = np.array([38.0, 38.5]), np.array([126.0, 126.5, 127.0])
    shape = (2, 2, 2, 3)
    height, u, v = (np.arange(24.0).reshape(shape) + 100.0 * part for part in range(3))
    paths = run_cusf.write_wind_files(tmp_path, [1000, 4600], pressures, lat, lon, height, u, v)
    assert [path.name for path in paths] == [
        "gfs_1000_38.2_126.5_0.2_0.5.dat",
        "gfs_4600_38.2_126.5_0.2_0.5.dat",
    ]
    text = paths[1].read_text(encoding="ascii")
    assert text.endswith("\n")
    assert text.startswith("# window centre latitude, window latitude radius")
    assert [number for number, line in enumerate(text.splitlines()) if line.startswith("#")] == [
        *(0, 2, 4, 7, 10),
        *(13, 15, 17, 18),
    ]
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert [float(cell) for cell in lines[0].split(",")] == [38.25, 0.25, 126.5, 0.5, 4600.0]
    assert lines[1] == "3"
    axes = [[float(cell) for cell in lines[2 * axis + 3].split(",")] for axis in range(3)]
    assert axes == [[1000.0, 500.0], lat.tolist(), lon.tolist()]
    assert lines[2:8:2] == ["2", "2", "3"]
    assert lines[8:10] == ["12", "3"]
    data = np.array([[float(cell) for cell in line.split(",")] for line in lines[10:]])
    expected = np.stack([height, u, v], axis=-1)[1, ::-1].reshape(-1, 3)
    np.testing.assert_array_equal(data, expected)


def test_wind_of_another_shape_than_its_axes_is_refused(tmp_path: Path) -> None:
    block = np.zeros((1, 2, 2, 2))
    with pytest.raises(ValueError, match="on axes of shape"):
        run_cusf.write_wind_files(
            tmp_path, [0], np.array([1000.0]), np.arange(2), np.arange(2), block, block, block
        )


def test_scenario_keeps_every_figure_and_takes_the_users_noise_away(tmp_path: Path) -> None:
    run_cusf.write_scenario(tmp_path / "a.ini", FLIGHT, tmp_path / "a.csv")
    lines = (tmp_path / "a.ini").read_text(encoding="ascii").splitlines()
    for line in ("ascent-rate = 6.901800", "wind-error = 0", "day = 22", "hour = 8", "second = 38"):
        assert line in lines


def test_flights_end_where_the_program_says(tmp_path: Path) -> None:
    pred = run_cusf.find_pred(write_script(tmp_path / "pred", PRED))
    landings, wall_s, cpu_s = run_cusf.fly(pred, tmp_path, [FLIGHT, FLIGHT], tmp_path / "run")
    np.testing.assert_array_equal(landings, [[38.05, 126.29]] * 2)
    assert wall_s > 0
    assert cpu_s >= 0


@pytest.mark.parametrize(
    ("text", "reason"), [("#!/bin/sh\necho hello\n", "another program"), (None, "--pred")]
)
def test_what_is_not_pred_is_refused_with_the_reason(
    tmp_path: Path, text: str | None, reason: str
) -> None:
    if text is not None:
        write_script(tmp_path / "pred", text)
    with pytest.raises(run_cusf.PredUnavailable, match=reason):
        run_cusf.find_pred(tmp_path / "pred")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise SystemExit('ERROR: broken')", "ERROR: broken"),
        ("print('hello')", "no answer in JSON"),
        ("print('[1]')", "other than an object"),
        ('print(\'{"unavailable": "no program"}\')', "no program"),
        ("import time; time.sleep(30)", "not done after"),
    ],
)
def test_a_peer_that_fails_is_not_available_with_the_reason(
    tmp_path: Path, code: str, reason: str
) -> None:
    script = write_script(tmp_path / "peer.py", code)
    with pytest.raises(environment.PeerUnavailable, match=reason):
        environment.run_peer(script, timeout_s=2 if "sleep" in code else 60)


def test_a_peer_answers_with_its_last_line_and_on_one_thread(tmp_path: Path) -> None:
    code = (
        "import json, os, sys; print('noise');"
        "print(json.dumps([os.environ['OMP_NUM_THREADS'], sys.argv[1]]).join(['{\"a\": ', '}']))"
    )
    script = write_script(tmp_path / "peer.py", code)
    answer = environment.run_peer(script, [7], Path(sys.executable), timeout_s=60)
    assert answer == {"a": ["1", "7"]}


def test_an_environment_without_requirements_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(environment.PeerUnavailable, match=r"nobody\.txt is missing"):
        environment.prepare_environment("nobody", tmp_path)
    assert list(tmp_path.iterdir()) == []
