"""Reservoirs: outliers, bad rows, and lakes found as level surfaces."""

import numpy as np
import pandas as pd
import pytest
from rasterio.transform import from_origin

from siteopt.errors import LayerError
from siteopt.layers.store import open_layers
from siteopt.scenario import load_scenario
from siteopt.sources._dem import Dem
from siteopt.sources.reservoirs import flat_patch, lake_area_km2, lakes, reservoirs

CELL = 0.00173686
ROWS = ("krc_code", "name_ko", "sgg_code", "effective_storage_1000m3", "lon", "lat",
        "place_radius_km")  # fmt: skip
DAMS = pd.DataFrame(
    {"dam_id": ["d"], "name_ko": ["댐"], "lon": [127.5], "lat": [36.5], "storage_mcm": [100.0]}
)


def hills(lake: tuple[slice, slice] | None) -> Dem:
    """Hills that rise a step a cell, with a level lake in them."""
    n = 161
    height = 40.0 + 8.0 * np.abs(np.add.outer(np.arange(n) % 40, np.arange(n) % 33))
    if lake is not None:
        height[lake] = 72.0
    return Dem(height.astype(np.float32), from_origin(127.36, 36.64, CELL, CELL))


def write(folder, rows) -> None:
    (folder / "water").mkdir(exist_ok=True)
    pd.DataFrame(rows, columns=ROWS).to_csv(
        folder / "water" / "krc_reservoirs_3422.csv", index=False
    )


def test_the_outlier_counts_a_tenth_and_says_so(tmp_path) -> None:
    write(tmp_path, [("4571010122", "구이", "45710", 109_000.0, 127.1, 35.7, 1.2),
                     ("1", "둘", "45710", 500.0, 127.1, 35.7, np.nan)])  # fmt: skip
    table = reservoirs(tmp_path, DAMS).set_index("reservoir_id")
    assert table.loc["krc-4571010122", "storage_mcm"] == pytest.approx(10.9)
    assert "ten times too large" in table.loc["krc-4571010122", "storage_flag"]
    assert table.loc["krc-1", "storage_flag"] == ""
    assert table.loc["krc-1", "position_km"] == 10
    assert table.loc["d", ["storage_mcm", "kind"]].tolist() == [100.0, "dam"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("1", "a", "45710", 500.0, np.nan, 35.7, 1.2), "1: lon is empty"),
        (("1", "a", "45710", np.nan, 127.1, 35.7, 1.2), "1: effective_storage_1000m3 is empty"),
        (("2", "a", "45710", 5.0, 127.1, 35.7, 1.2), "krc_code 2 appears twice"),
    ],
)
def test_bad_rows_are_named(tmp_path, row, message) -> None:
    write(tmp_path, [row, ("2", "b", "45710", 5.0, 127.1, 35.7, 1.2)])
    with pytest.raises(LayerError, match=message):
        reservoirs(tmp_path, DAMS)


def test_a_level_surface_near_the_point_is_the_lake() -> None:
    at = (slice(80, 100), slice(80, 95))
    found = flat_patch(hills(at), 127.5, 36.5, 10.0, 3_000.0)
    assert found is not None
    cells, transform = found
    rows, cols = np.nonzero(cells)
    lon, lat = transform * (cols + 0.5, rows + 0.5)
    east, south = (lon - 127.36) / CELL - 0.5, (36.64 - lat) / CELL - 0.5
    inside = (east > 79) & (east < 95) & (south > 79) & (south < 100)
    assert inside.sum() == 300
    assert inside.mean() > 0.95  # hills touch the lake at its own height here and there


def test_no_surface_of_the_right_size_or_near_enough_leaves_a_disc() -> None:
    small = (slice(80, 84), slice(80, 84))
    assert flat_patch(hills(small), 127.5, 36.5, 10.0, 3_000.0) is None
    far = (slice(140, 160), slice(140, 155))
    assert flat_patch(hills(far), 127.5, 36.5, 10.0, 3_000.0) is None
    assert flat_patch(hills(None), 127.5, 36.5, 10.0, 3_000.0) is None


def test_lakes_are_drawn_for_large_reservoirs_only(tmp_path) -> None:
    write(tmp_path, [("1", "작은", "45710", 2_999.0, 127.5, 36.5, 1.2),
                     ("2", "구역", "45710", 9_000.0, 127.5, 36.5, np.nan)])  # fmt: skip
    table = reservoirs(tmp_path, DAMS)
    disc = lakes(table, hills(None))
    assert disc["lake_id"].tolist() == ["d"]
    assert disc["placed_by"].tolist() == ["disc"]
    wanted = lake_area_km2(np.array([100.0]))[0]
    assert disc.area.iloc[0] / 1e6 == pytest.approx(wanted, rel=0.02)
    surface = lakes(table, hills((slice(80, 100), slice(80, 95))))
    assert surface["placed_by"].tolist() == ["surface"]
    assert surface["position_km"].iloc[0] < disc["position_km"].iloc[0]


def test_known_lakes_have_about_their_area() -> None:
    """Areas by general knowledge; the surface of 2000 is lower than the full one."""
    known = {"dam-chungju": 97.0, "dam-daecheong": 72.8, "dam-andong": 51.5, "dam-soyanggang": 70.0,
             "dam-seomjingang": 26.5, "krc-4617010200": 7.8, "krc-4688010008": 6.9,
             "krc-4481010021": 10.9, "krc-4423010045": 6.6}  # fmt: skip
    table = open_layers(load_scenario("national-2035")).vector("lakes").set_index("lake_id")
    found = table.loc[list(known)]
    assert (found["placed_by"] == "surface").all()
    share = found.area / 1e6 / pd.Series(known)
    assert share.between(0.4, 1.1).all()
    assert share.median() > 0.6
