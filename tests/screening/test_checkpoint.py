"""Screenings that are stopped in the middle go on, and end with the bytes of an unbroken one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from siteopt.errors import LayerError, LayerFileError
from siteopt.lattice import Lattice
from siteopt.layers.rasters import Raster
from siteopt.scenario import Screening
from siteopt.screening.checkpoint import checkpoint_beside
from siteopt.screening.cog import to_cog
from siteopt.screening.features import Features
from siteopt.screening.judging import RuleSet
from siteopt.screening.margins import MeasuredRules
from siteopt.screening.reason_file import ScreenedFile, write_judged, write_reasons
from siteopt.screening.rules import Band, DistanceRules, RasterRules, Threshold

if TYPE_CHECKING:
    from siteopt.screening.windows import Window

SIDE = 128
WINDOWS = 20
FRAME = Lattice(0.0, 1e5, 50.0, 500, 600)


def rule(name: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "title": {"ko": name, "en": name}, "kind": kind, "layer": name, **more}


class StoppedError(Exception):
    """What stops a test's screening."""


def made_rules(kind: type[RasterRules] = RasterRules) -> MeasuredRules:
    noise = np.random.default_rng(1).random(FRAME.shape).astype(np.float32)
    exclusions = Screening.model_validate(
        {
            "exclusions": [
                rule("noise", "above", threshold=0.7),
                rule("roads", "near", buffer_m=900.0),
            ]
        }
    ).exclusions
    roads = Features.of([shapely.LineString([(0, 9.5e4), (1.5e4, 8e4), (3e4, 1e5)])])
    plain = RuleSet(
        FRAME, tuple(exclusions), Features.of([shapely.box(*FRAME.bounds_m)]), None,
        (
            kind(Raster(noise, FRAME, None, "noise"), (Threshold(0, above=True, limit=0.7, distance_m=0.0),)),
            DistanceRules(roads, (Band(1, None, 900.0),)),
        ),
    )  # fmt: skip
    return MeasuredRules.of(plain, with_strictest=True)


def screened(rules: RuleSet, path: Path, key: str = "one", **more: Any) -> ScreenedFile:
    with checkpoint_beside(path, key) as checkpoint:
        windows = checkpoint.judged(rules, 512.0, 1, **{"side": SIDE, **more})
        return write_judged(windows, rules, path, checkpoint.folder, 1)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Files of an unbroken screening."""
    folder = tmp_path_factory.mktemp("whole")
    write_reasons(made_rules(), folder / "land.tif", side=256, workers=2)
    return contents(folder)


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[Window]:
    """Windows that are judged from now on."""
    windows: list[Window] = []
    judge = RuleSet.judge

    def counting(self: RuleSet, window: Window) -> Any:
        windows.append(window)
        return judge(self, window)

    monkeypatch.setattr(RuleSet, "judge", counting)
    return windows


def stop_after(monkeypatch: pytest.MonkeyPatch, count: int, error: BaseException) -> None:
    judge = RuleSet.judge
    begun: list[Window] = []

    def stopped(self: RuleSet, window: Window) -> Any:
        if len(begun) == count:
            raise error
        begun.append(window)
        return judge(self, window)

    monkeypatch.setattr(RuleSet, "judge", stopped)


CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_checkpoint import made_rules, screened
from siteopt.screening.judging import RuleSet
judge, begun = RuleSet.judge, []
def watched(self, window):
    if len(begun) == {stop}:
        print("stopped", flush=True)
        sys.stdin.read()  # until this process is killed
    begun.append(window)
    return judge(self, window)
RuleSet.judge = watched
{before}
screened(made_rules(), Path({path!r}))
print(len(begun))
"""


def child(path: Path, stop: int = -1, before: str = "") -> subprocess.Popen[str]:
    code = CHILD.format(
        tests=Path(__file__).parent.as_posix(), stop=stop, path=str(path), before=before
    )
    return subprocess.Popen(  # noqa: S603 - this interpreter
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip


def killed_after(path: Path, count: int) -> None:
    process = child(path, count)
    assert process.stdout is not None
    assert process.stdout.readline() == "stopped\n"
    process.kill()
    process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_a_killed_screening_goes_on(
    tmp_path: Path, whole: dict[str, bytes], judged: list[Window]
) -> None:
    path = tmp_path / "land.tif"
    for count in (3, 7):  # of what was left
        killed_after(path, count)
        assert not path.exists()
    told: list[str] = []
    screened(made_rules(), path, tell=told.append)
    assert told == [f"10 of {WINDOWS} windows are kept from an earlier call"]
    assert len(judged) == WINDOWS - 10
    assert contents(tmp_path) == whole


FULL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))"


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit on the size of files")
@pytest.mark.parametrize("room", [5_000, 50_000, 250_000])
def test_a_full_disk_leaves_no_file_and_the_next_call_goes_on(
    tmp_path: Path, whole: dict[str, bytes], judged: list[Window], room: int
) -> None:
    path = tmp_path / "land.tif"
    assert max(len(content) for content in whole.values()) > room
    _, message = child(path, before=FULL.format(room)).communicate()
    assert "land.tif: cannot be written" in message
    assert [file.name for file in tmp_path.iterdir()] == [".land.tif.part"]
    screened(made_rules(), path)
    assert len(judged) < WINDOWS or room == 5_000
    assert contents(tmp_path) == whole


