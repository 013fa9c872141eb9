"""The ready scenario on the embedded layers, spot-checked against shapely."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from siteopt.layers.store import Layers, open_layers
from siteopt.scenario import Far, Near, Scenario, load_scenario
from siteopt.screening import Eligibility, screen
from siteopt.sites.pieces import find_pieces
from siteopt.sites.tiles import find_sites

if TYPE_CHECKING:
    from numpy.typing import NDArray

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("national-2035")


@pytest.fixture(scope="module")
def layers(scenario: Scenario) -> Layers:
    return open_layers(scenario)


@pytest.fixture(scope="module")
def eligibility(scenario: Scenario, layers: Layers) -> Eligibility:
    return screen(layers, scenario.screening)


def cells_at_the_edge(cells: NDArray[np.bool_], count: int) -> NDArray[np.int64]:
    """Return random cells beside one of the other kind, where a wrong buffer would show."""
    edge = np.zeros_like(cells)
    edge[1:] |= cells[1:] != cells[:-1]
    edge[:, 1:] |= cells[:, 1:] != cells[:, :-1]
    at = np.argwhere(edge)
    chosen: NDArray[np.int64] = np.random.default_rng(20350101).choice(at, count, axis=0)
    return chosen


def test_buffers_agree_with_shapely_at_their_edges(
    eligibility: Eligibility, layers: Layers
) -> None:
    checked = 0
    for bit, exclusion in enumerate(eligibility.exclusions):
        if not isinstance(exclusion, Near | Far):
            continue
        frame = layers.vector(exclusion.layer)
        for column, wanted in exclusion.where.items():
            frame = frame[frame[column].isin(wanted if isinstance(wanted, list) else [wanted])]
        cells = (eligibility.reasons >> np.uint32(bit)) & 1 == 1
        at = cells_at_the_edge(cells, 300)
        points = shapely.points(*eligibility.lattice.centres_m(at[:, 0], at[:, 1]))
        tree = shapely.STRtree(frame.geometry.to_numpy())
        if isinstance(exclusion, Far):
            expected = np.ones(len(at), dtype=bool)
            expected[tree.query(points, "dwithin", distance=exclusion.distance_m)[0]] = False
        else:
            expected = np.zeros(len(at), dtype=bool)
            expected[tree.query(points, "dwithin", distance=exclusion.buffer_m)[0]] = True
        np.testing.assert_array_equal(cells[at[:, 0], at[:, 1]], expected, err_msg=exclusion.id)
        assert 0 < expected.sum() < len(at)
        checked += 1
    assert checked >= 4


def test_land_is_the_provinces_and_all_of_it_is_accounted_for(
    eligibility: Eligibility, layers: Layers
) -> None:
    provinces = layers.vector("provinces")
    by_province = eligibility.by_province(provinces).set_index("province_code")
    assert by_province["land_km2"].sum() == eligibility.land_km2
    assert by_province["eligible_km2"].sum() == eligibility.eligible_km2
    exact_km2 = provinces.set_index("province_code").area / 1e6
    share = by_province["land_km2"] / exact_km2.reindex(by_province.index)
    assert share.between(0.995, 1.005).all()
    capital = provinces.loc[provinces["capital_region"], "province_code"]
    assert (by_province.loc[capital, "eligible_km2"] == 0).all()
    assert 40_000 < eligibility.eligible_km2 < 60_000


def test_sites_stand_on_eligible_land_and_have_one_id_each(
    eligibility: Eligibility, layers: Layers, scenario: Scenario
) -> None:
    pieces = find_pieces(eligibility, layers, scenario)
    sites = find_sites(eligibility, layers, scenario, pieces)
    assert 1_000 < len(sites) < 15_000
    assert sites["site_id"].is_unique
    assert sites["site_id"].is_monotonic_increasing
    assert eligibility.eligible[pieces.point_rows, pieces.point_cols].all()
    assert sites["it_max_mw"].between(scenario.build.it_min_mw, scenario.build.it_max_mw).all()
    assert not sites.drop(columns="geometry").isna().any().any()
    capital = layers.vector("provinces").query("capital_region")["province_code"]
    assert not sites["province_code"].isin(capital).any()
    for site in sites.iloc[:: len(sites) // 50].itertuples():
        assert eligibility.why(site.x_m, site.y_m) == []
