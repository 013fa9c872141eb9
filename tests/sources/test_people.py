import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import LayerError
from siteopt.sources._frame import NATIONAL
from siteopt.sources.people import electors_by_unit, name_key, spread
from tests.examples import examples

CELLS = NATIONAL.n_rows * NATIONAL.n_cols
WEIGHT = np.resize(np.linspace(0.02, 1.0, 997, dtype=np.float32), CELLS)


def join(names, rows, total, code="11110"):
    units = pd.DataFrame({"district_code": code, "name": names, "area_km2": 1.0})
    votes = pd.DataFrame({"district_code": code, "name": list(rows), "electors": rows.values()})
    return electors_by_unit(units, votes, pd.Series({code: total}))


@pytest.mark.parametrize(
    ("name", "known", "key"),
    [
        ("종로1·2·3·4가동", (), "종로1234가동"),
        ("구포제1동", (), "구포1동"),
        ("홍제1동", {"홍제1동"}, "홍제1동"),
        ("홍제제1동", (), "홍제1동"),
    ],
)
def test_name_key(name, known, key):
    assert name_key(name, known) == key


def test_rows_join_by_name_and_are_scaled_to_the_district():
    out = join(["가동", "나제1동", "나2동"], {"가동": 10.0, "나제1동": 20.0, "나2동": 30.0}, 120.0)
    assert out["electors"].tolist() == [20.0, 40.0, 60.0]
    assert set(out["joined"]) == {"name"}


def test_split_and_merged_dong_share_their_sum_by_area():
    out = join(["가1동", "가2동", "나동"], {"가동": 60.0, "나동": 40.0}, 100.0)
    assert out["electors"].tolist() == [30.0, 30.0, 40.0]
    assert out["joined"].tolist() == ["stem", "stem", "name"]


def test_a_dong_named_like_one_of_its_parts_is_not_taken_for_it():
    """Bucheon has a 상동 that covers the former 상동, 상1동 and 상2동."""
    out = join(["상동", "상1동", "상2동"], {"상동": 90.0}, 90.0)
    assert out["electors"].tolist() == [30.0, 30.0, 30.0]


def test_a_myeon_that_became_an_eup_keeps_its_electors():
    out = join(["삼남면", "가동"], {"삼남읍": 7.0, "가동": 3.0}, 10.0)
    assert out["electors"].tolist() == [7.0, 3.0]
    assert out["joined"].tolist() == ["seat", "name"]


def test_rows_of_new_towns_go_to_polygons_without_a_match():
    out = join(["옛면", "가동"], {"새읍내동": 9.0, "가동": 1.0}, 10.0)
    assert out["electors"].tolist() == [9.0, 1.0]
    assert out["joined"].tolist() == ["rest", "name"]


def test_a_district_without_any_electors_is_an_error():
    with pytest.raises(LayerError, match="district 11110 has no joined row"):
        join(["가동"], {"가동": 0.0}, 10.0)


@examples(12)
@given(st.data())
def test_rounding_keeps_the_electors_of_every_district(data):
    n = data.draw(st.integers(1, 6))
    electors = np.array(data.draw(st.lists(st.integers(1, 90_000), min_size=n, max_size=n)), float)
    district = np.array(data.draw(st.lists(st.sampled_from("ab"), min_size=n, max_size=n)), object)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    shares = pd.concat(
        pd.DataFrame(
            {"unit": unit, "cell": 1000 * unit + np.arange(k), "count": rng.integers(1, 26, k)}
        )
        for unit, k in enumerate(rng.integers(1, 40, n))
    ).reset_index(drop=True)
    values = spread(shares, WEIGHT, electors, district)
    owner = district[shares["unit"]]
    for code in set(district):
        cells = shares["cell"].to_numpy()[owner == code]
        assert values[cells].sum() / 16 == electors[district == code].sum()


def test_flat_cells_get_more_people_than_steep_ones():
    weight = np.zeros(CELLS, dtype=np.float32)
    weight[:2] = [1.0, 0.25]
    shares = pd.DataFrame({"unit": [0, 0], "cell": [0, 1], "count": [25, 25]})
    values = spread(shares, weight, np.array([100.0]), np.array(["a"], object))
    assert values[:2].tolist() == [1280, 320]