def test_ctrl_c_keeps_what_is_judged(
    tmp_path: Path, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "land.tif"
    with monkeypatch.context() as patch:
        stop_after(patch, 4, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            screened(made_rules(), path)
    assert not path.exists()
    stop_after(monkeypatch, WINDOWS - 4, StoppedError())
    screened(made_rules(), path)
    assert contents(tmp_path) == whole


def test_a_half_written_or_changed_window_is_judged_again(
    tmp_path: Path, whole: dict[str, bytes], judged: list[Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "land.tif"
    with monkeypatch.context() as patch:
        stop_after(patch, 6, StoppedError())
        with pytest.raises(StoppedError):
            screened(made_rules(), path)
    kept = sorted((tmp_path / ".land.tif.part" / "windows").iterdir())
    assert len(kept) == 6
    content = kept[0].read_bytes()
    kept[0].write_bytes(content[: len(content) // 2])
    kept[1].write_bytes(b"")
    kept[2].write_bytes(kept[3].read_bytes())  # whole, but of another window
    flipped = bytearray(kept[4].read_bytes())
    flipped[-1] ^= 1
    kept[4].write_bytes(flipped)
    judged.clear()
    screened(made_rules(), path)
    assert len(judged) == WINDOWS - 2
    assert contents(tmp_path) == whole


def test_a_stop_while_files_are_made_costs_no_window(
    tmp_path: Path, whole: dict[str, bytes], judged: list[Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "land.tif"
    copied: list[str] = []

    def copy(tiles: Path, target: Path, overviews: str, threads: int) -> None:
        copied.append(target.name)
        if len(copied) == 2:
            target.write_bytes(b"half")
            raise OSError(28, "No space left on device")
        to_cog(tiles, target, overviews, threads)

    with monkeypatch.context() as patch:
        patch.setattr("siteopt.screening.reason_file.to_cog", copy)
        with pytest.raises(LayerFileError, match=r"land\.tif: cannot be written \(No space left"):
            screened(made_rules(), path)
    assert copied == ["cog-land.tif", "cog-land-nearly.tif"]
    assert [file.name for file in tmp_path.iterdir()] == [".land.tif.part"]
    judged.clear()
    screened(made_rules(), path)
    assert judged == []
    assert contents(tmp_path) == whole


def test_other_inputs_begin_anew(
    tmp_path: Path, judged: list[Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "land.tif"
    with monkeypatch.context() as patch:
        stop_after(patch, 6, StoppedError())
        with pytest.raises(StoppedError):
            screened(made_rules(), path, "one")
    judged.clear()
    screened(made_rules(), path, "two")
    assert len(judged) == WINDOWS


@pytest.mark.parametrize(("side", "begun"), [(256, WINDOWS - 6), (SIDE, WINDOWS - 6), (64, 80)])
def test_kept_windows_are_taken_where_they_fit_into_memory(
    tmp_path: Path, whole: dict[str, bytes], judged: list[Window],
    monkeypatch: pytest.MonkeyPatch, side: int, begun: int,
) -> None:  # fmt: skip
    path = tmp_path / "land.tif"
    with monkeypatch.context() as patch:
        stop_after(patch, 6, StoppedError())
        with pytest.raises(StoppedError):
            screened(made_rules(), path)
    judged.clear()
    screened(made_rules(), path, side=side)
    assert len(judged) == begun
    assert contents(tmp_path) == whole


def test_more_threads_take_what_fewer_have_judged(
    tmp_path: Path, judged: list[Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, rules = tmp_path / "land.tif", made_rules()
    monkeypatch.setattr(
        MeasuredRules, "window_side", lambda _rules, _memory_mb, workers: 256 // workers
    )

    def call(workers: int) -> None:
        with checkpoint_beside(path, "one") as checkpoint:
            windows = checkpoint.judged(rules, 512.0, workers)
            write_judged(windows, rules, path, checkpoint.folder, 1)

    with monkeypatch.context() as patch:
        stop_after(patch, 2, StoppedError())
        with pytest.raises(StoppedError):
            call(1)
    judged.clear()
    call(2)
    assert len(judged) == 6 - 2


def test_two_at_once_do_not_meet(tmp_path: Path, whole: dict[str, bytes]) -> None:
    path = tmp_path / "land.tif"
    process = child(path, 5)
    assert process.stdout is not None
    assert process.stdout.readline() == "stopped\n"
    with pytest.raises(LayerFileError, match=r"land.tif: another process is writing it"):
        screened(made_rules(), path)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    screened(made_rules(), path)
    assert contents(tmp_path) == whole


def test_an_error_of_a_layer_keeps_what_is_judged(
    tmp_path: Path, whole: dict[str, bytes], judged: list[Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "land.tif"
    with monkeypatch.context() as patch:
        stop_after(patch, 9, LayerError("noise.tif: rows 0 to 9 cannot be read"))
        with pytest.raises(LayerError, match=r"noise\.tif: rows 0 to 9"):
            screened(made_rules(), path)
    judged.clear()
    screened(made_rules(), path)
    assert len(judged) == WINDOWS - 9
    assert contents(tmp_path) == whole


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="gives folders away")
def test_a_folder_of_another_user_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / ".land.tif.part"
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    with pytest.raises(LayerFileError, match="another user owns"):
        screened(made_rules(), tmp_path / "land.tif")
    assert list(folder.iterdir()) == []


def test_plain_rules_are_kept_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = made_rules()
    rules = RuleSet(
        measured.lattice, measured.exclusions, measured.land, measured.land_bit, measured.rules
    )
    write_reasons(rules, tmp_path / "whole.tif", side=SIDE)
    path = tmp_path / "land.tif"
    with monkeypatch.context() as patch:
        stop_after(patch, 9, StoppedError())
        with pytest.raises(StoppedError):
            screened(rules, path)
    written = screened(rules, path)
    assert path.read_bytes() == (tmp_path / "whole.tif").read_bytes()
    assert (written.nearly, written.strictest, written.margins) == (None, None, None)
