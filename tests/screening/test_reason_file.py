from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
import shapely

from siteopt.errors import LayerError, LayerFileError, ScenarioError
from siteopt.lattice import Lattice
from siteopt.layers.raster_file import RasterFile
from siteopt.layers.rasters import Raster
from siteopt.scenario import Screening
from siteopt.screening import screen
from siteopt.screening.exclusions import prepare_rules
from siteopt.screening.judging import RuleSet
from siteopt.screening.reason_file import write_reasons

if TYPE_CHECKING:
    from pathlib import Path

X, Y, SIDE_M = 1_000_000.0, 1_900_000.0, 24_000.0


def rule(kind: str, layer: str, **more: Any) -> dict[str, Any]:
    return {"id": layer, "title": {"ko": layer, "en": layer}, "kind": kind, "layer": layer, **more}


SCREENING = Screening.model_validate(
    {
        "cell_m": 40.0,
        "exclusions": [
            rule("outside", "provinces"),
            rule("near", "rivers", buffer_m=700.0),
            rule("above", "slope", threshold=25.0, buffer_m=150.0),
        ],
    }
)


@pytest.fixture(scope="module")
def layers(memory_layers: Any) -> Any:
    made = memory_layers()
    made.add("provinces", [shapely.Point(X + 12_000, Y - 12_000).buffer(12_000)])
    made.add("rivers", [shapely.LineString([(X, Y), (X + 9_000, Y - 20_000), (X + SIDE_M, Y)])])
    frame = Lattice(X, Y, 80.0, 250, 290)
    slope = np.random.default_rng(3).gamma(2.0, 4.0, frame.shape).astype(np.float32)
    slope[40:50, 60:90] = np.nan
    made.rasters["slope"] = Raster(slope, frame, float("nan"), "slope")
    return made


@pytest.fixture(scope="module")
def rules(layers: Any) -> RuleSet:
    return prepare_rules(layers, SCREENING)


def test_the_file_holds_what_screening_finds(layers: Any, rules: RuleSet, tmp_path: Path) -> None:
    expected = screen(layers, SCREENING)
    contents = []
    for side, workers in ((256, 1), (512, 3)):
        path = tmp_path / f"{side}.tif"
        written = write_reasons(rules, path, side=side, workers=workers)
        with rasterio.open(path) as file:
            codes, tags = file.read(1), file.tags()
            assert file.transform == rules.lattice.transform
            assert file.block_shapes == [(256, 256)]
        np.testing.assert_array_equal(codes & 0b111, expected.reasons)
        np.testing.assert_array_equal(codes >> 3, ~expected.land)
        assert [tags[f"BIT_{bit:02d}"] for bit in range(4)] == [
            "provinces", "rivers", "slope", "not_land",
        ]  # fmt: skip
        assert written.counts.report().equals(expected.report())
        assert written.counts.overlap().equals(expected.overlap())
        assert written.counts.eligible_km2 == expected.eligible_km2
        nearly = np.count_nonzero(expected.nearly_eligible) * 0.0016
        assert written.counts.nearly_eligible_km2 == pytest.approx(nearly)
        assert nearly > 0
        contents.append(codes.tobytes())
    assert contents[0] == contents[1]
    assert {path.name for path in tmp_path.iterdir()} == {
        "256-reasons.csv",
        "256.tif",
        "512-reasons.csv",
        "512.tif",
    }


def test_memory_for_the_whole_grid_is_needed_by_arrays_alone(
    layers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("siteopt.screening.exclusions.free_bytes", lambda: 1_000)
    with pytest.raises(ScenarioError, match="are free"):
        screen(layers, SCREENING)
    assert write_reasons(prepare_rules(layers, SCREENING), tmp_path / "land.tif").path.is_file()


def test_the_same_work_gives_the_same_bytes(rules: RuleSet, tmp_path: Path) -> None:
    for name in ("one.tif", "two.tif"):
        write_reasons(rules, tmp_path / name, side=256, workers=2)
    assert (tmp_path / "one.tif").read_bytes() == (tmp_path / "two.tif").read_bytes()


def test_an_error_in_the_middle_leaves_the_earlier_file(
    rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "land.tif"
    write_reasons(rules, path, side=256, workers=1)
    before = path.read_bytes()
    judge, judged = RuleSet.judge, []

    def stopped(self: RuleSet, window: Any) -> Any:
        judged.append(window)
        if len(judged) == 3:
            raise KeyboardInterrupt
        return judge(self, window)

    monkeypatch.setattr(RuleSet, "judge", stopped)
    with pytest.raises(KeyboardInterrupt):
        write_reasons(rules, path, side=256, workers=1)
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["land-reasons.csv", "land.tif"]


FULL_DISK = """
import resource, sys
from pathlib import Path
import numpy as np, shapely
from siteopt.errors import LayerFileError
from siteopt.lattice import Lattice
from siteopt.layers.rasters import Raster
from siteopt.screening.features import Features
from siteopt.screening.judging import RuleSet
from siteopt.screening.reason_file import write_reasons
from siteopt.screening.rules import Threshold, RasterRules
from siteopt.scenario import Screening
frame = Lattice(0.0, 1e5, 50.0, 1500, 1500)
noise = np.random.default_rng(1).random(frame.shape)
one = {"id": "a", "title": {"ko": "a", "en": "a"}, "kind": "above", "layer": "a", "threshold": 0.5}
rules = RuleSet(
    frame, tuple(Screening.model_validate({"exclusions": [one]}).exclusions),
    Features.of([shapely.box(*frame.bounds_m)]), None,
    (RasterRules(Raster(noise, frame, None, "a"), (Threshold(0, True, 0.5, 0.0),)),),
)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    write_reasons(rules, Path(sys.argv[1]), side=512, workers=2)
except LayerFileError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit on the size of files")
def test_a_full_disk_leaves_no_file(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "land.tif")],
        check=True, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert "land.tif: cannot be written" in done.stdout
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_named(rules: RuleSet, tmp_path: Path) -> None:
    with pytest.raises(LayerFileError, match=r"nowhere.*cannot be written"):
        write_reasons(rules, tmp_path / "nowhere" / "land.tif")


def test_a_raster_in_a_file_gives_the_same_cells(layers: Any, tmp_path: Path) -> None:
    whole = layers.raster("slope")
    path = tmp_path / "slope.tif"
    profile = {
        "driver": "GTiff", "height": 250, "width": 290, "count": 1, "dtype": "float32",
        "crs": "EPSG:5179", "transform": whole.lattice.transform, "nodata": float("nan"),
        "tiled": True, "blockxsize": 64, "blockysize": 64,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        file.write(whole.values, 1)

    class FromFile:
        ids = layers.ids
        vector = staticmethod(layers.vector)

        def raster(self, layer_id: str) -> Any:
            return RasterFile(path, layer_id)

    own: Any = FromFile()
    expected = screen(layers, SCREENING)
    found = screen(own, SCREENING)
    np.testing.assert_array_equal(found.reasons, expected.reasons)
    assert found.unknown_cells == expected.unknown_cells

    content = bytearray(path.read_bytes())
    del content[-40_000:]
    path.write_bytes(content)
    with pytest.raises(LayerError, match=r"slope.tif: .*is the file whole\?"):
        write_reasons(prepare_rules(own, SCREENING), tmp_path / "land.tif")
    assert [file.name for file in tmp_path.iterdir()] == ["slope.tif"]
