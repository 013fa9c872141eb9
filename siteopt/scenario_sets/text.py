"""Text of a scenario set for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from siteopt.scenario_sets.agreement import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siteopt.scenario_sets.set_result import SetResult

__all__ = ["LEVEL_WORDS", "PROOF_WORDS", "agreement_line", "as_text"]

LEVEL_WORDS: Final = {
    "site": ("site", "sites"),
    "station": ("station", "stations"),
    "district": ("district", "districts"),
    "province": ("province", "provinces"),
}
"""One and several places of a level."""

PROOF_WORDS: Final = {
    "optimal": "proven: no plan that meets the limits of all variants is better",
    "feasible": "not proven",
    "pool": "best of the plans of the set, not of all plans",
    "none": "no plan of the set meets the limits of all variants",
}
"""What is proven of a robust plan."""


def as_text(found: SetResult) -> str:
    """Return the answer of a set in plain lines.

    Parameters
    ----------
    found : SetResult
        A finished set.
    """
    return "\n".join(_lines(found))


def _lines(found: SetResult) -> Iterator[str]:
    about = found.record["set"]
    count = len(found.variants)
    equal = "equal probabilities" if about["equal_probabilities"] else "probabilities as given"
    yield f"{about['name']}: {len(found.solved)} of {count} variants have a plan, {equal}"
    for row in found.variants.to_dict("records"):
        yield f"  {row['variant']}: {_variant(row)}"
    yield agreement_line(found)
    for level in LEVELS:
        agreed = found.record["agreement"]["no_regret"][level]
        if agreed:
            yield f"  {LEVEL_WORDS[level][1]} in every plan: {', '.join(map(str, agreed))}"
    yield "regret of each plan (bn KRW): expected cost, largest regret, in which variant"
    for row in found.regret.to_dict("records"):
        yield f"  {row['plan']}: {_plan(row)}"
    for name, proof in found.record["robust"].items():
        note = f" ({proof['note']})" if proof["note"] else ""
        yield f"{name}: {PROOF_WORDS[proof['status']]}{_bound(proof)}{note}"
    for name, why in found.record["left_out"].items():
        yield f"{name} is left out of the joint program: {why}"
    yield f"tables and map: {found.folder}"


def _variant(row: dict[Any, Any]) -> str:
    if pd.isna(row["cost_bn_krw"]):
        return f"{row['status']} ({row['note']})"
    return f"{row['status']}, {row['cost_bn_krw']:,.1f} bn KRW, {row['sites']:.0f} sites"


def _plan(row: dict[Any, Any]) -> str:
    if pd.isna(row["max_regret_bn_krw"]):
        return f"breaks a limit in {row['breaks']}"
    return f"{row['expected_bn_krw']:,.1f}, {row['max_regret_bn_krw']:,.1f}, {row['worst_variant']}"


def _bound(proof: dict[str, Any]) -> str:
    if proof["status"] != "feasible":
        return ""
    return f" ({proof['value_bn_krw']:,.1f}, at least {proof['bound_bn_krw']:,.1f})"


def agreement_line(found: SetResult) -> str:
    """Return at which level the plans of all variants agree.

    Parameters
    ----------
    found : SetResult
        A finished set.
    """
    level = found.record["agreement"]["finest_level"]
    if not level:
        return "agreement: no province is in every plan"
    places = found.record["agreement"]["no_regret"][level]
    one, several = LEVEL_WORDS[level]
    said = f"{len(places)} {one if len(places) == 1 else several}"
    finer = LEVELS[: LEVELS.index(level)]
    less = f"; no {' and no '.join(LEVEL_WORDS[name][0] for name in finer)}" if finer else ""
    verb = "is" if len(places) == 1 else "are"
    return f"agreement: {said} {verb} in the plan of every variant{less}"
