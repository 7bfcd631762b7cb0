"""The doctor's findings: each says OK or what to do next, and none raises."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from downwind.geo import atlas
from downwind.service import doctor
from downwind.service.doctor import Finding, Report, examine_installation


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the kernels of the user who runs the tests out of it."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))


def find(report: Report, name: str) -> Finding:
    (finding,) = (f for f in report.findings if f.name == name)
    return finding


def test_given_a_sound_installation_when_examined_then_every_line_has_its_status(
    tmp_path: Path,
) -> None:
    report = examine_installation(tmp_path)
    assert report.is_sound
    text = report.to_text()
    assert all(len(line) <= 80 or "/" in line for line in text.splitlines())
    for finding in report.findings:
        assert bool(finding.next_step) == (finding.status != "ok"), finding
    names = {entry["name"] for entry in report.to_dict()["findings"]}
    assert {"program", "libraries", "compiled code", "map data"} <= names
    assert "eccodes" in find(report, "libraries").facts


def test_given_nothing_compiled_when_examined_then_the_engine_is_not_tried(
    tmp_path: Path,
) -> None:
    report = examine_installation(tmp_path)
    assert find(report, "falling items").status == "note"
    compiled = find(report, "compiled code")
    assert compiled.facts["current"] == 0
    assert compiled.next_step == doctor.COMPILE
    assert list((tmp_path / "cache" / "downwind").iterdir()) == []


def test_given_no_place_for_kernels_when_examined_then_one_note_and_still_sound(
    tmp_path: Path,
) -> None:
    (tmp_path / "cache").write_text("")
    report = examine_installation(tmp_path)
    compiled = find(report, "compiled code")
    assert report.is_sound
    assert compiled.status == "note"
    assert "NUMBA_CACHE_DIR" in compiled.next_step


@pytest.mark.parametrize("spoil", ["missing", "cut", "other"])
def test_given_spoilt_map_data_when_examined_then_broken(
    spoil: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(atlas.DATA_FOLDER, folder)
    file = folder / "countries-50m.json"
    if spoil == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:100_000] if spoil == "cut" else b"[]")
    monkeypatch.setattr(atlas, "DATA_FOLDER", folder)
    report = examine_installation(tmp_path)
    assert not report.is_sound
    assert find(report, "map data").status == "broken"
    assert report.to_text().endswith("1 broken")


def test_given_a_missing_library_when_examined_then_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = doctor._find_version
    monkeypatch.setattr(doctor, "_find_version", lambda n: None if n == "scipy" else real(n))
    finding = find(examine_installation(tmp_path), "libraries")
    assert finding.status == "broken"
    assert finding.text.startswith("missing: scipy")
    assert finding.next_step == "pip install scipy"


@pytest.mark.parametrize(
    ("probe", "text"),
    [
        ("import os; os.abort()", "exit status -6"),
        ("import no_such_module", "no_such_module"),
    ],
)
def test_given_a_grib_library_that_crashes_when_examined_then_broken_and_not_the_doctor(
    probe: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_PROBE_ECCODES", probe)
    finding = find(examine_installation(tmp_path), "GRIB reader")
    assert finding.status == "broken"
    assert text in finding.text


def test_given_a_check_that_raises_when_examined_then_it_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> Finding:
        raise RuntimeError("first line\nsecond line")

    monkeypatch.setattr(doctor, "_check_memory", fail)
    finding = find(examine_installation(tmp_path), "memory")
    assert finding.status == "broken"
    assert finding.text == "RuntimeError: first line"


def test_given_a_folder_that_is_not_there_when_examined_then_broken(tmp_path: Path) -> None:
    report = examine_installation(tmp_path / "no")
    assert find(report, "results folder").status == "broken"
    assert find(report, "disk").status == "broken"


@pytest.mark.skipif(os.name != "posix", reason="needs /proc")
def test_given_little_memory_and_disk_when_examined_then_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_measure_memory", lambda: (10**9, 4 * 10**9))
    monkeypatch.setattr(doctor, "LEAST_DISK_BYTES", 1 << 62)
    report = examine_installation(tmp_path)
    assert report.is_sound
    for name in ("memory", "disk"):
        assert find(report, name).status == "note"
        assert find(report, name).next_step
