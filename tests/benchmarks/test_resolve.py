"""The second opinion agrees with a run, and finds out a file that was tampered with."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from benchmarks import resolve, textbook

pytestmark = pytest.mark.national


@pytest.fixture
def folder(small_run, tmp_path):
    """A copy of the published files, to be changed."""
    for name in resolve._NEEDED:
        shutil.copy(small_run.run.folder / name, tmp_path / name)
    return tmp_path


def changed(path, change):
    """Read a CSV as text, change it, write it back."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    change(table)
    table.to_csv(path, index=False, encoding="utf-8-sig")


def wrong(folder, ranks=2):
    """Return the questions on which the second opinion differs."""
    return {one.question for one in resolve.check(folder, ranks=ranks) if not one.agrees}


def chosen(folder):
    return json.loads((folder / "portfolio.json").read_text(encoding="utf-8"))["sites"]


def test_plan_and_ranks_agree(small_run, capsys):
    assert resolve.main([str(small_run.run.folder), "--ranks", "2"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) >= 6
    assert all(line.startswith("agrees") for line in said[:-1])
    assert sum("without" in line for line in said) >= 2
    assert sum(" with " in line for line in said) >= 2


def test_nothing_of_siteopt_is_imported():
    code = (
        "import sys, benchmarks.resolve\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'siteopt'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_a_cheaper_site_is_found_out(folder):
    """A site that is not chosen costs less than published: a better plan by five millionths."""
    plan = json.loads((folder / "portfolio.json").read_text(encoding="utf-8"))
    ranking = pd.read_csv(folder / "ranking.csv", encoding="utf-8-sig", low_memory=False)
    nearest = ranking[~ranking["chosen"] & (ranking["proof"] == "exact")].nsmallest(
        1, "regret_bn_krw"
    )
    site, regret = nearest[["site_id", "regret_bn_krw"]].to_numpy().tolist()[0]

    def cheaper(table):
        mine = table["site_id"] == site
        less = regret + 5e-6 * plan["objective_bn_krw"]
        price = table.loc[mine, "objective_fixed"].astype(float) - less
        table.loc[mine, "objective_fixed"] = price.astype(str)

    changed(folder / "options.csv", cheaper)
    assert wrong(folder, ranks=0) == {"the best plan"}


def test_a_dearer_option_of_the_plan_is_found_out(folder):
    option = chosen(folder)[0]["option_id"]

    def dearer(table):
        mine = table["option_id"] == option
        table.loc[mine, "objective_fixed"] = "500"

    changed(folder / "options.csv", dearer)
    assert {"the published plan fits its limits", "the best plan"} <= wrong(folder, ranks=0)


@pytest.mark.slow
def test_less_headroom_than_the_plan_takes_is_found_out(folder):
    site = chosen(folder)[0]

    def less(table):
        mine = (table["limit"] == "station level") & (table["of"] == site["station_id"])
        table.loc[mine, "at_most"] = "1"

    changed(folder / "limits.csv", less)
    assert "the published plan fits its limits" in wrong(folder, ranks=0)


@pytest.mark.slow
@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_another_value_of_a_site_is_found_out(folder, factor):
    ranking = pd.read_csv(folder / "ranking.csv", encoding="utf-8-sig", low_memory=False)
    exact = ranking[ranking["chosen"] & (ranking["proof"] == "exact")].sort_values(
        "value_bn_krw", ascending=False
    )
    site = exact["site_id"].iloc[0]
    cost = json.loads((folder / "portfolio.json").read_text(encoding="utf-8"))["objective_bn_krw"]
    # A difference that counts: more than a millionth of the cost of the plan.
    assert exact["value_bn_krw"].iloc[0] * abs(factor - 1) > 2e-6 * cost

    def otherwise(table):
        mine = table["site_id"] == site
        table.loc[mine, "value_bn_krw"] = (
            table.loc[mine, "value_bn_krw"].astype(float) * factor
        ).astype(str)

    changed(folder / "ranking.csv", otherwise)
    assert f"without {site}" in wrong(
        folder, ranks=1
    )  # the site with the highest value is asked first


@pytest.mark.slow
def test_an_option_published_as_open_that_its_limits_close_is_found_out(folder):
    def opened(table):
        table.loc[table["gate"] == "size", ["gate", "closed_by"]] = ""

    changed(folder / "options.csv", opened)
    found = [one for one in resolve.check(folder, ranks=0) if not one.agrees]
    assert any("its limits close it" in one.says for one in found)


def test_a_missing_file_is_one_line(folder, capsys):
    (folder / "options.csv").unlink()
    assert resolve.main([str(folder)]) == resolve.EXIT_BAD_INPUT
    told = capsys.readouterr().err.strip()
    assert "options.csv is missing" in told
    assert "\n" not in told


def test_a_run_with_matched_energy_is_refused(folder):
    (folder / "energy_cuts.csv").write_text("cut,year,bus_id,bn_krw_per_mw\n", encoding="utf-8")
    with pytest.raises(ValueError, match="a run with matched clean energy"):
        resolve.check(folder)


def test_cliques_cover_every_pair_and_nothing_else():
    rng = np.random.default_rng(1)
    place = rng.uniform(0, 60, (80, 2))
    apart = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1))
    pairs = np.argwhere(np.triu(apart < 20, 1))
    cliques = textbook._clique_cover(pairs, len(place))
    covered = np.zeros((80, 80), dtype=bool)
    for clique in cliques:
        assert (apart[np.ix_(clique, clique)] < 20).all()
        covered[np.ix_(clique, clique)] = True
    assert (covered[apart < 20]).all()
