"""Places by the layers of a folder are those that the embedded stations have."""

from __future__ import annotations

import pytest
import shapely

from siteopt.layers import open_layers
from siteopt.sources.fetching.grid_places import places_by_layers


@pytest.fixture(scope="module")
def layers():
    return open_layers()


def test_codes_are_those_of_the_embedded_stations(layers):
    stations = layers.vector("stations").iloc[::20].reset_index(drop=True)
    found = places_by_layers(stations.geometry.to_numpy(), layers)
    codes = ["province_code", "district_code"]
    assert found[codes].to_numpy().tolist() == stations[codes].to_numpy().tolist()
    named = stations["name_confidence"] == "place"
    of_place = stations.loc[named, "name_ko"].str.replace(r" \d+$", "", regex=True)
    # the gazetteer has dongs of the law, the embedded names those of the administration
    assert (found.loc[named, "place_ko"] == of_place).mean() > 0.75


def test_names_have_the_city_of_urban_districts_and_english_in_latin_letters(layers):
    seoul = layers.vector("districts").set_index("district_code").geometry["11110"]
    (one,) = places_by_layers(shapely.points([seoul.centroid.coords[0]]), layers).to_dict("records")
    assert one["place_ko"].startswith("서울 종로구 ")
    assert one["place_en"].endswith("-dong, Jongno-gu, Seoul")
    assert one["place_en"].isascii()


def test_a_place_off_the_shore_is_of_the_nearest_town(layers):
    at_sea = shapely.points([[1_170_000.0, 1_700_000.0]])
    (one,) = places_by_layers(at_sea, layers).to_dict("records")
    assert one["place_ko"].split(" ")[-1][-1] in "동읍면"
