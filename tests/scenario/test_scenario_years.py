"""What a scenario says of several years, of single sites and of what a loss may take away."""

import pytest

from siteopt.errors import ScenarioError
from siteopt.scenario import load_scenario
from siteopt.scenario.limits import in_year
from tests.scenario.test_scenario import changed, write


def with_lines(folder, lines, *, years="it_mw_by_year = { 2033 = 1000, 2034 = 2000 }"):
    """Return the national scenario with targets by year and further lines."""
    text = changed("it_mw = 3000", f"it_mw = 3000\n{years}")
    # Lines of a table that is there go into it, others to the end.
    tables = {
        "budget_by_year_bn_krw": ("[objective]\n", "[objective]\n"),
        "share_max_pct": ("share_max_pct = 40\n", ""),
    }
    for name, (there, kept) in tables.items():
        if lines.startswith(name):
            assert there in text
            return write(folder, text.replace(there, f"{kept}{lines}\n", 1))
    return write(folder, f"{text}\n{lines}\n")


def loaded(folder, lines="", **how):
    return load_scenario(with_lines(folder, lines, **how))


def test_every_year_from_the_first_named_one_is_decided(tmp_path):
    target = loaded(tmp_path, years="it_mw_by_year = { 2031 = 400, 2033 = 1000 }").target
    assert target.years == (2031, 2032, 2033, 2034, 2035)
    wanted = [target.it_mw_in(year) for year in target.years]
    assert wanted == [400, 400, 1000, 1000, 3000]


def test_one_year_is_decided_where_none_is_named():
    target = load_scenario("national-2035").target
    assert target.years == (2035,)
    assert target.it_mw_in(2035) == 3000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (30.0, [30, 30, 30]),
        ({2033: 10.0, 2035: 50.0}, [10, 10, 50]),
        ({2034: 20.0}, [7, 20, 20]),
        ({2030: 5.0}, [5, 5, 5]),
    ],
)
def test_a_limit_by_year_holds_until_the_next_one(value, expected):
    assert [in_year(value, year, 7.0) for year in (2033, 2034, 2035)] == expected


def test_limits_by_year_sites_and_diversity_are_read(tmp_path):
    scenario = loaded(
        tmp_path,
        """
[diversity]
station_max_pct = 30
province_max_pct = { 2034 = 60, 2035 = 50 }

[sites]
must = ["a"]
must_not = ["b"]

[[sites.begun]]
site_id = "c"
it_mw = 100
year = 2028
station_id = "n7"
""",
    )
    assert scenario.diversity.station_max_pct == 30
    assert scenario.diversity.province_max_pct == {2034: 60, 2035: 50}
    assert scenario.diversity.basin_max_pct == 100
    assert (scenario.sites.must, scenario.sites.must_not) == (["a"], ["b"])
    (begun,) = scenario.sites.begun
    assert (begun.site_id, begun.it_mw, begun.year, begun.station_id) == ("c", 100, 2028, "n7")


def test_the_common_maximum_by_year_holds_for_a_province_that_names_its_minimum(tmp_path):
    lines = """share_max_pct = { 2033 = 100, 2035 = 40 }

[provinces.shares]
"47" = { min_pct = { 2034 = 5 } }
"""
    provinces = loaded(tmp_path, lines).provinces
    assert [provinces.bounds_pct("47", year) for year in (2033, 2034, 2035)] == [
        (0, 100), (5, 100), (5, 40),
    ]  # fmt: skip
    assert provinces.bounds_pct("46", 2034) == (0, 100)
    assert provinces.bounds_pct("46", 2036) == (0, 40)


