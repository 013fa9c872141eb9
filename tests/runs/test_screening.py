"""`screen_to_file` on embedded and own layers: what a run would screen, and inputs that break."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
from rasterio.windows import Window as RasterioWindow

import siteopt
from siteopt.errors import LayerError, LayerFileError, ScenarioError
from siteopt.layers.store import open_layers
from siteopt.runs import screening as module
from siteopt.screening import screen
from siteopt.screening.judging import RuleSet

if TYPE_CHECKING:
    from pathlib import Path

CELL_M = 1_000.0


def rule(name: str, kind: str, layer: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "title": {"ko": name, "en": name}, "kind": kind, "layer": layer, **more}


EXCLUSIONS = [
    rule("sea", "outside", "provinces", buffer_m=2_000.0),
    rule("rivers", "near", "rivers", buffer_m=1_500.0),
    rule("noise", "above", "noise", threshold=0.8),
]


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    """A raster of the user's over the whole country, in blocks of 64 cells."""
    path = tmp_path / "layers" / "noise.tif"
    path.parent.mkdir()
    profile = {
        "driver": "GTiff", "height": 640, "width": 640, "count": 1, "dtype": "float32",
        "crs": "EPSG:5179", "transform": rasterio.transform.from_origin(740_000, 2_075_000, 1e3, 1e3),
        "tiled": True, "blockxsize": 64, "blockysize": 64, "compress": "DEFLATE",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(np.random.default_rng(4).random((640, 640), dtype=np.float32), 1)
    return path


def scenario(noise: Path) -> Any:
    changes = {
        "screening.cell_m": CELL_M, "screening.exclusions": EXCLUSIONS,
        "candidates.complex_exempt": [],
    }  # fmt: skip
    return siteopt.load_scenario("national-2035", layers={"noise": noise}, changes=changes)


def in_windows(monkeypatch: pytest.MonkeyPatch, side: int = 128) -> None:
    """Have windows of fewer cells, so that a small country has many."""
    monkeypatch.setattr(RuleSet, "window_side", lambda *_args, **_more: side)


def test_the_files_hold_what_a_run_screens(tmp_path: Path, noise: Path) -> None:
    asked = scenario(noise)
    expected = screen(open_layers(asked), asked.screening)
    land = siteopt.screen_to_file(asked, tmp_path / "land.tif", nearly=True, strictest=True)
    assert isinstance(land, siteopt.ScreenedFile)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "land-nearly.csv", "land-nearly.tif", "land-reasons.csv", "land-strictest.tif", "land.tif",
        "layers",
    ]  # fmt: skip
    with rasterio.open(land.path) as file:
        codes = file.read(1)
    np.testing.assert_array_equal(codes & 0b111, expected.reasons)
    np.testing.assert_array_equal(codes >> 3, ~expected.land)
    with rasterio.open(land.nearly) as file:
        assert np.isnan(file.nodata)
        margins, tags = file.read(1), file.tags()
    assert tags["BIT_01_LIMIT"] == "1500.0"
    assert (tags["BIT_01_UNIT"], tags["BIT_02_UNIT"]) == ("m", "unit of noise")
    assert not (~np.isnan(margins) & ~expected.nearly_eligible).any()
    with rasterio.open(land.strictest) as file:
        strictest, names = file.read(1), file.tags()
    single = expected.nearly_eligible
    np.testing.assert_array_equal(
        1 << (strictest[single].astype(np.int64) - 1), expected.reasons[single]
    )
    assert (names["CODE_000"], names["CODE_002"], names["CODE_255"]) == (
        "eligible", "rivers", "not_land",
    )  # fmt: skip
    assert land.report().equals(expected.report())
    table = (tmp_path / "land-nearly.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(table) == 1 + len(EXCLUSIONS)
    assert land.nearly_report()["measured_km2"].sum() > 0


def stopped_after(monkeypatch: pytest.MonkeyPatch, count: int, asked: Any, out: Path) -> None:
    """Screen until so many windows are judged and one more has begun."""
    with monkeypatch.context() as patch:
        judge = RuleSet.judge
        begun: list[Any] = []

        def stopped(self: RuleSet, window: Any) -> Any:
            if len(begun) == count:
                raise KeyboardInterrupt
            begun.append(window)
            return judge(self, window)

        patch.setattr(RuleSet, "judge", stopped)
        with pytest.raises(KeyboardInterrupt):
            siteopt.screen_to_file(asked, out, threads=1)


def test_what_was_judged_before_a_stop_is_taken(
    tmp_path: Path, noise: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = scenario(noise)
    told: list[str] = []
    in_windows(monkeypatch)
    siteopt.screen_to_file(asked, tmp_path / "whole.tif", threads=1)
    stopped_after(monkeypatch, 7, asked, tmp_path / "land.tif")
    siteopt.screen_to_file(asked, tmp_path / "land.tif", threads=2, tell=told.append)
    assert told == ["7 of 30 windows are kept from an earlier call"]
    assert (tmp_path / "land.tif").read_bytes() == (tmp_path / "whole.tif").read_bytes()


def test_other_layers_rules_or_programs_have_another_fingerprint(
    noise: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def key(asked: Any, **more: bool) -> str:
        options = {"nearly": False, "strictest": False, **more}
        return module._fingerprint(open_layers(asked), asked.screening, **options)

    keys = [key(scenario(noise)), key(scenario(noise), nearly=True)]
    assert key(scenario(noise)) == keys[0]
    other_target = scenario(noise).model_copy(update={"name": "other"})
    assert key(other_target) == keys[0]
    finer = scenario(noise).screening.model_copy(update={"cell_m": 500.0})
    keys.append(key(scenario(noise).model_copy(update={"screening": finer})))
    content = bytearray(noise.read_bytes())
    content[-10] ^= 1
    noise.write_bytes(content)
    keys.append(key(scenario(noise)))
    monkeypatch.setattr(module, "versions", lambda: {"siteopt": "another"})
    keys.append(key(scenario(noise)))
    assert len(set(keys)) == len(keys)


def damaged(path: Path, row: int, col: int) -> bytes:
    """Flip bytes in the middle of a compressed block; return what the file held."""
    before = path.read_bytes()
    with rasterio.open(path) as file:
        offset = int(file.get_tag_item(f"BLOCK_OFFSET_{col}_{row}", "TIFF", bidx=1))
        size = int(file.get_tag_item(f"BLOCK_SIZE_{col}_{row}", "TIFF", bidx=1))
    content = bytearray(before)
    for place in range(offset + size // 3, offset + 2 * size // 3):
        content[place] ^= 0x5A
    path.write_bytes(content)
    with rasterio.open(path) as file, pytest.raises(rasterio.errors.RasterioIOError):
        file.read(1, window=RasterioWindow(col * 64, row * 64, 64, 64))
    return before


def test_a_damaged_tile_leaves_no_file_and_what_was_judged_before_stays(
    tmp_path: Path, noise: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, told = tmp_path / "land.tif", list[str]()
    in_windows(monkeypatch)
    siteopt.screen_to_file(scenario(noise), tmp_path / "whole.tif")
    stopped_after(monkeypatch, 7, scenario(noise), out)
    before = damaged(noise, 6, 4)
    with pytest.raises((LayerError, LayerFileError), match=r"noise\.tif: .*(row|block|tile)"):
        siteopt.screen_to_file(scenario(noise), out)
    assert not out.exists()
    noise.write_bytes(before)
    siteopt.screen_to_file(scenario(noise), out, tell=told.append)
    assert told == ["7 of 30 windows are kept from an earlier call"]
    assert out.read_bytes() == (tmp_path / "whole.tif").read_bytes()
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("land.png", "give one that ends in .tif"),
        ("nowhere/land.tif", "there is no folder"),
        ("folder.tif", "is a folder"),
    ],
)
def test_a_name_that_no_file_can_have_is_refused_at_once(
    tmp_path: Path, name: str, message: str
) -> None:
    (tmp_path / "folder.tif").mkdir()
    with pytest.raises(LayerFileError, match=message):
        siteopt.screen_to_file("national-2035", tmp_path / name)


def test_margins_that_were_not_measured_are_said(tmp_path: Path, noise: Path) -> None:
    land = siteopt.screen_to_file(scenario(noise), tmp_path / "land.tif")
    with pytest.raises(ScenarioError, match=r"screen with nearly=True \(--nearly\)"):
        land.nearly_report()
