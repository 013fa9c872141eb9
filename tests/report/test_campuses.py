"""Campuses on the map: the way from the centre to each part and back, by row of the ranking."""

import numpy as np
import pandas as pd

from siteopt.report._base import encoded
from siteopt.report._campuses import campus_payload


def test_every_second_point_is_the_centre():
    ranking = pd.DataFrame({"campus_lon_lat": ["", "127 36;127.1 36.2;126.9 36.1", None]})
    way = [[127, 36], [127.1, 36.2], [127, 36], [126.9, 36.1], [127, 36]]
    assert campus_payload(ranking) == {"campuses": {"1": encoded(np.array(way))}}


def test_a_campus_of_one_part_is_its_centre():
    ranking = pd.DataFrame({"campus_lon_lat": ["127 36"]})
    assert campus_payload(ranking) == {"campuses": {"0": encoded(np.array([[127.0, 36.0]]))}}


def test_a_run_without_campuses_tells_none():
    assert campus_payload(pd.DataFrame({"site_id": ["A"]})) == {}
