"""The independent check of a plan of clean energy: it passes what is right, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from siteopt.energy.clean_supply import clean_supply
from siteopt.energy.oracle import program_of, reference_load_mw
from siteopt.energy.verification import check_energy, energy_faults
from siteopt.errors import SolverError
from siteopt.layers import open_layers
from siteopt.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    import numpy as np

    from siteopt.energy.program import EnergyCost

_RAW = load_scenario("national-2035-hourly").model_dump()


def _scenario(matching: str = "hourly", **supply: Any) -> Scenario:
    chosen = _RAW["energy"]["supply"] | {"typical_days": 2, "zones": 12} | supply
    energy = _RAW["energy"] | {"matching": matching, "supply": chosen}
    return Scenario.model_validate(_RAW | {"energy": energy})


class Case:
    """A plan with all that it is checked against."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario, self.layers = scenario, open_layers()
        self.data = clean_supply(self.layers, scenario, 2035)
        self.load_mw = reference_load_mw(scenario, self.layers)
        program = program_of(self.data, scenario)
        self.found = program.cut(self.load_mw)
        self.limit_mw = program.limit_mw

    def faults(self, found: EnergyCost) -> list[str]:
        """Return what is wrong with a plan."""
        return energy_faults(
            self.data, found, self.load_mw, self.limit_mw, self.scenario, self.layers
        )


@pytest.fixture(scope="module")
def case() -> Case:
    return Case(_scenario())


@pytest.mark.parametrize(
    "scenario",
    [
        _scenario(),
        _scenario("annual"),
        _scenario(flexible_share_pct=10.0),
        _scenario(storage=False),
    ],
    ids=["hourly", "annual", "flexible", "no storage"],
)
def test_plans_of_the_program_are_right(scenario: Scenario) -> None:
    right = Case(scenario)
    assert right.faults(right.found) == []


def test_the_bus_matrix_sees_a_flow_that_is_too_large(case: Case) -> None:
    # The same balance, but 3 GW more from one end of the country to the other.
    put_in = case.found.put_in_mw.copy()
    put_in[5, 0] += 3000.0
    put_in[5, 150] -= 3000.0
    (fault,) = case.faults(replace(case.found, put_in_mw=put_in))
    assert fault.startswith("branch ")
    assert fault.endswith("MW in hour 6")


def _more(values: np.ndarray, place: int, by: float) -> np.ndarray:
    changed = values.copy()
    changed[place] += by
    return changed


def test_every_claim_is_worked_out_again(case: Case) -> None:
    right = case.found
    assert "contracts and storage miss" in " ".join(
        case.faults(replace(right, used_mw=_more(right.used_mw, 3, 50.0)))
    )
    assert "the load misses" not in " ".join(case.faults(right))
    assert "the country misses" in " ".join(
        case.faults(replace(right, put_in_mw=right.put_in_mw + 1.0))
    )
    assert "gives" in case.faults(replace(right, source_mw=right.source_mw + 1e5))[0]
    fewer = replace(right, used_mw=0.5 * right.used_mw, import_mw=right.import_mw)
    assert any("the clean share is" in fault for fault in case.faults(fewer))
    many = replace(right, excess_mw=right.excess_mw + 3000.0)
    assert any("excess is" in fault for fault in case.faults(many))
    full = replace(right, charge_mw=right.charge_mw + 10.0)
    assert any("storage ends the year" in fault for fault in case.faults(full))
    assert any("is -" in fault for fault in case.faults(replace(right, import_mw=-right.import_mw)))


def test_the_error_names_the_first_of_what_is_wrong(case: Case) -> None:
    wrong = replace(case.found, source_mw=case.found.source_mw + 1e5)
    with pytest.raises(SolverError, match=r"contradicts the layers: .* of .* MW; .*; \d+ more"):
        check_energy(case.data, wrong, case.load_mw, case.limit_mw, case.scenario, case.layers)
