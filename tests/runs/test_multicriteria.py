"""Sites weighed by judgements: of a study and of its run the same, and the same bytes again."""

import shutil

import numpy as np
import pytest

import siteopt
from siteopt.errors import LayerFileError, ScenarioError
from siteopt.runs.multicriteria import weigh_sites, write_analysis
from siteopt.scenario.judgements import read_judgements

pytestmark = pytest.mark.national

EXAMPLE = read_judgements("example")


def changed(**smaa):
    return EXAMPLE.model_copy(update={"smaa": EXAMPLE.smaa.model_copy(update=smaa)})


@pytest.fixture(scope="module")
def study(small_run, tmp_path_factory):
    cache = shutil.copytree(small_run.cache, tmp_path_factory.mktemp("study") / "cache")
    return siteopt.Study(small_run.scenario_file, cache=cache)


@pytest.fixture(scope="module")
def of_study(study):
    return weigh_sites(EXAMPLE, study)


def test_suitability_is_that_of_a_scenario_with_these_weights(study, of_study):
    compromise = EXAMPLE.mean_weights("geometric")
    for weights, column in (
        (compromise, "suitability"),
        (EXAMPLE.individual["province"], "suitability_province"),
    ):
        scores = study.change(weights=weights).scores["suitability"]
        expected = scores.sort_index().to_numpy()
        assert of_study.sites[column].sort_index().to_numpy() == pytest.approx(expected)
    assert of_study.sites["rank"].iloc[0] == 1
    assert not {"portfolio", "values"} & set(study.why()["stage"])  # nothing was solved


def test_the_run_has_the_same_sites_and_scores(of_study, small_run):
    of_run = weigh_sites(EXAMPLE, small_run.run)
    assert set(of_run.sites.index) == set(of_study.sites.index)
    beside = of_study.sites.loc[of_run.sites.index]
    for name in ("suitability", "suitability_operator"):
        assert of_run.sites[name].to_numpy() == pytest.approx(beside[name].to_numpy(), abs=1e-6)
    chosen = small_run.run.ranking.set_index("site_id")["chosen"]
    others = of_run.sites.index[~chosen.loc[of_run.sites.index]]
    cost = "bn_krw_per_mw"
    # a chosen site costs what it does at its size in the plan, the others the same in both
    assert of_run.sites.loc[others, cost].to_numpy() == pytest.approx(
        beside.loc[others, cost].to_numpy(), rel=1e-6, nan_ok=True
    )


def test_stakeholders_compromises_and_draws_hang_together(of_study):
    sites, losses = of_study.sites, of_study.losses.set_index("compromise")
    assert list(losses.index) == ["arithmetic", "geometric", "least_regret"]
    assert losses["largest_loss"].idxmin() == "least_regret"
    for name in ("ministry", "operator", "province"):
        best = sites[f"suitability_{name}"].nlargest(EXAMPLE.best)
        assert losses[f"loss_{name}"].between(0, best.mean()).all()
        assert set(of_study.agreed) <= set(best.index)
    assert sites["acceptability_1"].sum() == pytest.approx(1.0)
    assert sites["acceptability_best"].sum() == pytest.approx(EXAMPLE.best)
    first = sites[sites["acceptability_1"] > 0]
    central = [name for name in sites if name.startswith("central_")]
    assert first[central].sum(axis=1).to_numpy() == pytest.approx(np.ones(len(first)))
    assert (first["confidence_factor"] == 1.0).all()
    assert sites["topsis"].between(0, 1).all()
    assert sites["promethee_net"].sum() == pytest.approx(0.0, abs=1e-9)


def test_cost_with_a_weight_is_a_criterion_and_counts_where_it_is_known(of_study, small_run):
    weighed = EXAMPLE.model_copy(
        update={
            "cost_weight": 0.9,
            "promethee": EXAMPLE.promethee.model_copy(
                update={"cost_preference_bn_krw_per_mw": 0.5}
            ),
        }
    )
    sites = weigh_sites(weighed, small_run.run).sites
    known = sites["bn_krw_per_mw"].notna()
    assert sites.loc[known, ["topsis", "promethee_net"]].notna().all(axis=None)
    assert sites.loc[~known, ["topsis", "promethee_net"]].isna().all(axis=None)
    cheap = sites["bn_krw_per_mw"].rank()
    assert sites["promethee_net"].rank().corr(cheap) < -0.9
    free = of_study.sites.loc[sites.index, "promethee_net"]
    assert abs(free.rank().corr(cheap)) < 0.5


def test_columns_that_are_not_known_are_drawn_where_asked_for(study, of_study, small_run):
    drawn = weigh_sites(changed(draw_unknown=True, draws=256), study).sites
    first = drawn[drawn["acceptability_1"] > 0]
    assert first["confidence_factor"].between(0, 1).all()
    unknown = study.scores["unknown_count"] > 0
    assert unknown.any()
    assert not drawn["rank_mean"].equals(of_study.sites["rank_mean"])
    with pytest.raises(
        ScenarioError, match=r"smaa.draw_unknown: the folder of a run does not hold"
    ):
        weigh_sites(changed(draw_unknown=True), small_run.run)


def test_the_same_judgements_give_the_same_bytes(small_run, tmp_path):
    for name in ("one", "two"):
        write_analysis(weigh_sites(changed(draws=64), small_run.run), tmp_path / name)
    other = changed(draws=64, seed=1)
    write_analysis(weigh_sites(other, small_run.run), tmp_path / "other")
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == ["compromises.csv", "multicriteria.csv", "weights.csv"]
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    table = "multicriteria.csv"
    assert (tmp_path / "one" / table).read_bytes() != (tmp_path / "other" / table).read_bytes()


def test_judgements_alone_need_no_sites(tmp_path):
    found = weigh_sites("example")
    assert len(found.sites) == 0
    assert [path.name for path in write_analysis(found, tmp_path / "new")] == ["weights.csv"]
    assert found.toml("geometric").startswith("[weights]\ngrid = 0.173")
    with pytest.raises(LayerFileError, match="is a file"):
        write_analysis(found, tmp_path / "new" / "weights.csv")


def test_what_leaves_nothing_to_draw_is_named(small_run):
    alone = EXAMPLE.model_copy(update={"stakeholders": EXAMPLE.stakeholders[:1]})
    with pytest.raises(
        ScenarioError, match="smaa: intervals leave one set of weights only, so that there is no sp"
    ):
        weigh_sites(alone, small_run.run)
    many = EXAMPLE.model_copy(update={"best": 100_000})
    with pytest.raises(ScenarioError, match="best = 100000; there are"):
        weigh_sites(many, small_run.run)