@pytest.mark.parametrize(
    ("years", "message"),
    [
        (
            "it_mw_by_year = { 2036 = 1000 }",
            (
                "target: it_mw_by_year names 2036, which is not before year (2035); "
                "the target of that year is it_mw"
            ),
        ),
        (
            "it_mw_by_year = { 2035 = 1000 }",
            (
                "target: it_mw_by_year names 2035, which is not before year (2035); "
                "the target of that year is it_mw"
            ),
        ),
        (
            "it_mw_by_year = { 2033 = 2000, 2034 = 1000 }",
            "target: the target must not fall, but 2033 has 2000 MW and 2034 1000",
        ),
        (
            "it_mw_by_year = { 2034 = 4000 }",
            "target: the target must not fall, but 2034 has 4000 MW and 2035 3000",
        ),
        (
            "it_mw_by_year = { 2034 = -20 }",
            "target.it_mw_by_year.2034: Input should be greater than or equal to 0, but it is -20",
        ),
        (
            "it_mw_by_year = { 1999 = 100 }",
            (
                "target.it_mw_by_year.1999: Input should be greater than or equal to 2020, "
                "but it is '1999'"
            ),
        ),
        (
            "it_mw_by_year = { 2034 = 1010 }",
            (
                "scenario: target.it_mw_by_year.2034 (1010) must be a whole number of blocks of "
                "build.block_mw (20)"
            ),
        ),
    ],
)
def test_wrong_targets_by_year_are_one_line(tmp_path, years, message):
    file = with_lines(tmp_path, "", years=years)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    assert str(caught.value) == f"{file}: {message}"


BEGUN = '[[sites.begun]]\nsite_id = "c"\nit_mw = {}\nyear = {}\n'


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            "budget_by_year_bn_krw = { 2032 = 500 }\n",
            (
                "scenario: objective.budget_by_year_bn_krw names 2032; the plan has the years "
                "2033 to 2035"
            ),
        ),
        (
            "budget_by_year_bn_krw = { 2034 = -1 }\n",
            (
                "objective.budget_by_year_bn_krw.2034: Input should be greater than or equal to 0, "
                "but it is -1"
            ),
        ),
        (
            "share_max_pct = { 2034 = 140 }",
            (
                "provinces.share_max_pct.2034: Input should be less than or equal to 100, "
                "but it is 140"
            ),
        ),
        (
            'share_max_pct = { 2034 = 40 }\n[provinces.shares]\n"47" = { min_pct = { 2035 = 50 } }',
            "provinces.shares.47: min_pct (50) must not exceed max_pct (40)",
        ),
        (
            "[diversity]\nstation_max_pct = -1",
            "diversity.station_max_pct: Input should be greater than or equal to 0, but it is -1",
        ),
        (
            "[diversity]\nstation_max = 30",
            (
                "diversity.station_max: unknown key; see `siteopt scenario schema` for the keys there "
                "are"
            ),
        ),
        (
            BEGUN.format(110, 2033),
            (
                "scenario: sites.begun of c: it_mw (110) must be a whole number of blocks of "
                "build.block_mw (20)"
            ),
        ),
        (
            BEGUN.format(100, 2036),
            "scenario: sites.begun: c opens in 2036, after the last year of the plan (2035)",
        ),
        (
            BEGUN.format(100, 2033) * 2,
            "sites: begun names site c twice; name it once",
        ),
        (
            '[sites]\nmust_not = ["c"]\n' + BEGUN.format(100, 2033),
            "sites: site c is in must_not and has to be built; take it out of one",
        ),
        (
            '[sites]\nmust = ["a", "b"]\nmust_not = ["b"]\n',
            "sites: site b is in must_not and has to be built; take it out of one",
        ),
        (
            '[[sites.begun]]\nsite_id = "c"\nyear = 2033\n',
            "sites.begun.no. 1.it_mw: missing; it has no default and must be given",
        ),
    ],
)
def test_wrong_limits_of_years_and_sites_are_one_line(tmp_path, lines, message):
    file = with_lines(tmp_path, lines)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    assert str(caught.value) == f"{file}: {message}"


def test_the_most_suitable_sites_of_several_years_are_not_defined(tmp_path):
    text = with_lines(tmp_path, "").read_text(encoding="utf-8")
    assert 'kind = "cost"' in text
    file = write(tmp_path, text.replace('kind = "cost"', 'kind = "suitability"', 1))
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    assert str(caught.value) == (
        f'{file}: scenario: target.it_mw_by_year needs objective.kind = "cost": the most suitable '
        "sites of several years are not defined"
    )
