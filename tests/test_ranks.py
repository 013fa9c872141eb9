"""Which ranks may still change."""

import pandas as pd
import pytest

from siteopt.ranks import proven_ranks


@pytest.mark.parametrize(
    ("lower", "proven"),
    [
        (11.0, ["A", "B", "C", "D"]),
        (7.0, ["A", "B", "C"]),  # E could stand before D
        (4.0, ["A", "B"]),
    ],
)
def test_an_exact_figure_behind_a_mere_bound_has_no_proven_rank(lower, proven):
    table = pd.DataFrame(
        [("A", True, "exact", 9.0, None, 9.0, 9.0), ("B", True, "exact", 8.0, None, 8.0, 8.0),
         ("C", False, "exact", None, 5.0, 5.0, 5.0), ("D", False, "exact", None, 10.0, 10.0, 10.0),
         ("E", False, "bounded", None, None, lower, None)],
        columns=["site_id", "chosen", "proof", "value_bn_krw", "regret_bn_krw", "lower_bn_krw",
                 "upper_bn_krw"],
    ).astype({"value_bn_krw": float, "regret_bn_krw": float, "upper_bn_krw": float})  # fmt: skip
    assert table.loc[proven_ranks(table), "site_id"].tolist() == proven
    # A chosen site of which only a bound is known may be worth more than B, or any other.
    for upper, fewer in ((8.5, ["A"]), (None, [])):
        open_one = table.assign(chosen=table["site_id"].isin(["A", "B", "E"]))
        open_one.loc[4, "upper_bn_krw"] = upper
        found = open_one.loc[proven_ranks(open_one), "site_id"].tolist()
        assert found == [*fewer, "C", "D"]
