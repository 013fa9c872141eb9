"""Scenario: the models of a scenario file."""

from __future__ import annotations

from siteopt.scenario._base import Text
from siteopt.scenario.alternatives import Alternatives, Reasons, Tradeoffs
from siteopt.scenario.campus import Campus, CampusClass
from siteopt.scenario.candidates import Candidates
from siteopt.scenario.energy import Energy, TariffZone
from siteopt.scenario.exclusions import (
    Above,
    Below,
    DistanceBand,
    DistanceExclusion,
    Exclusion,
    Far,
    InClasses,
    LayerExclusion,
    MinArea,
    MinWidth,
    Near,
    NotInClasses,
    Outside,
    OutsideRange,
    RasterExclusion,
    ShapeExclusion,
    VectorExclusion,
    WithinRange,
)
from siteopt.scenario.grid import Grid, SnapshotChoice
from siteopt.scenario.key_paths import DELETE
from siteopt.scenario.limits import (
    BegunSite,
    Diversity,
    Provinces,
    ProvinceShare,
    SiteRules,
    Target,
    Water,
)
from siteopt.scenario.loading import load_scenario
from siteopt.scenario.payment import PAYERS, Payer, Payment
from siteopt.scenario.province_groups import ProvinceGroup
from siteopt.scenario.report import ReportOptions
from siteopt.scenario.scenario import (
    Build,
    Connection,
    Objective,
    Ranking,
    Scenario,
    Solver,
    VoltageClass,
    first_fault,
    ready_scenarios,
    scenario_schema,
)
from siteopt.scenario.scenario_set import (
    ScenarioSet,
    SetVariant,
    VariantScenario,
    is_scenario_set,
    load_scenario_set,
)
from siteopt.scenario.screening import Screening

__all__ = [
    "DELETE",
    "PAYERS",
    "Above",
    "Alternatives",
    "BegunSite",
    "Below",
    "Build",
    "Campus",
    "CampusClass",
    "Candidates",
    "Connection",
    "DistanceBand",
    "DistanceExclusion",
    "Diversity",
    "Energy",
    "Exclusion",
    "Far",
    "Grid",
    "InClasses",
    "LayerExclusion",
    "MinArea",
    "MinWidth",
    "Near",
    "NotInClasses",
    "Objective",
    "Outside",
    "OutsideRange",
    "Payer",
    "Payment",
    "ProvinceGroup",
    "ProvinceShare",
    "Provinces",
    "Ranking",
    "RasterExclusion",
    "Reasons",
    "ReportOptions",
    "Scenario",
    "ScenarioSet",
    "Screening",
    "SetVariant",
    "ShapeExclusion",
    "SiteRules",
    "SnapshotChoice",
    "Solver",
    "Target",
    "TariffZone",
    "Text",
    "Tradeoffs",
    "VariantScenario",
    "VectorExclusion",
    "VoltageClass",
    "Water",
    "WithinRange",
    "first_fault",
    "is_scenario_set",
    "load_scenario",
    "load_scenario_set",
    "ready_scenarios",
    "scenario_schema",
]
