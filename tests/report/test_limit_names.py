"""The name of a limit in files, and the key that it names."""

from __future__ import annotations

import pytest

from siteopt.limit_key import LimitKey, branch_and_outage, branch_text
from siteopt.portfolio import constraints
from siteopt.portfolio.problem.problem import NO_LIMIT
from siteopt.report.limit_names import keys_of, limit_key, limit_name, limit_text, named_limits
from tests.portfolio.random_cases import LIMITS, random_case

NAMES = {
    "target": LimitKey("target"),
    "N1 154 kV": LimitKey("stations", "station", "N1", 154.0),
    "N1 22.9 kV": LimitKey("stations", "station", "N1", 22.9),
    "N1": LimitKey("stations", "station", "N1"),
    "A46 area": LimitKey("stations", "area", "A46"),
    "works N1 154 kV": LimitKey("upgrades", "station", "N1", 154.0),
    "share 46": LimitKey("provinces", "province", "46"),
    "count": LimitKey("provinces"),
    "basin Nakdong Upper": LimitKey("basins", "basin", "Nakdong Upper"),
    "share of station N1": LimitKey("diversity", "station", "N1"),
    "share of basin Nakdong Upper": LimitKey("diversity", "basin", "Nakdong Upper"),
    "budget": LimitKey("budget"),
    "cap cost": LimitKey("caps", subject="cost"),
    "site S1": LimitKey("rules", "site", "S1"),
    "S1": LimitKey("spacing", "site", "S1"),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_read_back(name: str) -> None:
    key = NAMES[name]
    assert limit_name(key) == name
    assert limit_key(key.family, name) == key


def test_a_flow_limit_is_told_with_all_its_parts_and_known_by_its_number() -> None:
    key = LimitKey(
        "flows", "grid", "3", year=2033, snapshot="peak", branches=(("L1", "L2"), ("L3", "")), more=2
    )  # fmt: skip
    assert limit_text(key) == "flow 3 peak: L1 when L2 is out, L3 and 2 more in 2033"
    assert limit_key("flows", limit_name(key)) == LimitKey("flows", "grid", "3")
    assert limit_name(LimitKey("flows", "grid", "1", snapshot="noon")) == "flow 1 noon: all units"


def test_a_limit_of_a_year_and_one_that_is_moved() -> None:
    of_year = LimitKey("budget", "year", year=2034)
    assert (limit_text(of_year), limit_name(of_year)) == ("budget in 2034", "budget")
    assert limit_name(of_year.undated()) == "budget of a year"
    assert limit_name(LimitKey("diversity", "station")) == "share of every station"
    assert limit_name(LimitKey("provinces", "province", "46", side="most")) == "most share 46"


def test_a_branch_limit_is_read_back() -> None:
    assert branch_and_outage("L7") == ("L7", "")
    assert branch_and_outage(branch_text("L7", "L8")) == ("L7", "L8")


def test_keys_of_a_plan_are_unique_and_their_names_are_read_back() -> None:
    problem = random_case(3, LIMITS).problem()
    table = constraints.usage(problem, problem.blocks_min.clip(0, NO_LIMIT))
    table = table[table["family"] != "upgrades"]  # this is no plan: works have several payers
    keys = keys_of(table)
    assert len(set(keys)) == len(keys)
    for key, row in zip(keys, named_limits(table).to_dict("records"), strict=True):
        assert limit_key(str(row["family"]), str(row["limit"])).subject == key.subject
