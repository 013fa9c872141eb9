"""Each assumption at both ends: what is varied, what becomes of the plan, how it is told."""

import json

import numpy as np
import pandas as pd
import pytest

import siteopt
from siteopt.cli import main
from siteopt.errors import LayerFileError, ScenarioError
from siteopt.scenario import load_scenario, ready_scenarios
from siteopt.sensitivity import find_variants, write_page, write_table
from siteopt.sensitivity.table import COLUMNS, _sorted
from siteopt.sensitivity.variants import without_range

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def choices(tmp_path_factory):
    """A list of scenario values to vary: one that closes everything, one that cannot be."""
    file = tmp_path_factory.mktemp("choices") / "choices.csv"
    file.write_text(
        "key,low,high,unit,note\n"
        "provinces.count_min,,17,provinces,more than have sites\n"
        "spacing_km,0,-5,km,none and nonsense\n"
        "target.it_mw,1200,,MW,one fifth more\n",
        encoding="utf-8",
    )
    return file


@pytest.fixture(scope="module")
def found(small_run, choices):
    only = ["capex_shell_me", "carbon_price", "provinces.*", "spacing_km", "target.*"]
    return siteopt.sensitivity_table(
        small_run.scenario_file, only=only, choices=choices, cache=small_run.cache
    )


def rows(found):
    return found.table.set_index(["key", "side"])


def test_the_base_plan_is_that_of_the_run(found, small_run):
    portfolio = small_run.run.portfolio
    assert found.base.objective == pytest.approx(portfolio["objective_bn_krw"], rel=1e-9)
    assert set(found.base.steps["site_id"]) == {site["site_id"] for site in portfolio["sites"]}


def test_a_cost_that_is_the_same_everywhere_moves_no_site(found, small_run):
    """The building costs so much a MW wherever it stands: the change is MW times the difference."""
    asked = load_scenario(small_run.scenario_file)
    row = siteopt.layers.open_layers(asked).parameters.row("capex_shell_me")
    for side, value in (("low", row.low), ("high", row.high)):
        told = rows(found).loc["capex_shell_me", side]
        wanted = asked.target.it_mw * (value - row.value)
        assert told["change_bn_krw"] == pytest.approx(wanted, abs=2e-6 * told["cost_bn_krw"])
        assert told["keeping_bn_krw"] == pytest.approx(0, abs=2e-6 * told["cost_bn_krw"]) or (
            told["jaccard"] == 1
        )


def test_figures_of_a_changed_plan_are_those_of_its_run(found, small_run):
    told = rows(found).loc["carbon_price", "high"]
    study = siteopt.Study(small_run.scenario_file, cache=small_run.cache)
    other = study.change(parameters={"carbon_price": told["value"]}).portfolio
    assert told["cost_bn_krw"] == pytest.approx(other.objective, rel=1e-9)
    was, now = set(found.base.steps["site_id"]), set(other.chosen["site_id"])
    assert told["kept"] == len(was & now)
    assert told["sites"] == len(now)
    assert told["jaccard"] == pytest.approx(len(was & now) / len(was | now))
    assert told["near"] >= told["kept"]


def test_keeping_a_plan_never_gains_anything(found):
    table = found.table
    known = table["keeping_bn_krw"].dropna().astype(float)
    assert (known >= 0).all()
    # A plan that is allowed as it is, and costs the same, is as good as the new one.
    wider = rows(found).loc["spacing_km", "low"]
    assert wider["change_bn_krw"] <= 1e-9 * wider["cost_bn_krw"]
    assert np.isclose(wider["keeping_bn_krw"], -wider["change_bn_krw"]) or wider["jaccard"] == 1
    # A larger target cannot be met by the old plan.
    assert pd.isna(rows(found).loc["target.it_mw", "low"]["keeping_bn_krw"])


def test_no_plan_and_no_such_value_are_rows_of_their_own(found):
    assert rows(found).loc["provinces.count_min", "high"]["status"] == "infeasible"
    refused = rows(found).loc["spacing_km", "high"]
    assert refused["status"] == "not possible"
    assert "spacing_km" in refused["note"]


def test_the_table_is_sorted_by_reach(found):
    reach = found.table.assign(moved=1 - found.table["jaccard"].astype(float).fillna(0.0))
    most = reach.groupby("key", sort=False)["moved"].max()
    assert most.is_monotonic_decreasing
    assert list(found.table.columns) == list(COLUMNS)


def test_page_and_table_are_the_same_each_time(found, tmp_path):
    for number in (1, 2):
        write_page(found, tmp_path / f"{number}.md")
        write_table(found, tmp_path / f"{number}.csv")
    assert (tmp_path / "1.md").read_bytes() == (tmp_path / "2.md").read_bytes()
    said = (tmp_path / "1.md").read_text(encoding="utf-8")
    for key in set(found.table["key"]):
        assert f"`{key}`" in said
    assert "no plan meets the limits" in said
    assert "nan" not in said.lower().replace("finance", "")
    stored = pd.read_csv(tmp_path / "1.csv", encoding="utf-8-sig")
    assert "seconds" not in stored.columns
    assert stored["key"].tolist() == found.table["key"].tolist()


