"""Dispatch of what was downloaded: names, options that do not apply, numbers of files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from siteopt.errors import LayerError
from siteopt.sources.fetching.taking import take_downloaded

FILE = Path("downloaded.zip")
NOTHING: Any = {"warn": pytest.fail, "tell": pytest.fail}


def test_an_unknown_recipe_is_answered_with_all_names(tmp_path):
    with pytest.raises(LayerError, match="no such recipe") as told:
        take_downloaded(tmp_path / "data", "moon", [FILE], **NOTHING)
    for name in ("land_prices", "epw", "kma_normals", "matpower", "kpg", "pypsa"):
        assert name in str(told.value)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("recipe", "options", "named"),
    [
        ("land_prices", {"places": FILE}, "--places"),
        ("land_prices", {"cost_unit_krw": 1000.0}, "--cost-unit-krw"),
        ("epw", {"crs": 5186}, "--crs"),
        ("kpg", {"crs": 5186}, "--crs"),
    ],
)
def test_an_option_that_does_not_apply_is_refused_by_name(tmp_path, recipe, options, named):
    with pytest.raises(LayerError, match=f"{recipe}: {named} does not apply"):
        take_downloaded(tmp_path / "data", recipe, [FILE], **options, **NOTHING)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("recipe", ["land_prices", "matpower"])
def test_only_weather_comes_in_many_files(tmp_path, recipe):
    with pytest.raises(LayerError, match="takes one file, 2 are given"):
        take_downloaded(tmp_path / "data", recipe, [FILE, FILE], **NOTHING)
