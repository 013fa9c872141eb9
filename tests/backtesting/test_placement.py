"""Where listed sites fall: district, reasons, the candidate that judges them, chosen sites."""

from dataclasses import replace

import numpy as np
import pytest

from siteopt.backtesting.placement import coordinates, place_sites, with_judged_land
from siteopt.errors import LayerError
from siteopt.sites.tile_ids import tile_id

from .conftest import CELL_M, SOUTH, TILE_M, WEST


def tile_at(east_km, north_km):
    x, y = (WEST + 1000 * east_km) // TILE_M, (SOUTH + 1000 * north_km) // TILE_M
    return tile_id(int(x * TILE_M / 500), int(y * TILE_M / 500))


def test_degrees_become_metres_and_back(listed):
    sites = listed([("A", 9.0, 5.0, "x", "")])
    assert coordinates(sites) == pytest.approx(np.array([[WEST + 9000, SOUTH + 5000]]), abs=1e-3)


def test_a_site_in_a_tile_is_judged_by_it_though_another_is_nearer(listed, land):
    placed = place_sites(listed([("A", 11.9, 5.9, "x", "")]), land, 5.0).iloc[0]
    assert placed["judged_by"] == "tile"
    assert placed["candidate"] == tile_at(11.9, 5.9)
    assert placed["candidate_km"] == pytest.approx(1.9, abs=0.11)
    assert (placed["province"], placed["district"]) == ("Middle", "Middle-gun")
    assert placed["eligible"]
    assert placed["reasons"] == ""


def test_outside_of_tiles_the_nearest_within_reach_judges(listed, land):
    sites = listed([("A", 37.5, 10.0, "x", "")])
    near = place_sites(sites, land, 5.0).iloc[0]
    assert near["judged_by"] == "nearest"
    assert near["candidate"] == near["nearest_site"] == tile_at(34, 10)
    assert near["candidate_km"] == near["nearest_km"] == pytest.approx(3.5, abs=1e-3)
    far = place_sites(sites, land, 3.0).iloc[0]
    assert (far["judged_by"], far["candidate"]) == ("none", "")
    assert np.isnan(far["candidate_km"])
    assert far["nearest_km"] == near["nearest_km"]


def test_parcels_have_no_tiles(listed, land):
    placed = place_sites(listed([("A", 11.9, 5.9, "x", "")]), replace(land, tile_m=None), 5.0)
    assert placed["judged_by"].tolist() == ["nearest"]


def test_every_reason_against_a_place_is_named(listed, land):
    rows = [("A", 3, 8, "x", ""), ("B", 30, 0.4, "x", ""), ("C", 3, 0.4, "x", "")]
    placed = place_sites(listed(rows), land, 5.0)
    assert placed["reasons"].tolist() == ["capital", "park", "capital;park"]
    assert placed["in_capital"].tolist() == [True, False, True]
    assert placed["judged_by"].tolist() == ["none", "tile", "none"]


def test_the_capital_region_is_judged_where_it_has_candidates(listed, land):
    inside = land.sites.assign(province_code="11")
    other = replace(land, sites=inside)
    assert not other.capital_apart
    placed = place_sites(listed([("A", 7.0, 8.0, "x", "")]), other, 5.0)
    assert placed["judged_by"].tolist() == ["nearest"]


def test_the_nearest_chosen_site_is_measured(listed, land):
    sites = listed([("A", 9.0, 5.0, "x", "")])
    placed = place_sites(sites, land, 5.0).iloc[0]
    places = land.sites.set_index("site_id").loc[list(land.chosen), ["x_m", "y_m"]]
    km = np.hypot(*(places.to_numpy() - coordinates(sites)).T) / 1000
    assert placed["chosen_km"] == pytest.approx(km.min(), abs=1e-3)
    assert placed["chosen_site"] == places.index[km.argmin()]
    without = place_sites(sites, replace(land, chosen=None), 5.0).iloc[0]
    assert without["chosen_site"] == ""
    assert np.isnan(without["chosen_km"])


def test_a_site_off_land_is_a_fault_and_the_shore_is_not(listed, land):
    assert place_sites(listed([("A", 40.9, 8.0, "x", "")]), land, 5.0)["district"].tolist() == [
        "East-gun"
    ]
    rows = [("A", 20, 8, "x", ""), ("Ship", 52.0, 8.0, "x", "")]
    with pytest.raises(
        LayerError, match=r"row 3 \(Ship\): .* is 12\.0 km off the land .*correct lon"
    ):
        place_sites(listed(rows), land, 5.0)


def test_off_the_screened_frame_is_not_eligible(listed, land):
    placed = place_sites(listed([("A", 40.5, 8.0, "x", "")]), land, 5.0)
    assert placed["eligible"].tolist() == [False]
    assert placed["reasons"].tolist() == ["outside_land"]


@pytest.mark.parametrize("reach_km", [0.0, 3.0, 5.0])
def test_every_eligible_cell_is_judged_as_a_site_would_be(country, reach_km):
    """Cell by cell, with nothing but distances and the corners of tiles."""
    judged = with_judged_land(country, reach_km).sites.set_index("site_id")["judged_ha"]
    ids, wanted = country.sites["site_id"].tolist(), dict.fromkeys(country.sites["site_id"], 0.0)
    xy = country.sites[["x_m", "y_m"]].to_numpy()
    for row, col in np.argwhere(country.codes == 0):
        x, y = (float(one[0]) for one in country.lattice.centres_m([row], [col]))
        own = tile_at((x - WEST) / 1000, (y - SOUTH) / 1000)
        km = np.hypot(xy[:, 0] - x, xy[:, 1] - y) / 1000
        name = own if own in wanted else ids[km.argmin()] if km.min() <= reach_km else None
        if name is not None:
            wanted[name] += CELL_M * CELL_M / 1e4
    assert judged.to_dict() == wanted
