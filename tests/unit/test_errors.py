"""The tree of errors: a stable code for each, and an exit code that tells whose turn it is."""

from __future__ import annotations

import re

import pytest

from downwind.errors import (
    DownwindError,
    LiftError,
    MissionError,
    WeatherFileError,
    WindCoverageError,
    iter_error_classes,
)

CLASSES = list(iter_error_classes())


def test_every_class_has_a_code_of_its_own() -> None:
    codes = [cls.code for cls in CLASSES]

    assert len(set(CLASSES)) == len(CLASSES) > 15
    assert len(set(codes)) == len(codes)
    assert all("code" in vars(cls) for cls in CLASSES)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_a_class_is_well_formed(cls: type[DownwindError]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", cls.code)
    assert cls.exit_code == (2 if issubclass(cls, MissionError) else 1)
    assert cls.__doc__
    assert cls.__name__.endswith("Error")


def test_a_message_says_the_next_step_on_a_line_of_its_own() -> None:
    error = LiftError("too heavy", "use more gas")
    error.message = "group 'a': too heavy"

    assert str(error) == "group 'a': too heavy\n  next: use more gas"
    assert str(WeatherFileError("torn")) == "torn"
    assert isinstance(error, MissionError)
    assert error.faults == ()


def test_faults_are_kept_with_their_places() -> None:
    error = MissionError("two faults", faults=(("a.b", "missing"), ("c", "unknown key")))

    assert dict(error.faults)["c"] == "unknown key"
    with pytest.raises(DownwindError):
        raise error
    assert WindCoverageError.code == "wind-coverage"
