"""A run with a fetched road graph and without: the same stages, and what the graph adds."""

from __future__ import annotations

import shutil
from typing import Any

import numpy as np
import pyproj
import pytest

import siteopt
from siteopt.sources.fetching.fetch import fetch_openstreetmap
from tests.sources.fetching.test_openstreetmap import World, X, Y

pytestmark = pytest.mark.national

TO_DEGREES = pyproj.Transformer.from_crs(5179, 4326, always_xy=True)
NEW = ["interchange_minutes", "town_minutes", "gate_km", "gate_road_class"]


@pytest.fixture(scope="module")
def study(small_run: Any, tmp_path_factory: Any) -> siteopt.Study:
    """Return the small run as a study, on a copy of what it kept."""
    cache = shutil.copytree(small_run.cache, tmp_path_factory.mktemp("access") / "cache")
    return siteopt.Study(small_run.scenario_file, cache=cache)


@pytest.fixture(scope="module")
def place(study: siteopt.Study) -> Any:
    """Return the best site of the plan."""
    first = study.portfolio.chosen["site_id"].min()
    return study.sites.set_index("site_id").loc[first]


@pytest.fixture(scope="module")
def with_roads(study: siteopt.Study, place: Any, tmp_path_factory: Any) -> siteopt.Study:
    """Return the study with a street a km from that site, 6 km long, to the ramp of an expressway."""
    home, made = tmp_path_factory.mktemp("roads"), World()
    dx, dy = place["x_m"] - X, place["y_m"] - Y
    made.way([(dx - 3_000, dy - 1_000), (dx, dy - 1_000)], highway="tertiary", maxspeed="60")
    middle = made.ways[100][0][1]
    entry = made.node(dx + 3_000, dy - 1_000)
    made.ways[101] = ([middle, entry], {"highway": "tertiary", "maxspeed": "60"})
    ramp = made.node(dx + 4_000, dy - 1_000)
    made.ways[102] = ([entry, ramp], {"highway": "motorway_link", "oneway": "yes"})
    (home / "place.osm").write_text(made.xml(), encoding="utf-8")
    fetch_openstreetmap(home / "data", ["roads"], extract=home / "place.osm", offline=True)
    return study.change({"data": str(home / "data")})


def test_without_a_road_graph_times_are_not_known_and_nothing_rests_on_them(
    study: siteopt.Study,
) -> None:
    found = study.criteria
    assert found[NEW[:3]].isna().all(axis=None)
    assert found["gate_road_class"].eq("").all()
    alone = found.assign(interchange_minutes=np.nan).drop(columns=NEW)
    assert siteopt.criteria.scoring.score_sites(alone, study.layers, study.scenario).equals(
        study.scores
    )


def test_a_folder_with_a_road_graph_gives_times_and_changes_no_plan(
    study: siteopt.Study, with_roads: siteopt.Study, place: Any
) -> None:
    found = with_roads.criteria
    assert found.drop(columns=NEW).equals(study.criteria.drop(columns=NEW))
    value = with_roads.layers.parameters.value
    own = found.loc[place.name]
    leg = value("road_detour") / value("local_road_speed") * 60
    assert own["gate_km"] == pytest.approx(1.0, abs=0.01)
    assert own["gate_road_class"] == "tertiary"
    # a kilometre to the street, three at 60 km/h to the ramp
    assert own["interchange_minutes"] == pytest.approx(leg + 3.0, abs=0.05)
    known = found["interchange_minutes"].notna()
    assert 0 < known.sum() < len(known) / 10
    changed = with_roads.scores["unknown_count"] - study.scores["unknown_count"]
    assert changed[~known].ge(0).all()
    assert with_roads.portfolio.chosen.equals(study.portfolio.chosen)
    table = with_roads.why()
    assert "portfolio" not in set(table.loc[table["ran"], "stage"])


def test_the_table_of_sites_bears_the_gate(
    study: siteopt.Study, with_roads: siteopt.Study, place: Any
) -> None:
    ranking = with_roads.ranking.set_index("site_id")
    assert ranking.loc[place.name, "gate_road_class"] == "tertiary"
    assert ranking.columns.tolist() == study.ranking.set_index("site_id").columns.tolist()
