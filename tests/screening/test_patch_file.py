"""Exclusions by area in files that are written window by window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio

from siteopt.screening import patch_file
from siteopt.screening.checkpoint import checkpoint_beside
from siteopt.screening.exclusions import judge_grid, prepare_rules
from siteopt.screening.margins import ELIGIBLE, NOT_LAND_CODE, MeasuredRules
from siteopt.screening.patch_file import small_patch_bits
from siteopt.screening.reason_file import write_judged, write_reasons
from tests.screening.made_country import EVERY_KIND, country, screening

if TYPE_CHECKING:
    from pathlib import Path


def cells_of(path: Path) -> Any:
    with rasterio.open(path) as file:
        return file.read(1)


def expected_codes(rules: Any) -> tuple[Any, Any]:
    """Return what a file holds of a grid judged in memory, and that judged grid."""
    found = judge_grid(rules)
    return found.reasons | (~found.land).astype(np.uint32) << len(rules.exclusions), found


@pytest.fixture(scope="module")
def rules(memory_layers: Any) -> Any:
    larger = [
        one | {"area_ha": 8 * one["area_ha"]} if "area_ha" in one else one for one in EVERY_KIND
    ]
    layers = country(memory_layers(), 3, 33_000.0)
    return prepare_rules(layers, screening(*larger, cell_m=30.0))


def test_a_file_has_the_reasons_that_memory_has(rules: Any, tmp_path: Path) -> None:
    codes, found = expected_codes(rules)
    assert min(rules.lattice.shape) > 3 * 256
    for side, workers in ((256, 2), (512, 1)):
        written = write_reasons(rules, tmp_path / "land.tif", side=side, workers=workers)
        np.testing.assert_array_equal(cells_of(written.path), codes)
        assert written.counts.eligible_km2 == found.eligible_km2
        np.testing.assert_array_equal(written.counts.codes, found.counts.codes)
        np.testing.assert_array_equal(written.counts.cells, found.counts.cells)
        assert written.report().equals(found.report())
    assert sorted(file.name for file in tmp_path.iterdir()) == ["land-reasons.csv", "land.tif"]


def test_the_same_bytes_whatever_the_windows(
    rules: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = []
    for name, side, workers, patch_side in (("a", 256, 1, 256), ("b", 768, 2, 4096)):
        monkeypatch.setattr(patch_file, "_SIDE", patch_side)
        written = write_reasons(rules, tmp_path / f"{name}.tif", side=side, workers=workers)
        files.append(written.path.read_bytes())
    assert files[0] == files[1]


def test_strictest_reasons_and_margins_know_of_areas(rules: Any, tmp_path: Path) -> None:
    codes, found = expected_codes(rules)
    measured = MeasuredRules.of(rules, with_strictest=True)
    written = write_reasons(measured, tmp_path / "land.tif", side=256)
    np.testing.assert_array_equal(cells_of(written.path), codes)
    assert written.strictest is not None
    assert written.nearly is not None
    strictest, nearly = cells_of(written.strictest), cells_of(written.nearly)
    np.testing.assert_array_equal(strictest == ELIGIBLE, found.eligible)
    np.testing.assert_array_equal(strictest == NOT_LAND_CODE, ~found.land)
    ids = found.reason_ids
    large, joined = ids.index("large"), ids.index("joined")
    assert large < joined
    has = {bit: (found.reasons >> np.uint32(bit)) & 1 == 1 for bit in (large, joined)}
    assert has[large].any()
    assert (has[joined] & ~has[large]).any()
    assert (strictest[has[large]] == large + 1).all()
    assert (strictest[has[joined] & ~has[large]] == joined + 1).all()
    assert np.isnan(nearly[has[large] | has[joined]]).all()
    table = written.nearly_report().set_index("reason")
    assert table["only_km2"].to_list() == found.report()["only_km2"].to_list()
    assert table.loc["large", "measured_km2"] == 0.0


def stop_after(windows: int, rules: Any, path: Path) -> None:
    """Judge some windows into a checkpoint, and stop as a user does."""
    with checkpoint_beside(path, "a") as checkpoint:
        for judged, _ in enumerate(checkpoint.judged(rules, 512.0, 1, side=256), start=1):
            if judged == windows:
                raise KeyboardInterrupt


def test_work_that_goes_on_gives_the_same_bytes(rules: Any, tmp_path: Path) -> None:
    whole = write_reasons(rules, tmp_path / "whole.tif", side=256).path.read_bytes()
    path = tmp_path / "land.tif"
    with pytest.raises(KeyboardInterrupt):
        stop_after(7, rules, path)
    told: list[str] = []
    with checkpoint_beside(path, "a") as checkpoint:
        windows = checkpoint.judged(rules, 512.0, 1, side=256, tell=told.append)
        written = write_judged(windows, rules, path, checkpoint.folder)
    assert told
    assert written.path.read_bytes() == whole


def test_without_an_exclusion_by_area_nothing_is_read(memory_layers: Any, tmp_path: Path) -> None:
    others = [one for one in EVERY_KIND if one["kind"] != "min_area"]
    rules = prepare_rules(country(memory_layers(), 3, 3_000.0), screening(*others))
    assert list(small_patch_bits(rules, tmp_path / "nowhere.tif")) == []
