"""A set of scenarios end to end on the small question: solved, judged, written, compared."""

import json
import shutil

import numpy as np
import pytest

import siteopt
from siteopt.cli import main
from siteopt.errors import LayerFileError, ScenarioError
from siteopt.limit_key import LimitKey
from siteopt.scenario_sets import execution
from siteopt.scenario_sets.files import broken_text
from siteopt.scenario_sets.map import render_set_map
from siteopt.scenario_sets.markdown import as_markdown
from siteopt.scenario_sets.set_comparison import compare_sets
from siteopt.scenario_sets.set_result import is_set_folder
from siteopt.scenario_sets.text import as_text
from siteopt.scenario_sets.variant_runs import VariantRun
from tests.scenario_sets.small_set import SMALL_SET

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def made(small_run, tmp_path_factory):
    """The set, answered: its file, its result, and what was told on the way."""
    home = tmp_path_factory.mktemp("set")
    shutil.copy(small_run.scenario_file, home / "small.toml")
    (home / "set.toml").write_text(SMALL_SET, encoding="utf-8")
    told = []
    found = siteopt.run_set(
        home / "set.toml", home / "out", cache=small_run.cache,
        tell=lambda number, count, one: told.append((number, count, one.variant)),
    )  # fmt: skip
    return home, found, told


def test_every_variant_is_a_row_and_a_run(made):
    home, found, told = made
    assert told == [(1, 3, "base"), (2, 3, "hot"), (3, 3, "many")]
    assert found.variants["status"].tolist() == ["optimal", "optimal", "infeasible"]
    assert "provinces.count_min" in found.variants["note"].iloc[2]
    for name in found.solved:
        run = found.run(name)
        row = found.variants.set_index("variant").loc[name]
        assert row["cost_bn_krw"] == pytest.approx(run.portfolio["objective_bn_krw"], rel=1e-8)
        sites = found.sites[found.sites[f"it_mw_{name}"] > 0]
        assert set(sites["site_id"]) == {site["site_id"] for site in run.portfolio["sites"]}
    with pytest.raises(ScenarioError, match="many: no variant with a plan; there are base, hot"):
        found.run("many")
    assert not (home / "out" / "many").exists()


def test_regrets_are_those_of_the_costs(made):
    """No plan is better than a variant's own, and the robust ones are the best of all for all."""
    _, found, _ = made
    table = found.regret.set_index("plan")
    each = table[[f"regret_{name}_bn_krw" for name in found.solved]]
    assert np.diag(each.loc[found.solved]) == pytest.approx([0.0, 0.0], abs=1e-6)
    assert (each.fillna(0.0) >= 0).all(axis=None)
    whole = table[table["breaks"] == ""]
    assert whole["max_regret_bn_krw"].to_numpy() == pytest.approx(
        each.loc[whole.index].max(axis=1).to_numpy()
    )
    tolerance = 2e-6 * found.variants["cost_bn_krw"].max()
    assert table.loc["minimax-regret", "max_regret_bn_krw"] <= (
        whole["max_regret_bn_krw"].min() + tolerance
    )
    assert table.loc["least-expected-cost", "expected_bn_krw"] <= (
        whole["expected_bn_krw"].min() + tolerance
    )
    broken = table[table["breaks"] != ""]
    assert broken["max_regret_bn_krw"].isna().all()
    assert found.record["robust"]["minimax-regret"]["status"] == "optimal"
    assert found.record["robust"]["minimax-regret"]["variants"] == ["base", "hot"]


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.*")}


@pytest.mark.slow
def test_side_by_side_the_same_set_gives_the_same_bytes(made, small_run):
    home, found, _ = made
    before = contents(found.folder)
    siteopt.run_set(home / "set.toml", home / "out", cache=small_run.cache, processes=2)
    assert contents(found.folder) == before


def test_a_finished_set_is_opened_as_it_was_found(made):
    _, found, _ = made
    opened = siteopt.open_set(found.folder)
    assert opened.record == json.loads(json.dumps(found.record))
    assert opened.sites["site_id"].tolist() == found.sites["site_id"].tolist()
    assert opened.agreement["place"].tolist() == found.agreement["place"].tolist()
    assert as_text(opened) == as_text(found)
    assert as_markdown(opened) == as_markdown(found)
    assert opened.no_regret["level"].isin(["site", "station", "district", "province"]).all()


def test_text_page_and_map_say_what_was_found(made):
    _, found, _ = made
    said = as_text(found)
    assert "2 of 3 variants have a plan, equal probabilities" in said
    assert "many: infeasible" in said
    assert "in the plan of every variant" in said
    page = (found.folder / "set.md").read_text(encoding="utf-8")
    assert "| Too many provinces (`many`) |" in page
    assert "nan" not in page.lower().replace("minan", "")
    html = (found.folder / "set.html").read_text(encoding="utf-8")
    assert "https://" not in html.split('id="siteopt-data"')[0].split("<style>")[0]
    layers = siteopt.Study(found.folder.parent / "small.toml").layers
    assert render_set_map(found, layers) == html


