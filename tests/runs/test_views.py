"""Views of a run and of a study: the same sites, lines and stations as in the files."""

import base64

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from matplotlib.figure import Figure

import siteopt
from siteopt.errors import LayerFileError, ScenarioError

pytestmark = pytest.mark.national

LARGEST_KB = 400
"""Of what a notebook keeps of an object, page and picture each."""


@pytest.fixture(scope="module")
def run(small_run):
    return siteopt.open_run(small_run.run.folder)


@pytest.fixture(scope="module")
def study(small_run):
    return siteopt.Study(small_run.scenario_file, cache=small_run.cache)


def test_frames_of_a_run_are_its_files_with_geometry(run):
    for frame in (run.sites, run.chosen, run.options, run.routes, run.stations):
        assert isinstance(frame, gpd.GeoDataFrame)
        assert frame.crs.to_epsg() == 5179
    pd.testing.assert_frame_equal(
        pd.DataFrame(run.sites.drop(columns="geometry")), run.ranking, check_dtype=False
    )
    assert (run.sites.geometry.x == run.sites["x_m"]).all()
    assert set(run.chosen["site_id"]) == {one["site_id"] for one in run.portfolio["sites"]}
    assert run.chosen["it_mw"].sum() == run.portfolio["target_it_mw"]
    assert set(run.options["site_id"]) <= set(run.sites["site_id"])
    assert set(run.chosen["option_id"]) <= set(run.options["option_id"])


def test_lines_go_from_the_site_to_its_station(run):
    first = run.routes[(run.routes["feed"] == 1) & (run.routes["stretch"] == 1)]
    places = run.sites.set_index("site_id").geometry
    for site, line in zip(first["site_id"], first.geometry, strict=True):
        assert shapely.Point(line.coords[0]).distance(places[site]) < 500  # a cell of routes
    known = run.routes.groupby(["site_id", "feed"])["length_km"].sum().xs(1, level="feed")
    told = run.ranking.set_index("site_id")["route_km"].reindex(known.index)
    assert ((known - told).abs() < 0.05 * told + 0.3).all()


def test_stations_bear_what_the_plan_uses_and_stand_where_they_are(run, study):
    used = run.stations[run.stations["used_mw"] > 0]
    limits = [
        one for one in run.portfolio["limits"] if one["limit"].endswith(" kV") and one["used"]
    ]
    assert used["used_mw"].sum() == pytest.approx(sum(one["used"] for one in limits))
    assert used["used_mw"].le(used["available_mw"] + 1e-6).all()
    real = study.stations.drop_duplicates("station_id").set_index("station_id").geometry
    placed = run.stations[run.stations.geometry.notna()]
    assert len(placed) >= len(set(run.chosen["station_id"]))
    off = placed.geometry.distance(gpd.GeoSeries(real.reindex(placed["station_id"]).to_numpy(), index=placed.index, crs=5179))  # fmt: skip
    assert off.max() < 1000


def test_a_study_has_the_frames_of_its_run(run, study):
    assert set(study.chosen["site_id"]) == set(run.chosen["site_id"])
    chosen = run.routes[run.routes["chosen"]]
    assert study.routes["length_km"].sum() == pytest.approx(chosen["length_km"].sum())
    assert study.stations.crs.to_epsg() == study.routes.crs.to_epsg() == 5179
    assert study.stations.geometry.notna().all()


def test_a_study_explains_as_its_run_does(run, study):
    site = run.ranking.loc[run.ranking["chosen"], "site_id"].iloc[0]
    assert study.explain(site, "en").splitlines()[0] == run.explain(site, "en").splitlines()[0]
    assert study.explain(site, "ko") != study.explain(site, "en")
    sea = "124.9,34.0"
    with pytest.raises(ScenarioError) as told:
        study.explain("nowhere-at-all")
    assert "in memory" not in str(told.value)
    assert study.explain("126.99,37.55") == run.explain("126.99,37.55")
    with pytest.raises(ScenarioError, match="outside"):
        study.explain(sea.replace("124.9", "100"))