@pytest.mark.slow
def test_side_by_side_gives_the_same_rows(found, small_run):
    again = siteopt.sensitivity_table(
        small_run.scenario_file, only=["carbon_price"], cache=small_run.cache, processes=2
    )
    mine = found.table[found.table["key"] == "carbon_price"].drop(columns="seconds")
    pd.testing.assert_frame_equal(
        again.table.drop(columns="seconds"), mine.reset_index(drop=True), check_dtype=False
    )


def test_what_the_plan_does_not_rest_on_is_not_varied(small_run):
    study = siteopt.Study(small_run.scenario_file, cache=small_run.cache)
    read = set(study.parameters_read("options"))
    assert "capex_shell_me" in read
    assert "bess_capex" not in read  # of storage, which no plan has
    keys = {one.key for one in find_variants(study.scenario, study.layers, read)}
    assert not keys & set(without_range(study.layers, read))
    assert {one.key for one in find_variants(study.scenario, study.layers, ())} < keys


def test_an_end_that_is_in_force_is_no_variant(small_run):
    study = siteopt.Study(small_run.scenario_file, cache=small_run.cache)
    row = study.layers.parameters.row("carbon_price")
    other = study.change(parameters={"carbon_price": row.high})
    found = find_variants(other.scenario, other.layers, ["carbon_price"], ["carbon_pr*"])
    assert [one.side for one in found] == ["low"]
    assert found[0].base == row.high


def test_the_ready_list_has_keys_of_the_ready_scenarios():
    for file in ready_scenarios():
        asked = load_scenario(file)
        found = find_variants(asked, siteopt.layers.open_layers(asked), ())
        assert len(found) > 10, file


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("key,low,high\nspacing_km,1,2\n", "column unit is missing"),
        ("key,low,high,unit,note\nspacing,1,2,km,\n", "row 2: spacing is no key of a scenario"),
        ("key,low,high,unit,note\nspacing_km,inf,,km,\n", "inf is not a finite number"),
        ("", "cannot be read"),
        ("key,low,high,unit,note\nspacing_km,1,2,km\n", "row 2: 4 cells below 5 column names"),
        ("key,low,high,unit,note\nspacing_km,1,,km,\nspacing_km,2,,km,\n", "row 3: .* twice"),
        ("key,low,high,unit,note\nspacing_km,ten,,km,\n", "row 2, low: ten is not a finite number"),
        ("key,low,high,unit,note\nspacing_km,1e30,,km,\n", "1e30 is larger than any figure"),
        ("key,low,high,unit,note\nconnection.underground,,1,,\n", "1 is neither true nor false"),
        ("key,low,high,unit,note\nspacing_km,1,2,km,\u202ex\n", r"mine\.csv: holds U\+202E"),
        ("key,low,high,unit,note,note\nspacing_km,1,2,km,,\n", "column note appears twice"),
    ],
)
def test_a_list_that_is_wrong_is_told(tmp_path, text, told):
    file = tmp_path / "mine.csv"
    file.write_text(text, encoding="utf-8")
    asked = load_scenario("national-2035")
    with pytest.raises((LayerFileError, ScenarioError), match=told):
        find_variants(asked, siteopt.layers.open_layers(asked), (), (), file)


def command(monkeypatch, *words):
    monkeypatch.setattr("sys.argv", ["siteopt", *map(str, words)])
    with pytest.raises(SystemExit) as stopped:
        main()
    return stopped.value.code


def test_the_command_writes_table_and_page(small_run, tmp_path, monkeypatch, capsys):
    code = command(
        monkeypatch, "sensitivity", small_run.scenario_file, "--only", "capex_shell_me",
        "--out", tmp_path / "t.csv", "--page", tmp_path / "t.md", "--processes", 1,
        "--cache", small_run.cache,
    )  # fmt: skip
    assert code == 0
    said = capsys.readouterr()
    assert "2/2 capex_shell_me" in said.err
    assert "capex_shell_me" in said.out
    assert (tmp_path / "t.csv").is_file()
    assert (tmp_path / "t.md").is_file()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--only", "nothing_such"], "nothing that is varied is called so"),
        (["--page", "/no/such/folder/t.md"], "cannot be written"),
    ],
)
def test_bad_input_is_one_line(small_run, monkeypatch, capsys, words, told):
    code = command(
        monkeypatch, "sensitivity", small_run.scenario_file, *words, "--cache", small_run.cache
    )
    assert code == 2
    err = capsys.readouterr().err.strip()
    assert told in err
    assert "\n" not in err


def test_ties_keep_their_order():
    table = pd.DataFrame(
        {"key": ["b", "b", "a", "a"], "side": ["high", "low", "low", "high"],
         "jaccard": [1.0, 1.0, 1.0, None], "change_bn_krw": [1.0, 2.0, 3.0, None]},
    )  # fmt: skip
    assert _sorted(table)[["key", "side"]].to_numpy().tolist() == [
        ["a", "low"], ["a", "high"], ["b", "low"], ["b", "high"],
    ]  # fmt: skip
    assert json.dumps(sorted(COLUMNS))