@pytest.mark.browser
def test_the_map_shows_all_sites_in_both_languages(made, browser):
    _, found, _ = made
    page = browser.page()
    page.open((found.folder / "set.html").as_uri())
    assert page.run("siteopt.count") == len(found.sites)
    for language in ("ko", "en"):
        for tab in ("sites", "variants", "regret", "agreement"):
            page.run(f"siteopt.showTab('{tab}'), 0")
            shown = page.run(f"document.querySelector('#page-{tab}').innerText")
            assert shown.strip()
            assert "undefined" not in shown
        assert page.run("document.documentElement.lang") == language
        page.run("document.getElementById('language').click(), 0")
    for name in found.solved:
        page.run(f"siteopt.showPlan('{name}'), 0")
        marks = page.run("document.querySelectorAll('.leaflet-marker-pane .mark-site').length")
        assert marks == int((found.sites[f"it_mw_{name}"] > 0).sum())
    page.run("document.querySelector('button.site').click(), 0")
    page.wait("document.querySelector('.card.loads') !== null")


def test_two_sets_and_a_set_and_a_run_are_compared(made, small_run):
    _, found, _ = made
    found = siteopt.open_set(found.folder)  # with the digits of the files
    same = compare_sets(found, found.folder)
    assert same.places.empty
    assert (same.variants["difference_bn_krw"].dropna() == 0).all()
    assert "no difference" in same.text()
    run = compare_sets(found, small_run.run.folder)
    assert set(run.places["change"]) <= {"kept", "missing"}
    assert (run.places["change"] == "kept").all()  # the base is the run itself
    assert "| level | no-regret place | change |" in run.markdown()
    assert run.to_dict()["after"] == small_run.run.record["scenario"]["name"]


def command(*words):
    with pytest.raises(SystemExit) as ended:
        main_with(*words)
    return ended.value.code


def main_with(*words):
    import sys  # noqa: PLC0415

    old, sys.argv = sys.argv, ["siteopt", *map(str, words)]
    try:
        main()
    finally:
        sys.argv = old


def test_the_commands_print_it_and_write_the_same_bytes(made, small_run, capsys, tmp_path):
    home, found, _ = made
    before = contents(found.folder)
    words = ("run", home / "set.toml", "--out", home / "out", "--cache", small_run.cache)
    assert command(*words) == 4  # a variant has no plan
    out, err = capsys.readouterr()
    assert "minimax-regret" in out
    assert "3/3 many: infeasible" in err
    assert contents(found.folder) == before
    target = tmp_path / "set.html"
    assert command("compare", found.folder, "--map", target, "--json", tmp_path / "set.json") == 0
    assert "small-set: 2 of 3 variants" in capsys.readouterr().out
    assert target.read_bytes() == (found.folder / "set.html").read_bytes()
    assert json.loads((tmp_path / "set.json").read_text(encoding="utf-8"))["set"]["name"]
    assert command("compare", found.folder, found.folder, "--format", "markdown") == 0
    assert "# small-set (out) and small-set (out)" in capsys.readouterr().out.replace("\\", "")


def test_a_set_is_checked_without_an_answer(made, capsys):
    home, _, _ = made
    assert command("scenario", "check", home / "set.toml") == 0
    told = capsys.readouterr().out
    assert "hot: fine (probability 0.333, equal for all: none are given)" in told


def test_a_parameter_that_is_not_there_is_named_before_anything_runs(made, tmp_path):
    home, _, _ = made
    text = SMALL_SET.replace("pue_liquid", "pue_liqid").replace(
        "small.toml", str(home / "small.toml")
    )
    (tmp_path / "bad.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"variant hot: .*pue_liqid"):
        siteopt.run_set(tmp_path / "bad.toml", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_no_set_is_refused(made, tmp_path):
    _, found, _ = made
    assert is_set_folder(found.folder)
    assert not is_set_folder(tmp_path)
    with pytest.raises(LayerFileError, match="no finished set"):
        siteopt.open_set(tmp_path)
    copy = tmp_path / "copy"
    shutil.copytree(found.folder, copy)
    (copy / "sites.csv").write_text("site_id\n", encoding="utf-8")
    with pytest.raises(LayerFileError, match=r"sites.csv: not as the set wrote it"):
        siteopt.open_set(copy)


def test_a_set_without_any_plan_is_told(monkeypatch, made, tmp_path):
    home, _, _ = made

    def none(variants, *_, **__):
        return [VariantRun(one.variant.id, "stopped", "no plan in time", 1.0) for one in variants]

    monkeypatch.setattr(execution, "run_variants", none)
    found = siteopt.run_set(home / "set.toml", tmp_path / "out", cache=tmp_path / "cache")
    assert found.solved == []
    assert found.sites.empty
    assert "0 of 3 variants have a plan" in as_text(found)
    assert "stopped: no plan in time" in as_markdown(siteopt.open_set(tmp_path / "out"))


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (LimitKey("option", subject="S1@N1-154"), "no such connection there (S1@N1-154)"),
        (LimitKey("time", subject="S1@N1-154"), "lead time of the connection (S1@N1-154)"),
        (LimitKey("headroom", subject="S1@N1-154"), "headroom (S1@N1-154)"),
        (LimitKey("stations", "station", "N1", 154.0), "stations: N1 154 kV"),
        (LimitKey("provinces"), "provinces: count"),
        (LimitKey("target"), "target"),
    ],
)
def test_a_broken_limit_is_named(key, told):
    assert broken_text(key) == told