def test_notebooks_show_page_picture_and_text_of_a_few_kilobytes(run, study):
    study.portfolio  # noqa: B018 - a study shows a plan that is there
    for thing in (run, study, study.portfolio, study.eligibility):
        bundle = thing._repr_mimebundle_()
        assert set(bundle) == {"text/plain", "image/png", "text/html"}
        assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
        assert bundle["text/html"].startswith("<iframe srcdoc=")
        assert "http" not in bundle["text/html"].replace("http-equiv", "")
        for kind in ("image/png", "text/html"):
            assert len(bundle[kind]) < LARGEST_KB * 1024, (type(thing), kind)
        assert thing._repr_mimebundle_() == bundle
    assert run.summary() == run._repr_mimebundle_()["text/plain"]


def test_showing_a_study_computes_nothing(study):
    other = study.change(spacing_km=31)
    assert "Study(" in other._repr_mimebundle_()["text/plain"]
    assert other.why().empty


def test_plots_are_drawn_where_they_are_wanted(run, study):
    for thing in (run, study):
        for name in ("plot", "plot_cost", "plot_energy"):
            ax = Figure().subplots()
            assert getattr(thing, name)(language="en", ax=ax) is ax
            assert ax.get_title()
    assert run.plot_robustness(language="en").get_title()
    bars = {(round(one.get_y(), 2), round(one.get_width(), 3)) for one in run.plot_cost().patches}
    assert bars == {(round(one.get_y(), 2), round(one.get_width(), 3)) for one in study.plot_cost().patches}  # fmt: skip


def test_exploring_is_the_map_of_the_run(run):
    assert run.explore().html == run.map_path.read_text(encoding="utf-8")


def test_a_brief_run_says_what_it_has_not(study, tmp_path):
    brief = study.write(tmp_path / "brief", brief=True)
    assert len(brief.sites)
    for name in ("options", "routes", "stations"):
        with pytest.raises(LayerFileError, match="is missing"):
            getattr(brief, name)
    assert brief.plot(language="en").get_title()
    assert set(brief._repr_mimebundle_()) == {"text/plain", "image/png", "text/html"}


def test_parcels_in_memory_give_the_ranking_of_their_file(small_run, tmp_path):
    sites = siteopt.open_run(small_run.run.folder).sites
    some = sites[sites["rank"].notna()].iloc[::12].head(40)
    parcels = some[["site_id", "name_ko", "name_en", "geometry"]].copy()
    parcels["geometry"] = some.geometry.buffer(600, cap_style="square")
    parcels.to_file(tmp_path / "own.gpkg")
    changes = {"target.it_mw": 400, "provinces.count_min": 1, "provinces.share_max_pct": 100}
    folders = {}
    for kind, given in (("file", tmp_path / "own.gpkg"), ("frame", parcels)):
        asked = changes | {"candidates.parcels": given}
        scenario = siteopt.load_scenario(small_run.scenario_file, changes=asked)
        folders[kind] = siteopt.run(scenario, tmp_path / kind, cache=tmp_path / "c", brief=True)
    one, other = (folders[kind].content("ranking.csv") for kind in ("file", "frame"))
    assert one == other
    told = folders["frame"].record["parcels"][0]
    assert told["file"] == "parcels (in memory).gpkg"
    assert len(told["sha256"]) == 64
    again = siteopt.load_scenario(small_run.scenario_file, changes=changes | {"candidates.parcels": parcels.copy()})  # fmt: skip
    ran = []
    siteopt.run(again, tmp_path / "again", cache=tmp_path / "c", brief=True, tell=ran.append)
    assert not any(outcome.ran for outcome in ran)
    other = some[~some["site_id"].isin(folders["file"].chosen["site_id"])].iloc[0]
    place = f"{other['x_m']:.0f},{other['y_m']:.0f}"
    asked = changes | {"candidates.parcels": parcels, "sites.must": [place]}
    scenario = siteopt.load_scenario(small_run.scenario_file, changes=asked)
    forced = siteopt.run(scenario, tmp_path / "forced", cache=tmp_path / "c", brief=True)
    assert other["site_id"] in set(forced.chosen["site_id"])
    assert forced.record["named_sites"] == {place: [other["site_id"]]}
    assert "decided beforehand" in forced.explain(other["site_id"])
