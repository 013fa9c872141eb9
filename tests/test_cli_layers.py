"""``siteopt layers list``: readable in 80 columns, and whole for one layer."""

import pytest

from siteopt._data import data_folder
from siteopt.cli import layers_check, layers_list
from siteopt.errors import LayerError
from siteopt.layers import list_layers


def test_the_list_is_readable_and_one_layer_is_told_in_full(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    layers_list(None)
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) <= 80
    first_words = {line.split()[0] for line in lines if line.strip()}
    assert set(list_layers()["id"]) <= first_words
    # A title longer than its column goes on in the next line.
    assert "Major river" in next(line for line in lines if line.split()[:1] == ["basins"])
    layers_list("stations")
    told = capsys.readouterr().out
    assert "licence: ODbL" in told
    assert "not_good_for: " in told
    layers_list("slope")
    told = capsys.readouterr().out
    assert "alignment: 2,460 x 2,600 cells of 250 m in EPSG:5179 are taken one for one" in told


def test_a_raster_is_checked_alone_and_its_alignment_told(capsys):
    layers_check(str(data_folder() / "reference" / "slope.tif"), "slope")
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("slope.tif: 2,460 x 2,600 cells of 250 m in EPSG:5179")
    assert [line.split(":")[0].strip() for line in told[1:3]] == ["extent", "values"]


def test_an_unknown_layer_is_an_error_that_names_those_there_are():
    with pytest.raises(LayerError, match=r"layer colour: unknown; there are .*stations"):
        layers_list("colour")
