"""Parks as discs and bands, and how a stand-in compares with a border."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from siteopt.errors import LayerError
from siteopt.layers.store import open_layers
from siteopt.scenario import load_scenario
from siteopt.sources import protected

X, Y = 950_000.0, 1_750_000.0
LAND = shapely.box(X - 50_000, Y - 50_000, X + 50_000, Y + 50_000)


def test_discs_have_the_area_of_their_park_and_others_are_left_out(tmp_path):
    rows = [
        ("지리산", "Jirisan", 483.0, 35.337, 127.731),
        ("치악산", "Chiaksan", 175.7, 37.4, 128.1),
    ]
    rows += [
        (name, f"Out{i}", 100.0, 35.0, 128.0) for i, name in enumerate(protected.DISCS_LEFT_OUT)
    ]
    table = pd.DataFrame(
        rows, columns=["name_ko", "name_en", "area_km2", "lat_main_peak", "lon_main_peak"]
    )
    table["designated"] = 1967
    table.to_csv(tmp_path / "national_parks.csv", index=False)
    parks = protected.park_discs(tmp_path)
    assert parks["park_id"].tolist() == ["jirisan", "chiaksan"]
    np.testing.assert_allclose(parks.area / 1e6, [483.0, 175.7], rtol=1e-9)
    assert parks["approximate"].all()


@pytest.fixture
def sources(tmp_path):
    """One straight trail of 10 km in a park of 30 km2, and one of 1 km in a park of 100 km2."""
    (tmp_path / "land").mkdir()
    trails = gpd.GeoDataFrame(
        {"park_ko": ["지리산", "치악산"]},
        geometry=[
            shapely.LineString([(X, Y), (X + 10_000, Y)]),
            shapely.LineString([(X, Y + 20_000), (X + 1_000, Y + 20_000)]),
        ],
        crs=5179,
    )
    trails.to_crs(4326).to_file(tmp_path / "land" / "national_park_trails_knps.geojson")
    rows = [("지리산", "Jirisan", 30.0), ("치악산", "Chiaksan", 100.0)]
    rows += [(name, f"Out{i}", 100.0) for i, name in enumerate(protected.DISCS_LEFT_OUT)]
    table = pd.DataFrame(rows, columns=["name_ko", "name_en", "area_km2"])
    table["designated"], table["lat_main_peak"], table["lon_main_peak"] = 1967, 35.0, 128.0
    table.to_csv(tmp_path / "national_parks.csv", index=False)
    return tmp_path


def test_a_band_is_as_wide_as_asked_or_as_large_as_the_park(sources):
    bands = protected.park_bands(sources, sources, 2_000.0, LAND).set_index("park_id")
    # 2 x 10 w + pi w^2 = 30 km2 gives w = 1.254 km; the short trail keeps its 2 km.
    assert bands.loc["jirisan-trails", "width_m"] == pytest.approx(1_254, abs=15)
    assert bands.geometry["jirisan-trails"].area == pytest.approx(30e6, rel=0.01)
    assert bands.loc["chiaksan-trails", "width_m"] == 2_000
    assert bands.geometry["chiaksan-trails"].area == pytest.approx((4 + 4 * np.pi) * 1e6, rel=0.03)


def test_a_band_ends_at_the_sea(sources):
    shore = shapely.box(X - 50_000, Y, X + 50_000, Y + 50_000)
    bands = protected.park_bands(sources, sources, 1_000.0, shore)
    assert shapely.bounds(bands.geometry.to_numpy())[:, 1].min() > Y - 5


def test_a_trail_of_an_unknown_park_is_named(sources):
    table = pd.read_csv(sources / "national_parks.csv")
    table[table["name_ko"] != "치악산"].to_csv(sources / "national_parks.csv", index=False)
    with pytest.raises(LayerError, match="park 치악산 is not in national_parks"):
        protected.park_bands(sources, sources, 1_000.0, LAND)


def test_the_check_counts_land_only():
    border = shapely.box(X, Y, X + 10_000, Y + 10_000)
    shape = shapely.box(X + 5_000, Y, X + 15_000, Y + 10_000)
    assert protected.check_band(shape, border, LAND) == pytest.approx((0.5, 0.5))
    half_sea = shapely.box(X - 50_000, Y, X + 12_500, Y + 50_000)
    assert protected.check_band(shape, border, half_sea) == pytest.approx((0.5, 1 / 3))


def test_the_embedded_parks_hold_discs_and_bands_and_say_that_they_are_no_borders():
    parks = open_layers(load_scenario("national-2035")).vector("parks").set_index("park_id")
    assert parks["shape"].value_counts().to_dict() == {"trail band": 22, "disc": 18}
    assert parks["approximate"].all()
    bands = parks[parks["shape"] == "trail band"]
    assert (bands["width_m"] <= 1_500).all()
    assert (bands.area <= bands["area_km2"] * 1.02e6).all()
    # Coasts and parks of several parts that no disc stands for.
    assert {"byeonsanbando-trails", "gyeongju-trails", "taeanhaean-trails"} <= set(bands.index)
