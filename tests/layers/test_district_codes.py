import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.errors import LayerError
from siteopt.layers import open_layers
from siteopt.layers.district_codes import DistrictCodes
from tests.examples import examples


@pytest.fixture(scope="module")
def codes():
    return DistrictCodes(open_layers().table("district_codes"))


def test_a_district_is_known_by_its_codes_of_2022_2024_and_2026(codes):
    for same in (("42780", "51780"), ("45113", "52113"), ("46820", "12790"), ("47720", "27720")):
        assert len({codes.districts_of(code) for code in same}) == 1
    assert codes.districts_of("29110") == codes.districts_of("12210") == ("29110",)


def test_split_and_merged_units(codes):
    hwaseong = {codes.districts_of(code) for code in ("41591", "41593", "41595", "41597")}
    assert hwaseong == {("41590",)}
    assert codes.districts_of("28125") == ("28110", "28140")
    assert codes.districts_of("45110") == codes.districts_of("52110") == ("52111", "52113")


def test_every_embedded_district_has_a_code_of_2026(codes):
    districts = open_layers().vector("districts")["district_code"]
    table = open_layers().table("district_codes")
    assert set(table["district_code"]) == set(districts)
    assert {codes.districts_of(code) for code in districts} == {(code,) for code in districts}


def test_sums_maxima_and_means_of_the_parts_of_a_district(codes):
    parts = pd.DataFrame(
        {
            "district_code": ["41591", "41593", "41595", "41597", "42780"],
            "area_km2": [1.0, 2.0, 3.0, 4.0, 5.0],
            "headroom_mw": [10.0, None, 30.0, 0.0, None],
            "share": [0.1, 0.2, 0.3, 0.4, 0.5],
        }
    )
    how = {"area_km2": "sum", "headroom_mw": "max", "share": "mean"}
    table = codes.gather(parts, how).set_index("district_code")
    assert table.loc["41590"].tolist() == pytest.approx([10.0, 30.0, 0.25])
    assert table.loc["51780", "area_km2"] == 5.0
    assert pd.isna(table.loc["51780", "headroom_mw"])


def test_a_city_stands_for_its_gu(codes):
    city = pd.DataFrame({"code": ["41110"], "share": [0.4]})
    rows = codes.expand(city, "code")
    assert rows["district_code"].tolist() == ["41111", "41113", "41115", "41117"]
    assert rows["share"].tolist() == [0.4] * 4


@pytest.mark.parametrize(
    ("code", "said"),
    [("4682", "five digits"), ("99999", "is not known"), ("46829", "did you mean")],
)
def test_an_unknown_code_is_named_with_its_row(codes, code, said):
    frame = pd.DataFrame({"district_code": ["46820", code]})
    with pytest.raises(LayerError, match=rf"mine.csv: row 3: district_code '{code}' .*{said}"):
        codes.expand(frame, file="mine.csv")


@examples(20)
@given(st.lists(st.floats(0, 1e6), min_size=250, max_size=250))
def test_nothing_is_lost_in_a_sum_over_districts(codes, values):
    districts = open_layers().vector("districts")["district_code"]
    frame = pd.DataFrame({"district_code": districts, "ha": values})
    gathered = codes.gather(frame, {"ha": "sum"})
    assert gathered["ha"].sum() == pytest.approx(sum(values))
