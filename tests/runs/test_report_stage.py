"""The report as a stage: made by a run unless it is left out, and taken where it is known."""

import io
import shutil

import pypdf
import pytest

import siteopt
from siteopt._file_names import REPORT, REPORT_PICTURES
from siteopt.runs.pipeline import BRIEF_STAGES, FILES, STAGES
from siteopt.runs.pipeline import REPORT as STAGE
from siteopt.scenario import load_scenario
from tests.runs.test_pipeline import command


@pytest.fixture
def cache(small_run, tmp_path):
    return shutil.copytree(small_run.cache, tmp_path / "cache")


def test_before_the_tables_and_not_in_a_brief_run():
    assert STAGES.index(STAGE) < STAGES.index(FILES)
    assert STAGE not in BRIEF_STAGES


def test_a_run_without_it_takes_all_stages_and_leaves_its_files_out(
    small_run, cache, tmp_path, monkeypatch, capsys
):
    out = shutil.copytree(small_run.run.folder, tmp_path / "out")
    assert (out / REPORT).is_file()
    words = ["run", small_run.scenario_file, "--out", out, "--cache", cache, "--quiet", "--why"]
    assert command(monkeypatch, *words, "--no-report") == 0
    said = capsys.readouterr().out
    assert " ran " not in said
    assert "\nreport " not in said
    left = {file.name for file in out.iterdir()}
    assert not left & {REPORT, *REPORT_PICTURES}
    assert {"map.html", "ranking.csv"} <= left
    assert command(monkeypatch, *words) == 0  # known as a whole, with it
    assert " ran " not in capsys.readouterr().out
    assert (out / REPORT).read_bytes() == (small_run.run.folder / REPORT).read_bytes()


def test_its_language_runs_what_reads_the_whole_scenario_and_moves_no_figure(
    small_run, cache, tmp_path, monkeypatch, capsys
):
    out = tmp_path / "out"
    words = ["run", small_run.scenario_file, "--out", out, "--cache", cache, "--quiet", "--why"]
    assert command(monkeypatch, *words, "--report-language", "en") == 0
    said = capsys.readouterr().out
    assert {line.split()[0] for line in said.splitlines() if " ran " in line} == {
        "map", "report", "files",
    }  # fmt: skip
    reader = pypdf.PdfReader(io.BytesIO((out / REPORT).read_bytes()))
    assert reader.trailer["/Root"]["/Lang"].lower() == "en-us"
    for name in ("ranking.csv", "portfolio.json", "map.html"):
        assert (out / name).read_bytes() == (small_run.run.folder / name).read_bytes(), name


def test_the_scenario_names_the_language(small_run, tmp_path):
    assert load_scenario(small_run.scenario_file).report.language == "ko"
    file = tmp_path / "wrong.toml"
    text = small_run.scenario_file.read_text(encoding="utf-8")
    file.write_text(text + '\n[report]\nlanguage = "fr"\n', encoding="utf-8")
    with pytest.raises(siteopt.SiteoptError, match="report"):
        load_scenario(file)


def test_the_report_of_a_whole_run_has_its_figures(small_run):
    reader = pypdf.PdfReader(io.BytesIO(small_run.run.content(REPORT)))
    told = "".join("".join(page.extract_text() for page in reader.pages).split())
    plan = small_run.run.portfolio
    assert "".join(siteopt.report.money(plan["cost_bn_krw"], "ko").split()) in told
    for row in small_run.run.ranking.query("chosen").to_dict("records"):
        assert f"{row['lat']:.4f}°N" in told
        assert "".join(siteopt.report.money(row["cost_bn_krw"], "ko").split()) in told
    assert f"{len(plan['sites'])}곳({small_run.run.record['sites']:,}곳중)" in told
