"""Criteria of campuses: means over the power of their parts, and the basins of all of them."""

import pandas as pd
import pytest

from siteopt.criteria.campus import MEANS, describe_campuses


def test_a_campus_has_the_means_and_basins_of_its_parts():
    parts = pd.DataFrame(
        {name: [10.0, 20.0, 40.0] for name in MEANS} | {"basin_id": ["B", "A", "B"]},
        index=pd.Index(["S1", "S2", "S3"], name="site_id"),
    )
    described = pd.DataFrame(
        {name: [10.0, 99.0] for name in MEANS} | {"basin_id": ["B", "B"], "pue": [1.1, 1.2]},
        index=pd.Index(["S1", "campus-S1"], name="site_id"),
    )
    sites = pd.DataFrame(
        {
            "site_id": ["S1", "campus-S1"], "kind": ["tile", "campus"],
            "campus_parts": ["S1", "S1;S2;S3"], "campus_part_sizes": ["500", "500;300;200"],
        }
    )  # fmt: skip
    found = describe_campuses(described, parts, sites)
    for name in MEANS:
        # (500 x 10 + 300 x 20 + 200 x 40) / 1000
        assert found[name].tolist() == pytest.approx([10, 19])
    assert found["basin_shares"].tolist() == ["", "A=0.3;B=0.7"]
    assert found["pue"].tolist() == [1.1, 1.2]
    assert "basin_shares" not in described
