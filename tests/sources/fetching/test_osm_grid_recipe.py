"""The recipe of the grid is checked as it is read."""

from __future__ import annotations

import pytest

from siteopt.errors import LayerError
from siteopt.sources.fetching.osm_grid_recipe import read_osm_grid_recipe
from siteopt.sources.fetching.recipes import RECIPES


def test_a_pattern_that_is_none_and_a_voltage_that_is_none_are_named(tmp_path):
    text = (RECIPES / "osm_grid.toml").read_text(encoding="utf-8")
    own = tmp_path / "mine.toml"
    own.write_text(text.replace(r"'한전\s+'", "'('"), encoding="utf-8")
    with pytest.raises(LayerError, match=r"mine\.toml: names\.prefixes.*no regular expression"):
        read_osm_grid_recipe(own)
    own.write_text(text.replace('"145" = 154', '"145" = 155'), encoding="utf-8")
    with pytest.raises(LayerError, match=r"mine\.toml: voltages\.ac"):
        read_osm_grid_recipe(own)
    assert read_osm_grid_recipe().identity.same_place_m == 500
