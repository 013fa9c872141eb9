"""``siteopt layers list``: readable in 80 columns, and whole for one layer."""

import pytest

from siteopt.cli import layers_list
from siteopt.errors import LayerError


def test_the_list_is_readable_and_one_layer_is_told_in_full(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    layers_list(None)
    shown = capsys.readouterr().out
    assert "basins" in shown
    assert "Major river basins" in shown
    layers_list("stations")
    told = capsys.readouterr().out
    assert "licence: ODbL" in told
    assert "not_good_for: " in told


def test_an_unknown_layer_is_an_error_that_names_those_there_are():
    with pytest.raises(LayerError, match=r"layer colour: unknown; there are .*stations"):
        layers_list("colour")
