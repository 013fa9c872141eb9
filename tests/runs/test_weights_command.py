"""``siteopt weights``: what it prints, writes and refuses."""

import pytest

from siteopt._data import data_folder
from tests.scenario.test_judgements import INCONSISTENT
from tests.test_cli import command


def test_judgements_alone_are_weighed_and_a_block_is_ready_to_paste(monkeypatch, capsys):
    assert command(monkeypatch, "weights", "example") == 0
    said = capsys.readouterr().out
    line = (
        "ministry (Ministry (example)): pairwise comparison, voice 1; consistency ratio 0.010, 21"
    )
    assert line in said
    assert "farthest from the others is water over hazard = 2, 1.43 would agree" in said
    assert "operator (Operator (example)): swing weighting, voice 1\n" in said
    assert "[weights]\ngrid = 0.173081" in said


@pytest.mark.national
def test_sites_of_a_run_are_weighed_and_written(monkeypatch, capsys, small_run, tmp_path):
    words = ["weights", "example", "--run", small_run.run.folder, "--out", tmp_path / "out"]
    assert command(monkeypatch, *words) == 0
    said = capsys.readouterr().out
    assert "among the 10 best of every stakeholder:" in said
    assert "Best sites by the geometric mean" in said
    assert "acceptabilities of 1000 drawn weights, each within 0.01" in said
    assert "written: " in said
    assert (tmp_path / "out" / "multicriteria.csv").is_file()


def test_too_inconsistent_prints_weights_and_writes_nothing(monkeypatch, capsys, tmp_path):
    file = tmp_path / "weights.toml"
    file.write_text(INCONSISTENT, encoding="utf-8")
    assert command(monkeypatch, "weights", file, "--out", tmp_path / "out") == 2
    said = capsys.readouterr()
    assert "Weights of" in said.out
    assert "is above 0.1; revisit" in said.err
    assert said.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_scenario_and_run_are_not_both_given(monkeypatch, capsys):
    words = ["weights", "example", "--run", "x", "--scenario", "national-2035"]
    assert command(monkeypatch, *words) == 2
    assert "give one of them, whose sites" in capsys.readouterr().err
    assert (data_folder() / "weights" / "example.toml").is_file()
