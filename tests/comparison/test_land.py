"""Eligible land on four cells and two provinces, counted by hand."""

import geopandas as gpd
import numpy as np
from shapely.geometry import box

from siteopt.comparison.land import land_by_province, land_by_reason, land_picture_of

WEST, NORTH = 900_000.0, 1_900_000.0


def provinces(border_x):
    """Two provinces that meet at a line, over four by two cells of a kilometre."""
    shapes = [
        box(WEST, NORTH - 2000, border_x, NORTH), box(border_x, NORTH - 2000, WEST + 4000, NORTH),
    ]  # fmt: skip
    return gpd.GeoDataFrame(
        {"province_code": ["46", "47"], "name_ko": ["전남", "경북"], "name_en": ["J", "G"]},
        geometry=shapes, crs="EPSG:5179",
    )  # fmt: skip


def test_eligible_cells_are_counted_in_the_province_of_their_centre(tmp_path, run_at):
    before = run_at(tmp_path / "a", reasons=[[0, 0, 1, 0], [0, 1, 0, 2]])
    after = run_at(tmp_path / "b", reasons=[[0, 1, 1, 0], [0, 1, 0, 0]])
    frame = provinces(WEST + 2000)
    found = land_by_province(before, after, (frame, frame))
    assert found[["province_code", "km2_before", "km2_after", "difference"]].to_numpy().tolist() == [
        ["46", 3.0, 2.0, -1.0], ["47", 2.0, 3.0, 1.0],
    ]  # fmt: skip


def test_a_province_whose_eligible_land_is_the_same_is_left_out(tmp_path, run_at):
    before = run_at(tmp_path / "a", reasons=[[0, 0, 1, 0], [0, 1, 0, 2]])
    after = run_at(tmp_path / "b", reasons=[[0, 0, 2, 0], [0, 3, 0, 0]])
    frame = provinces(WEST + 2000)
    assert land_by_province(before, after, (frame, frame))["province_code"].tolist() == ["47"]


def test_a_border_that_moves_moves_land_between_provinces(tmp_path, run_at):
    run = run_at(tmp_path / "a", reasons=[[0, 0, 0, 0], [1, 1, 1, 1]])
    found = land_by_province(run, run, (provinces(WEST + 2000), provinces(WEST + 3000)))
    assert found["difference"].tolist() == [1.0, -1.0]


def test_reasons_that_take_other_land_are_told(tmp_path, run_at, changed):
    record, _ = changed

    def reason(name, area, only):
        return {
            "reason": name,
            "title_ko": name,
            "title_en": name,
            "area_km2": area,
            "only_km2": only,
        }

    old = record | {"screening": [reason("slope", 10.0, 4.0), reason("parks", 3.0, 1.0)]}
    new = record | {"screening": [reason("slope", 12.0, 4.0), reason("parks", 3.0, 1.0),
                                  reason("new", 2.0, 0.5)]}  # fmt: skip
    found = land_by_reason(run_at(tmp_path / "a", old), run_at(tmp_path / "b", new))
    columns = ["reason", "km2_before", "km2_after", "only_km2_before", "only_km2_after"]
    assert found[columns].to_numpy().tolist() == [
        ["slope", 10.0, 12.0, 4.0, 4.0], ["new", 0.0, 2.0, 0.0, 0.5],
    ]  # fmt: skip


def test_the_picture_has_both_runs_cell_for_cell(tmp_path, run_at):
    before = run_at(tmp_path / "a", reasons=[[0, 0, 1, 1]])
    after = run_at(tmp_path / "b", reasons=[[0, 1, 0, 1], [0, 1, 1, 1]])
    picture = land_picture_of(before, after)
    assert picture.land.tolist() == [[True, True, True, False], [True, False, False, False]]
    assert np.where(picture.land, picture.reasons, 9).tolist() == [[0, 1, 2, 9], [2, 9, 9, 9]]
