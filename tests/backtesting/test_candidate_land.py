"""Eligible land of the small national scenario and of its run: the same but for the plan's sites."""

import json

import numpy as np
import pandas as pd
import pytest

import siteopt
from siteopt.backtesting.candidate_land import land_of_run, land_of_study
from siteopt.backtesting.percentiles import mid_ranks
from siteopt.backtesting.placement import with_judged_land
from siteopt.cli import main
from siteopt.errors import InfeasibleError, LayerFileError

pytestmark = pytest.mark.national

MADE_UP = (
    "name,lon,lat,class,date\n"
    "Made up A,126.72,35.10,one,2015\n"
    "Made up A annex,126.725,35.10,one,2016\n"
    "Made up B,128.70,36.40,two,2019-05\n"
    "Made up C,127.05,37.40,two,\n"
    "Made up D,127.90,36.95,one,2021-02-03\n"
)
"""Made-up places; C is in the capital region."""


@pytest.fixture(scope="module")
def study(small_run):
    return siteopt.Study(small_run.scenario_file, cache=small_run.cache)


@pytest.fixture(scope="module")
def of_study(study):
    return land_of_study(study, plan=True)


@pytest.fixture(scope="module")
def of_run(small_run):
    return land_of_run(small_run.run)


@pytest.fixture(scope="module")
def made_up(tmp_path_factory):
    file = tmp_path_factory.mktemp("list") / "made_up.csv"
    file.write_text(MADE_UP, encoding="utf-8")
    return file


def test_a_scenario_and_its_run_have_the_same_land(of_study, of_run):
    assert of_run.lattice == of_study.lattice
    assert np.array_equal(of_run.codes, of_study.codes)
    assert of_run.reasons == of_study.reasons
    assert of_run.titles == of_study.titles
    assert of_run.weights == of_study.weights
    assert of_run.tile_m == of_study.tile_m == 10_000
    assert of_run.capital_provinces == of_study.capital_provinces == {"11", "28", "41"}
    assert of_run.capital_apart
    assert of_run.chosen == of_study.chosen
    assert of_run.eligible_share() == of_study.eligible_share()


def test_a_site_by_itself_costs_what_the_ranking_says(of_study, of_run):
    """But for chosen sites, whose cost in a run is that of their size and connection in the plan."""
    one, two = (land.sites.set_index("site_id") for land in (of_study, of_run))
    pd.testing.assert_frame_equal(
        one.drop(columns="bn_krw_per_mw"), two.drop(columns="bn_krw_per_mw"), rtol=1e-6,
        check_dtype=False, check_index_type=False,
    )  # fmt: skip
    others = ~one.index.isin(of_study.chosen)
    assert one.loc[others, "bn_krw_per_mw"].to_numpy() == pytest.approx(
        two.loc[others, "bn_krw_per_mw"].to_numpy(), rel=1e-6, nan_ok=True
    )
    assert 0 < one["bn_krw_per_mw"].isna().sum() < len(one)


def test_reasons_at_a_point_are_those_of_the_screening(study, of_run):
    eligibility = study.eligibility
    rng = np.random.default_rng(1)
    rows, cols = (rng.integers(size, size=300) for size in eligibility.lattice.shape)
    xy = np.column_stack(eligibility.lattice.centres_m(rows, cols))
    for (x, y), names in zip(xy, of_run.reasons_at(xy), strict=True):
        assert [name for name in names if name != "outside_land"] == eligibility.why(x, y)
    assert of_run.reasons_at(np.array([[0.0, 0.0]])) == [["outside_land"]]


def test_every_candidate_stands_for_land_and_chance_is_fifty(of_run):
    land = with_judged_land(of_run, 5.0)
    tiles = ~land.sites["site_id"].str.startswith("C")
    assert (land.weight_ha[tiles] > 0).all()
    assert land.weight_ha.sum() <= (land.codes == 0).sum() * land.lattice.cell_ha
    ranks = mid_ranks(land.sites["suitability"].to_numpy(), land.weight_ha)
    assert np.average(ranks, weights=land.weight_ha) == pytest.approx(50)


