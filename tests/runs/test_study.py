"""A study in memory: what it shares with a changed one, and that it writes what a run writes."""

import re
import shutil

import numpy as np
import pytest

import siteopt
from siteopt.errors import LayerFileError, ScenarioError
from siteopt.report.preview import render_preview
from siteopt.runs.study import Page

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def study(small_run, tmp_path_factory):
    """Return a study that takes what the small run kept: a copy, as some tests keep more."""
    cache = shutil.copytree(small_run.cache, tmp_path_factory.mktemp("study") / "cache")
    return siteopt.Study(small_run.scenario_file, cache=cache)


def ran(study):
    table = study.why()
    return set(table.loc[table["ran"], "stage"])


def test_only_what_is_asked_for_is_computed(study):
    other = study.change({"name": "another"})
    assert other.scores["suitability"].between(0, 1).all()
    assert not {"connections", "portfolio", "map"} & set(other.why()["stage"])


def test_weights_show_at_once_and_solve_nothing(study):
    before = study.preview().html  # also computes what is shared
    chosen = study.portfolio.chosen
    assert set(chosen["option_id"]) <= set(study.problem.option_id)
    other = study.change(weights={"water": 5})
    assert other.preview().html != before
    assert ran(other) == {"scores"}
    assert other.portfolio.chosen.equals(chosen)
    assert ran(other) == {"scores"}
    assert study.preview().html == before
    assert other.scenario.weights["grid"] == 1.0
    assert other.change(weights={"grid": 2}).scenario.weights["water"] == 5.0


def test_with_a_price_on_low_suitability_weights_are_a_reason_to_solve(study):
    priced = study.change({"objective.suitability_price_bn_krw_per_mw": 1.0})
    other = priced.change(weights={"water": 4})
    assert other.preview().html
    assert "portfolio" not in set(other.why()["stage"])
    assert priced.portfolio.objective != other.portfolio.objective
    assert "portfolio" in ran(other)


@pytest.mark.parametrize("afresh", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_it_writes_what_a_run_writes(study, small_run, tmp_path, afresh):
    if afresh:  # nothing is kept in a folder, so every stage is computed again
        study = siteopt.Study(small_run.scenario_file)
    written = study.write(tmp_path / "study")
    plain = small_run.run
    for file in plain.folder.iterdir():
        if file.name != "run.json":
            assert file.read_bytes() == (written.folder / file.name).read_bytes(), file.name
    untimed = [{k: v for k, v in r.record.items() if k != "timings_s"} for r in (plain, written)]
    assert untimed[0] == untimed[1]
    assert study.map().html.encode() == (plain.folder / "map.html").read_bytes()
    table = study.ranking
    assert not [name for name in table if name.startswith("within_")]
    assert table["site_id"].tolist() == plain.ranking["site_id"].tolist()


def test_from_scratch_on_one_core_it_writes_what_a_run_on_several_writes(
    small_run, small_scenario_text, tmp_path
):
    assert small_scenario_text.count("threads = 2") == 1
    file = tmp_path / "one-core.toml"
    file.write_text(small_scenario_text.replace("threads = 2", "threads = 1"), encoding="utf-8")
    written = siteopt.Study(file).write(tmp_path / "study")
    for path in small_run.run.folder.iterdir():
        if path.name != "run.json":
            assert path.read_bytes() == (written.folder / path.name).read_bytes(), path.name


def test_results_may_be_changed_by_who_asked_for_them(study):
    sites = study.sites
    wanted = sites["it_max_mw"].tolist()
    sites["it_max_mw"] = 0.0
    chosen = study.portfolio.chosen
    chosen["it_mw"] = 0.0
    assert study.sites["it_max_mw"].tolist() == wanted
    assert study.portfolio.chosen["it_mw"].sum() == study.scenario.target.it_mw


def test_parameters_and_layers_change_what_reads_them(study, tmp_path):
    plain = study.options["fixed_fibre_bn_krw"]
    dear = study.change(parameters={"fiber_cost": 900.0})
    assert (dear.options["fixed_fibre_bn_krw"] >= plain).all()
    assert ran(dear) == {"question", "options"}
    source = study.layers.path("earthquakes")
    file = tmp_path / "quakes.csv"
    file.write_bytes(source.read_bytes())
    same = study.change(layers={"earthquakes": file})
    assert same.criteria.equals(study.criteria)
    assert ran(same) == set()
    lines = source.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(lines[:1000]) + "\n", encoding="utf-8")  # until 2014
    fewer = same.change(layers={})
    assert fewer.criteria["quakes_50km"].sum() < study.criteria["quakes_50km"].sum()
    assert ran(fewer) == {"criteria"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target.gigawatts": 3}, "target.gigawatts: unknown key"),
        ({"target.it_mw": -5}, "target.it_mw: "),
        ({"nowhere.it_mw": 5}, "nowhere.it_mw: unknown key; a scenario has no nowhere"),
        ({"target.year.month": 5}, "target.year.month: target.year is no group of keys"),
    ],
)
def test_a_change_that_cannot_be_is_one_line(study, changes, message):
    with pytest.raises(ScenarioError, match=re.escape(message)):
        study.change(changes)


