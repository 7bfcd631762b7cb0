"""Errors on a terminal: 80 columns, the next step further in, nothing lost and no path cut."""

from __future__ import annotations

import pytest

from downwind.cli.main import _report
from downwind.errors import ArgumentError, DownwindError

PATH = "/a/folder/with-a-long-name/" + "and-another-one/" * 6 + "mission.toml"


@pytest.mark.parametrize(
    "error",
    [
        DownwindError("the site lies outside the data " * 6, "bring a wider file " * 9),
        ArgumentError("short", ""),
        DownwindError(f"{PATH} is not there", "look for it"),
    ],
)
def test_given_an_error_when_reported_then_80_columns_and_every_word(error, capsys):
    code = _report(error)
    out = capsys.readouterr().err
    assert code == error.exit_code
    assert out.split() == f"downwind: error [{error.code}]: {error}".split()
    assert all(len(line) <= 80 or PATH in line for line in out.splitlines())


def test_given_a_hint_when_reported_then_it_starts_a_line_and_goes_on_further_in(capsys):
    _report(DownwindError("wrong", "mend it " * 20))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "downwind: error [error]: wrong"
    assert lines[1].startswith("  next: mend it")
    assert lines[2].startswith("    mend it")
