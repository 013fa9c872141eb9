"""Scenario set as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from siteopt._markdown import plain
from siteopt.scenario_sets.agreement import LEVELS
from siteopt.scenario_sets.text import LEVEL_WORDS, PROOF_WORDS, agreement_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siteopt.scenario_sets.set_result import SetResult

__all__ = ["as_markdown"]


def as_markdown(found: SetResult) -> str:
    """Return a set as a page of Markdown; the same inputs give the same text.

    Parameters
    ----------
    found : SetResult
        A finished set.
    """
    parts = [*_head(found), *_variants(found), *_agreement(found), *_regret(found), *_sites(found)]
    return "\n".join(parts) + "\n"


def _head(found: SetResult) -> Iterator[str]:
    about = found.record["set"]
    yield f"# {plain(about['title']['en'])}"
    yield ""
    yield f"{plain(about['title']['ko'])}. Set `{about['name']}` over `{about['base']}`."
    yield ""
    if about["equal_probabilities"]:
        yield "The set gives no probabilities, so every variant counts the same."
        yield ""
    yield f"**{plain(agreement_line(found))}.**"
    yield ""


def _variants(found: SetResult) -> Iterator[str]:
    yield "## Variants"
    yield ""
    yield "| variant | what is otherwise | probability | status | cost, bn KRW | sites |"
    yield "|---|---|---|---|---|---|"
    for row in found.variants.to_dict("records"):
        parts = [f"scenario {row['scenario']}" if row["scenario"] else "", row["sets"]]
        sets = "; ".join(part for part in parts if part) or "nothing"
        known = not pd.isna(row["cost_bn_krw"])
        status = row["status"] if known else f"{row['status']}: {row['note']}"
        yield (
            f"| {plain(row['title_en'])} (`{row['variant']}`) | {plain(sets)} | "
            f"{row['probability']:.3g} | {plain(status)} | {_money(row['cost_bn_krw'])} | "
            f"{row['sites'] if known else ''} |"
        )
    yield ""


def _agreement(found: SetResult) -> Iterator[str]:
    yield "## No-regret places"
    yield ""
    yield (
        "What is in the plan of every variant that has one. Neighbouring sites swap for hundredths "
        "of a per cent, so plans may agree on stations, districts or provinces where they share no "
        "site. The load is the least that any of the plans has there."
    )
    yield ""
    yield "| level | in every plan | least IT load, MW |"
    yield "|---|---|---|"
    agreed = found.no_regret
    for level in LEVELS:
        own = agreed[agreed["level"] == level]
        for row in own.to_dict("records"):
            name = plain(place_name(found, level, str(row["place"])))
            yield f"| {level} | {name} | {row['it_mw_least']:,.0f} |"
        if own.empty:
            yield f"| {level} | no {LEVEL_WORDS[level][0]} | |"
    yield ""


def place_name(found: SetResult, level: str, place: str) -> str:
    """Return how a page calls a place: its English name, where the set knows one, and its id.

    Parameters
    ----------
    found : SetResult
        A finished set.
    level : str
        One of `siteopt.scenario_sets.agreement.LEVELS`.
    place : str
        Id or code.
    """
    name = found.record["names"][level].get(place, ["", ""])[1]
    return f"{name} ({place})" if name and place not in name else name or place


def _regret(found: SetResult) -> Iterator[str]:
    solved = found.solved
    yield "## Regret of each plan"
    yield ""
    yield (
        "What a plan costs more in a variant than the best plan there, bn KRW. – where it breaks a "
        "limit there: its regret is infinite."
    )
    yield ""
    yield f"| plan | expected cost | largest regret | in | {' | '.join(solved)} |"
    yield f"|---|---|---|---|{'---|' * len(solved)}"
    for row in found.regret.to_dict("records"):
        cells = [_money(row[f"regret_{name}_bn_krw"]) for name in solved]
        yield (
            f"| `{row['plan']}` | {_money(row['expected_bn_krw'])} | "
            f"{_money(row['max_regret_bn_krw'])} | {row['worst_variant']} | {' | '.join(cells)} |"
        )
    yield ""
    for row in found.regret.to_dict("records"):
        if row["breaks"]:
            yield f"- `{row['plan']}` breaks {plain(row['breaks'])}."
    for name, proof in found.record["robust"].items():
        yield f"- `{name}`: {_proof(proof)}."
    for name, why in found.record["left_out"].items():
        yield f"- `{name}` is left out of the joint program: {plain(why)}."
    yield ""


def _proof(proof: dict[str, Any]) -> str:
    words = PROOF_WORDS[proof["status"]]
    if proof["status"] == "feasible":
        words += f", {_money(proof['value_bn_krw'])} and at least {_money(proof['bound_bn_krw'])}"
    return f"{words} ({plain(proof['note'])})" if proof["note"] else words


def _sites(found: SetResult) -> Iterator[str]:
    yield "## Sites"
    yield ""
    names = found.regret["plan"].astype(str).tolist()
    yield f"| site | plans of {len(found.solved)} | {' | '.join(names)} |"
    yield f"|---|---|{'---|' * len(names)}"
    for row in found.sites.to_dict("records"):
        cells = [f"{load:,.0f}" if (load := row[f"it_mw_{name}"]) else "" for name in names]
        yield f"| {plain(row['name_en'])} | {row['plans']} | {' | '.join(cells)} |"
    yield ""


def _money(value: float | None) -> str:
    return "–" if value is None or pd.isna(value) else f"{value:,.1f}"