def test_keys_are_changed_by_name_too(study):
    other = study.change({"target.it_mw": 2000}, spacing_km=41, **{"uncertainty.preset": "quick"})
    assert (other.scenario.target.it_mw, other.scenario.spacing_km) == (2000, 41)
    assert other.scenario.uncertainty.count == 64
    assert study.scenario.uncertainty.count != 64


def test_wrong_names_are_told(study, tmp_path):
    with pytest.raises(ScenarioError, match=r"weights.watr: no such criterion"):
        study.change(weights={"watr": 1}).scores  # noqa: B018 - computed when asked for
    with pytest.raises(ScenarioError, match=r"parameters.fibre: no such parameter"):
        study.change(parameters={"fibre": 1}).options  # noqa: B018
    with pytest.raises(LayerFileError, match=r"layers.stations: .* is not there"):
        study.change(layers={"stations": tmp_path / "none.csv"})


def test_a_page_asks_no_network_and_stays_in_its_frame(study, tmp_path):
    page = study.preview("en")
    assert "://" not in page.html.replace("http://www.w3.org", "")
    assert "<script" not in page.html
    shown = page._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert "<svg" not in shown
    assert page.write(tmp_path / "p.html").read_text(encoding="utf-8") == page.html
    assert Page("<p>\"x\" & 'y'</p>")._repr_html_().count('"') % 2 == 0


def test_the_preview_lists_the_most_suitable_and_colours_all(study):
    sites, scores = study.sites, study.scores
    page = study.preview("ko").html
    assert page.count("<circle") == len(sites)
    best = scores["suitability"].idxmax()
    name = sites.set_index("site_id").loc[best, "name_ko"]
    assert f'<td class="n">1</td><td>{name}</td>' in page
    flat = scores.assign(suitability=np.nan_to_num(0.0))
    provinces = study.layers.vector("provinces")
    assert set(re.findall(r'fill="(#\w{6})"', render_preview(sites, flat, provinces, study.scenario))) == {"#f2f2ee", "#440154"}  # fmt: skip


def test_results_kept_in_a_folder_are_taken_by_another_study(study, small_scenario_text, tmp_path):
    file = tmp_path / "small.toml"
    file.write_text(small_scenario_text, encoding="utf-8")
    first = siteopt.Study(file, cache=tmp_path / "kept")
    first.scores  # noqa: B018 - computed when asked for
    second = siteopt.Study(file, cache=tmp_path / "kept")
    assert second.scores.equals(study.scores)
    assert ran(second) == set()
    assert "Study(national-2035: 1000 MW" in repr(second)
