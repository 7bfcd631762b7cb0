"""A results folder is whole, or it is not there."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from downwind.errors import InterruptedRunError, ResultsExistError, ResultsWriteError
from downwind.io import folder as folder_module
from downwind.io.folder import check_results_folder, results_folder


def write_result(path: Path, text: str, force: bool = False) -> None:
    with results_folder(path, force) as folder:
        (folder / "plan.json").write_text(text)
        (folder / "sub").mkdir()
        (folder / "sub" / "more.txt").write_text(text)


def fail_inside(path: Path, error: BaseException, force: bool = False) -> None:
    with results_folder(path, force) as folder:
        (folder / "plan.json").write_text("half")
        raise error


def make_target_meanwhile(path: Path) -> None:
    with results_folder(path) as folder:
        (folder / "plan.json").write_text("mine")
        path.mkdir()


def names_in(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.iterdir())


def test_given_nothing_there_when_the_block_ends_then_the_folder_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "results"
    with results_folder(target) as folder:
        assert folder.parent == tmp_path
        assert folder.name.startswith(".results.partial-")
        assert not target.exists()
        (folder / "plan.json").write_text("{}")
    assert names_in(tmp_path) == ["results"]
    assert names_in(target) == ["plan.json"]


def test_given_a_new_folder_then_it_has_the_rights_of_any_folder(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    write_result(tmp_path / "results", "new")
    assert (tmp_path / "results").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_given_a_result_when_not_forced_then_it_is_refused_before_any_work(tmp_path: Path) -> None:
    write_result(tmp_path / "results", "old")
    with pytest.raises(ResultsExistError, match="exists already"):
        check_results_folder(tmp_path / "results")
    with pytest.raises(ResultsExistError, match="--force"), results_folder(tmp_path / "results"):
        pytest.fail("no work is done")
    assert names_in(tmp_path) == ["results"]


def test_given_a_result_when_forced_then_it_is_replaced_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "results"
    write_result(target, "old")
    (target / "stale.txt").write_text("stale")
    with results_folder(target, force=True) as folder:
        (folder / "plan.json").write_text("new")
        assert (target / "plan.json").read_text() == "old"
    assert names_in(target) == ["plan.json"]
    assert (target / "plan.json").read_text() == "new"
    assert names_in(tmp_path) == ["results"]


def test_given_a_result_when_a_forced_run_fails_then_the_old_one_stays(tmp_path: Path) -> None:
    target = tmp_path / "results"
    write_result(target, "old")
    with pytest.raises(ValueError, match="broken"):
        fail_inside(target, ValueError("broken"), force=True)
    assert (target / "plan.json").read_text() == "old"
    assert names_in(tmp_path) == ["results"]


def test_given_a_result_when_the_last_rename_fails_then_the_old_one_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "results"
    write_result(target, "old")
    rename = Path.rename

    def fail_for_partial(self: Path, other: Path) -> Path:
        if ".partial-" in self.name:
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, other)

    monkeypatch.setattr(Path, "rename", fail_for_partial)
    with pytest.raises(ResultsWriteError, match="Input/output error"):
        write_result(target, "new", force=True)
    assert (target / "plan.json").read_text() == "old"
    assert names_in(tmp_path) == ["results"]


def test_given_a_folder_that_is_no_result_when_forced_then_it_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "photographs"
    target.mkdir()
    (target / "one.jpg").write_text("x")
    with pytest.raises(ResultsExistError, match=r"no plan\.json"):
        check_results_folder(target, force=True)
    assert names_in(target) == ["one.jpg"]


def test_given_a_file_when_forced_then_it_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "notes"
    target.write_text("x")
    with pytest.raises(ResultsExistError, match="is a file"):
        check_results_folder(target, force=True)
    assert target.read_text() == "x"


def test_given_no_parent_then_it_is_refused_early_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ResultsWriteError, match="does not exist") as caught:
        check_results_folder(tmp_path / "none" / "results")
    assert "mkdir -p" in caught.value.hint


def test_given_a_file_for_parent_then_it_is_refused_early(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ResultsWriteError, match="is not a folder"):
        check_results_folder(tmp_path / "file" / "results")


def test_given_a_parent_without_rights_then_it_is_refused_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ResultsWriteError, match="not writable"):
        check_results_folder(tmp_path / "results")


def test_given_a_link_to_a_result_when_forced_then_what_it_leads_to_is_replaced(
    tmp_path: Path,
) -> None:
    write_result(tmp_path / "real", "old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_result(tmp_path / "link", "new", force=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "plan.json").read_text() == "new"


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError("Can't write data: errno = 28, error message = 'No space left on device'"),
    ],
)
def test_given_a_full_disk_then_the_message_says_so_and_nothing_is_left(
    tmp_path: Path, error: OSError
) -> None:
    with pytest.raises(ResultsWriteError, match=r"disk is full: .* \d+ MB free") as caught:
        fail_inside(tmp_path / "results", error)
    assert "make room" in caught.value.hint
    assert names_in(tmp_path) == []


def test_given_a_disk_that_turns_out_full_at_the_end_then_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(folder_module.os, "fsync", refuse)
    with pytest.raises(ResultsWriteError, match="disk is full"):
        write_result(tmp_path / "results", "new")
    assert names_in(tmp_path) == []


def test_given_another_fault_of_the_disk_then_its_reason_is_told(tmp_path: Path) -> None:
    with pytest.raises(ResultsWriteError, match="Read-only file system; nothing was written"):
        fail_inside(tmp_path / "results", OSError(errno.EROFS, "Read-only file system"))
    assert names_in(tmp_path) == []


def test_given_an_interrupt_then_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(InterruptedRunError, match="^interrupted: nothing was written"):
        fail_inside(tmp_path / "results", KeyboardInterrupt())
    assert names_in(tmp_path) == []


def test_given_a_target_that_appears_meanwhile_then_it_is_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "results"
    with pytest.raises(ResultsExistError):
        make_target_meanwhile(target)
    assert names_in(target) == []
    assert names_in(tmp_path) == ["results"]


def test_given_the_left_over_of_a_dead_run_then_it_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / ".results.partial-dead").mkdir()
    write_result(tmp_path / "results", "new")
    assert names_in(tmp_path) == [".results.partial-dead", "results"]
