"""``siteopt layers list``: readable in 80 columns, and whole for one layer."""

import pytest

from siteopt.cli import layers_list
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


def test_an_unknown_layer_is_an_error_that_names_those_there_are():
    with pytest.raises(LayerError, match=r"layer colour: unknown; there are .*stations"):
        layers_list("colour")
