"""The grid impact assessment: closed forms, what is not known, versions, the threshold."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from siteopt.errors import LayerError, ScenarioError
from siteopt.grid.impact import (
    COMPUTED,
    assess_sites,
    capital_distance_km,
    impact_columns,
    scoring_of_layers,
)
from siteopt.layers.catalogue import read_catalogue
from siteopt.layers.store import Layers, open_layers
from siteopt.scenario import Grid, load_scenario
from tests.examples import examples

ENDS = {
    "system_margin": (1.0, 2.0), "overload_increase": (20.0, 0.0),
    "self_sufficiency": (50.0, 200.0), "dispersion": (0.0, 100.0),
}  # fmt: skip


def item(name, most, least=0.0, kind="points", *, version="v1", computable=None):
    return {
        "version": version, "place": 1, "item_id": name, "block": "technical", "item_ko": name,
        "item_en": name, "points_max": most, "points_min": least, "kind": kind,
        "computable": name in COMPUTED if computable is None else computable, "source": "s",
        "confidence": "published",
    }  # fmt: skip


SCORING = pd.DataFrame(
    [
        item("system_margin", 15), item("overload_increase", 10), item("self_sufficiency", 10),
        item("dispersion", 15, -15, "bonus_malus"), item("jobs", 5),
        item("fine", 0, -15, "malus"), item("voltage", np.nan, np.nan, "pass_fail"),
        item("system_margin", 30, version="v2"), item("jobs", 70, version="v2"),
    ]
)  # fmt: skip
PROVINCES = pd.DataFrame(
    {
        "province_code": ["46", "26", "11"], "capital_region": [False, False, True],
        "self_sufficiency_pct": [125.0, np.nan, 7.5],
    }
)  # fmt: skip


RULES = {"grid_impact_threshold": 10.0, "gia_pass_score": 70.0}


class FakeParameters:
    def value(self, key):
        if key in RULES:
            return RULES[key]
        name, end = key.removeprefix("gia_").rsplit("_", maxsplit=1)
        return ENDS[name][end == "best"]


@dataclass
class FakeLayers:
    scoring: pd.DataFrame
    parameters = FakeParameters()

    def table(self, layer_id):
        assert layer_id == "grid_impact_scoring"
        return self.scoring

    def vector(self, layer_id):
        assert layer_id == "provinces"
        return PROVINCES


def scenario(version="v1"):
    grid = Grid(impact_version=version)
    return load_scenario("national-2035").model_copy(update={"grid": grid})


def site(**changes):
    values = {
        "site_id": "a", "it_mw": 80.0, "pue": 1.25, "province_code": "46", "headroom_mw": 150.0,
        "overload_increase_pct": 5.0, "capital_km": 40.0,
    }  # fmt: skip
    return values | changes


def assess(*sites, version="v1", scoring=SCORING):
    return assess_sites(pd.DataFrame(list(sites)), FakeLayers(scoring), scenario(version))


def test_every_item_is_a_straight_line_between_its_ends():
    row = assess(site()).loc["a"]
    assert row["impact_system_margin_points"] == pytest.approx(15 * (150 / 100 - 1))
    assert row["impact_overload_increase_points"] == pytest.approx(10 * (20 - 5) / 20)
    assert row["impact_self_sufficiency_points"] == pytest.approx(10 * (125 - 50) / 150)
    assert row["impact_dispersion_points"] == pytest.approx(15 * 40 / 100)
    assert row["impact_points"] == pytest.approx(7.5 + 7.5 + 5 + 6)
    assert row["impact_points_possible"] == 50
    assert row["impact_points_unknown"] == 5
    assert row["impact_total_min"] == pytest.approx(26 - 15)
    assert row["impact_total_max"] == pytest.approx(26 + 5)
    assert row["impact_pass_score"] == 70
    assert row["impact_voltage"] == "unknown"


@pytest.mark.parametrize(
    ("change", "column", "points"),
    [
        ({"headroom_mw": 20.0}, "system_margin", 0), ({"headroom_mw": 900.0}, "system_margin", 15),
        ({"overload_increase_pct": 0.0}, "overload_increase", 10),
        ({"overload_increase_pct": 99.0}, "overload_increase", 0),
        ({"capital_km": 0.0}, "dispersion", 0), ({"capital_km": 300.0}, "dispersion", 15),
        ({"province_code": "11", "capital_km": 0.0}, "dispersion", -15),
        ({"province_code": "11"}, "self_sufficiency", 0),
    ],
)  # fmt: skip
def test_scales_end_at_the_points_of_the_table(change, column, points):
    assert assess(site(**change)).loc["a", f"impact_{column}_points"] == points


@pytest.mark.parametrize(
    ("change", "name", "most"),
    [
        ({"headroom_mw": np.nan}, "system_margin", 15),
        ({"overload_increase_pct": np.nan}, "overload_increase", 10),
        ({"province_code": "26"}, "self_sufficiency", 10),
        ({"capital_km": np.nan}, "dispersion", 15),
    ],
)
def test_what_is_not_known_is_not_counted_and_not_zero(change, name, most):
    known, row = assess(site()).loc["a"], assess(site(**change)).loc["a"]
    assert np.isnan(row[f"impact_{name}_points"])
    assert row["impact_points"] == pytest.approx(
        known["impact_points"] - known[f"impact_{name}_points"]
    )
    assert row["impact_points_possible"] == 50 - most
    assert row["impact_points_unknown"] == 5 + most
    assert row["impact_total_min"] <= known["impact_total_min"]
    assert row["impact_total_max"] >= known["impact_total_max"]


def test_columns_that_are_not_there_are_not_known():
    bare = {k: v for k, v in site().items() if k not in {"overload_increase_pct", "capital_km"}}
    row = assess(bare).loc["a"]
    assert np.isnan(row[["impact_overload_increase_points", "impact_dispersion_points"]]
                    .astype(float)).all()  # fmt: skip
    assert row["impact_points_possible"] == 25
    # the malus of the capital region is known without a distance
    assert assess(bare | {"province_code": "11"}).loc["a", "impact_dispersion_points"] == -15


def test_below_10_mw_of_facility_load_the_assessment_does_not_apply():
    table = assess(site(it_mw=7.9), site(site_id="b", it_mw=8.0))
    assert table["impact_applies"].tolist() == [False, True]
    small = table.loc["a"]
    assert small.filter(like="points").isna().all()
    assert np.isnan(small["impact_total_max"])
    assert small["impact_voltage"] == ""
    assert table.loc["b", "impact_points"] > 0


def test_another_version_changes_points_and_items():
    table = assess(site(), version="v2")
    assert table.loc["a", "impact_points"] == pytest.approx(30 * 0.5)
    assert table.loc["a", "impact_points_unknown"] == 70
    assert table.loc["a", "impact_total_max"] == 85
    assert "impact_dispersion_points" not in table
    assert (table["impact_version"] == "v2").all()
    with pytest.raises(ScenarioError, match=r"impact_version: no version v3 .*one of v1, v2"):
        assess(site(), version="v3")


@examples(60)
@given(
    st.floats(8, 1000), st.floats(0, 3000) | st.just(np.nan), st.floats(0, 200) | st.just(np.nan),
    st.sampled_from(["46", "26", "11"]), st.floats(0, 400) | st.just(np.nan),
)  # fmt: skip
def test_points_known_and_unknown_always_make_the_whole_table(it, headroom, overload, code, km):
    row = assess(
        site(it_mw=it, headroom_mw=headroom, overload_increase_pct=overload, province_code=code,
             capital_km=km)
    ).loc["a"]  # fmt: skip
    assert row["impact_points_possible"] + row["impact_points_unknown"] == pytest.approx(55)
    assert -15 <= row["impact_points"] <= row["impact_points_possible"]
    assert row["impact_total_min"] <= row["impact_points"] <= row["impact_total_max"]
    named = [f"impact_{name}_points" for name in COMPUTED]
    assert row["impact_points"] == pytest.approx(row[named].astype(float).sum())


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (item("jobs", 5, computable=True), r"version v1, item jobs: computable is true, but only"),
        (item("jobs", np.nan), r"version v1, item jobs: points_max is empty; only a pass_fail"),
    ],
)
def test_a_scoring_table_that_cannot_be_right_is_named(bad, message):
    with pytest.raises(LayerError, match=message):
        assess(site(), scoring=pd.DataFrame([bad]))


def test_a_site_that_cannot_be_right_is_named():
    with pytest.raises(LayerError, match="sites: a: province_code 99 is not in provinces"):
        assess(site(province_code="99"))
    with pytest.raises(LayerError, match="sites: b: it_mw x pue is nan; a load above 0"):
        assess(site(), site(site_id="b", pue=np.nan))


def test_columns_are_described_as_they_come():
    layers = open_layers()
    table = assess_sites(pd.DataFrame([site()]), layers, load_scenario("national-2035"))
    columns = impact_columns(scoring_of_layers(layers, "draft-2024"))
    assert [column.name for column in columns] == table.columns.tolist()
    assert all(column.title_ko and column.title_en for column in columns)
    assert {column.confidence for column in columns} == {"assumption", "published", "unknown"}


def test_the_embedded_version_is_the_draft_notice():
    scoring = scoring_of_layers(open_layers(), "draft-2024")
    plain = [item.points_max for item in scoring.items if item.kind == "points"]
    assert sum(plain) == 100
    assert [item.id for item in scoring.computed] == list(COMPUTED)
    ends = {item.id: (item.points_min, item.points_max) for item in scoring.items}
    assert ends["system_margin"] == (0, 15)
    assert ends["dispersion"] == (-15, 15)
    assert ends["voltage_applied_for"] == (-15, 0)
    assert [item.id for item in scoring.items if item.kind == "pass_fail"] == ["voltage"]


def own_layers(tmp_path, table):
    path = tmp_path / "scoring.csv"
    table.to_csv(path, index=False)
    return Layers(read_catalogue(), {"grid_impact_scoring": path})


def test_a_later_version_of_the_users_is_read_and_chosen(tmp_path):
    table = assess_sites(
        pd.DataFrame([site()]), own_layers(tmp_path, SCORING), scenario("v2")
    )  # fmt: skip
    assert table["impact_version"].tolist() == ["v2"]
    # the embedded ends: 150 MW for 100 MW is half way from 1 to 2
    assert table.loc["a", "impact_points"] == pytest.approx(15)


def test_an_item_twice_in_a_version_is_refused(tmp_path):
    layers = own_layers(tmp_path, pd.concat([SCORING, SCORING.iloc[:1]]))
    with pytest.raises(LayerError, match=r"scoring.csv: row 11 .*system_margin.*appears twice"):
        layers.table("grid_impact_scoring")


def test_distance_to_the_capital_region_is_0_inside_and_straight_outside():
    at = gpd.GeoSeries([Point(126.98, 37.57), Point(126.4, 34.8), Point(128.9, 37.75)], crs=4326)
    sites = gpd.GeoDataFrame({"site_id": ["seoul", "mokpo", "gangneung"]}, geometry=at)
    km = capital_distance_km(sites.to_crs(5179), open_layers())
    assert km["seoul"] == 0
    # Mokpo lies some 230 km south of the border of Gyeonggi, Gangneung 100 km east of it
    assert 210 < km["mokpo"] < 260
    assert 80 < km["gangneung"] < 130
