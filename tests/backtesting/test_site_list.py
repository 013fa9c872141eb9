"""The user's list: read as it is, and every fault named with file, row and field."""

import pytest

from siteopt.backtesting.site_list import days_of, read_site_list
from siteopt.errors import LayerError, LayerFileError, ScenarioError

HEAD = "name,lon,lat,class,date\n"
GOOD = "Made up,127.5,36.5,hyper,2019\n"


def read(tmp_path, text, encoding="utf-8"):
    file = tmp_path / "mine.csv"
    file.write_bytes(text.encode(encoding))
    return read_site_list(file)


def test_rows_keep_their_order_and_number(tmp_path):
    found = read(tmp_path, 'lat,name, lon ,class,mw\n36.5,"A, B",127.5,x,7\n\n35,0012,128,y,\n')
    assert found.table.to_dict("list") == {
        "row": [2, 4], "name": ["A, B", "0012"], "lon": [127.5, 128.0], "lat": [36.5, 35.0],
        "class": ["x", "y"], "date": ["", ""],
    }  # fmt: skip
    assert found.called(1) == "mine.csv: row 4 (0012)"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_korean_is_read_in_every_usual_encoding(tmp_path, encoding):
    found = read(tmp_path, HEAD + "가상 센터,127.5,36.5,대규모,2019\n", encoding)
    assert found.table["name"].tolist() == ["가상 센터"]


def test_a_row_that_repeats_another_is_noted(tmp_path):
    found = read(tmp_path, HEAD + GOOD + "Other,128,36,hyper,\n" + GOOD)
    assert found.notes == [
        "mine.csv: row 4 (Made up) repeats row 2; it is counted once, remove it or correct its place"
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name,lon,class\nA,127.5,x\n", r"mine\.csv: column lat is missing; .* \(this file has name, lon, class\)"),
        ("name,lon,lat\nA,127.5,36\n", "column class is missing"),
        (HEAD, r"mine\.csv: no rows below the column names; at least one site"),
        (HEAD + ",,,,\n", "no rows below the column names"),
        ("", "a CSV file starts with a line of column names"),
        (HEAD + GOOD + "A,127.5,36\n", "row 3: 3 cells below 5 column names"),
        (HEAD + ",127.5,36.5,x,\n", "row 2: name is empty; every site has a name"),
        (HEAD + GOOD + "A,127.5,36.5,,\n", "row 3: class is empty; every site has a class"),
        (HEAD + f"{'A' * 101},127.5,36.5,x,\n", "row 2: name has 101 signs; 100 are the most"),
        (HEAD + "A,,36.5,x,\n", "row 2: lon is empty; a number in degrees"),
        (HEAD + "A,127.5,north,x,\n", "row 2: lat is 'north'; a number in degrees"),
        (HEAD + "A,nan,36.5,x,\n", "row 2: lon is 'nan'; a number in degrees"),
        (HEAD + "A,1e999,36.5,x,\n", "row 2: lon is '1e999'; a number in degrees"),
        (HEAD + "A,36.5,127.5,x,\n", r"row 2 \(A\): lon 36\.5 and lat 127\.5 look swapped; lon is 124 to 132"),
        (HEAD + "A,1000000,1800000,x,\n", "row 2 .*not in South Korea; these look like metres"),
        (HEAD + "A,139.7,35.7,x,\n", r"row 2 \(A\): lon 139\.7, lat 35\.7 is not in South Korea; lon is 124"),
        (HEAD + "A,127.5,36.5,x,3 May 2019\n", "row 2: date is '3 May 2019'; an ISO date is needed"),
        (HEAD + "A,127.5,36.5,x,2019-02-30\n", "row 2: date is '2019-02-30'; an ISO date"),
        (HEAD + "A,127.5,36.5,x,2019/05/01\n", "row 2: date is '2019/05/01'; an ISO date"),
        (HEAD + GOOD + "A,127.5,36.5,Hyper,\n", "row 3: class is 'Hyper', but row 2 writes 'hyper'; write one class in one way"),
        (HEAD + "A,127.5,36.5,--,\n", "row 2: class is '--'; a word is needed"),
        (HEAD + "A\u202eB,127.5,36.5,x,\n", r"holds U\+202E, a sign that is not to be seen"),
        (HEAD + GOOD * 5001, r"mine\.csv: 5,001 rows; a list of at most 5,000 real sites"),
        ("name;lon;lat;class;date\n", "semicolons between cells; commas are needed"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_row_and_what_would_be_right(tmp_path, text, told):
    with pytest.raises(LayerError, match=told) as error:
        read(tmp_path, text)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(LayerFileError, match=r"none\.csv"):
        read_site_list(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("when", "days"),
    [
        ("2019", ("2019-01-01", "2019-12-31")),
        ("2019-12", ("2019-12-01", "2019-12-31")),
        ("2020-02", ("2020-02-01", "2020-02-29")),
        ("2019-07-01", ("2019-07-01", "2019-07-01")),
    ],
)
def test_a_date_of_a_month_or_year_is_all_its_days(when, days):
    assert days_of(when, "since") == days


@pytest.mark.parametrize("when", ["", "19", "2019-13", "2019-1", "0000", "2019-02-29", "x"])
def test_what_is_no_date_is_refused(when):
    with pytest.raises(ScenarioError, match=r"since: .* is no ISO date; write 2019-07-01"):
        days_of(when, "since")