def test_eligible_land_is_a_share_of_the_land_outside_the_capital_region(study, of_run):
    by_province = study.eligibility.by_province(study.layers.vector("provinces"))
    outside = by_province[~by_province["province_code"].isin(of_run.capital_provinces)]
    share = outside["eligible_km2"].sum() / outside["land_km2"].sum()
    assert of_run.eligible_share() == pytest.approx(share, rel=0.02)


def test_no_plan_has_no_chosen_site(study, small_run):
    assert land_of_study(study, plan=False).chosen is None
    assert land_of_run(small_run.run, plan=False).chosen is None


def test_a_plan_that_there_is_not_is_said(study):
    other = study.change({"provinces.count_min": 17})
    with pytest.raises(InfeasibleError, match=r"no plan meets its limits.*--no-plan"):
        land_of_study(other, plan=True)
    assert land_of_study(other, plan=False).chosen is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda record: record["scenario"]["layers"].update(districts="mine.gpkg"),
         "the run has districts of its own.*give the scenario"),
        (lambda record: record["scenario"].update(weights={"grid": "much"}), "weights are no numbers"),
        (lambda record: record["scenario"].update(weights={"grid": 0.0}), "weights are no numbers"),
        (lambda record: record["scenario"].pop("name"), "'?name'? is not there, or not known"),
    ],
)  # fmt: skip
def test_a_run_that_lacks_what_is_needed_is_said(small_run, change, told):
    record = json.loads(json.dumps(small_run.run.record))
    change(record)
    broken = type(small_run.run)(small_run.run.folder, record, small_run.run.portfolio)
    with pytest.raises(LayerFileError, match=told):
        land_of_run(broken)


def test_a_ranking_without_scores_is_said(small_run):
    run = siteopt.open_run(small_run.run.folder)
    vars(run)["ranking"] = run.ranking.drop(columns="score_water")
    with pytest.raises(LayerFileError, match="column score_water is missing; run again"):
        land_of_run(run)


def test_a_list_beside_a_run_and_beside_its_scenario_says_the_same(small_run, study, made_up):
    one = siteopt.backtest(made_up, run=small_run.run.folder, by_criterion=True)
    two = siteopt.backtest(made_up, study, by_criterion=True)
    assert len(one.campuses) == 4
    assert one.apart["name"].tolist() == ["Made up C"]
    columns = [
        "campus",
        "district_code",
        "eligible",
        "reasons",
        "candidate",
        "chosen_site",
        "blamed",
    ]
    pd.testing.assert_frame_equal(one.rows[columns], two.rows[columns])
    assert one.scenario == two.scenario


def command(monkeypatch, *words):
    monkeypatch.setattr("sys.argv", ["siteopt", "backtest", *map(str, words)])
    with pytest.raises(SystemExit) as stopped:
        main()
    return stopped.value.code


def test_the_command_prints_and_writes(small_run, made_up, tmp_path, monkeypatch, capsys):
    code = command(
        monkeypatch, made_up, "--run", small_run.run.folder, "--by-criterion", "--since", "2018",
        "--no-plan", "--out", tmp_path / "out",
    )  # fmt: skip
    assert code == 0
    said = capsys.readouterr().out
    assert "Plausibility check of" in said
    assert "Made up A (one, 2015): " in said
    assert "no basis for weights" in said
    assert "chosen site" not in said
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "backtest.csv", "backtest.geojson", "backtest.md",
    ]  # fmt: skip


def test_the_command_of_a_scenario(small_run, made_up, monkeypatch, capsys):
    code = command(
        monkeypatch, made_up, "--scenario", small_run.scenario_file, "--cache", small_run.cache
    )
    assert code == 0
    said = capsys.readouterr().out
    assert "chosen site" in said
    assert "no basis for weights" not in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--run", "no/such"], "no finished run"),
        (["--since", "soon"], "since: 'soon' is no ISO date"),
        (["--campus-km", "-1"], "campus_km: -1 km"),
        (["--out", "made_up.csv"], "is a file"),
        (["--run", "a", "--scenario", "b"], "give one of them"),
    ],
)
def test_bad_input_of_the_command_is_one_line(made_up, monkeypatch, capsys, words, told):
    monkeypatch.chdir(made_up.parent)
    assert command(monkeypatch, made_up, *words) == 2
    err = capsys.readouterr().err.strip()
    assert told in err
    assert "\n" not in err
