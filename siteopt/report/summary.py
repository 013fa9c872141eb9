"""Summary of a run in plain lines, and ranks as text.

It imports neither numpy nor pandas: a run taken from the cache is summarised without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from siteopt._shown import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["rank_words", "run_summary"]

_BRANCHES_MAX: Final = 3
"""Most branches that a line lists by name."""
_LEVELS: Final = ("site", "station", "district", "province")
"""Places of which some may stay over all draws, the finest first."""
_SAME_PRICE: Final = 0.001
"""Relative: the range of the curve is that of a plan that costs the same."""


def rank_words(site: Mapping[str, object]) -> str:
    """Return the rank of a site as ``3``, or as ``2–5`` where that is all that is proven.

    Parameters
    ----------
    site : mapping
        Site with ``rank``, and ``rank_low`` and ``rank_high`` where only an interval is proven.
    """
    low, high = site.get("rank_low"), site.get("rank_high")
    if low is None or high is None or low == high:
        return str(site["rank"])
    return f"{low}–{high}"


def run_summary(record: Mapping[str, Any], plan: Mapping[str, Any], where: str) -> str:
    """Return the answer of a run in a few lines.

    Parameters
    ----------
    record : mapping
        ``run.json``.
    plan : mapping
        ``portfolio.json``.
    where : str
        Where its map or its figures are, for the last line.

    Returns
    -------
    str
        Status, cost and proven gap; a line a chosen site, a year, a note, one of the grid,
        of clean energy and of what stays over draws; seconds in all.
    """
    head = (
        f"{shown(record['status'])}: {plan['objective_bn_krw']:,.1f} bn KRW, proven for this model "
        f"within a gap of {_proven_gap(record, plan):.1e}; {len(plan['sites'])} of {record['sites']:,} sites chosen"
    )
    lines = [head]
    lines += [
        f"  {rank_words(site):>3}  {shown(site['site_id'])}  {shown(site['name_en'])}: {site['it_mw']:,.0f} MW IT "
        f"at {site['voltage_kv']:g} kV, {site['bn_krw_per_mw']:,.2f} bn KRW/MW"
        f"{_phases(site)}"
        for site in plan["sites"]
    ]
    lines += _yearly(plan)
    lines += _grid_summary(plan.get("grid"))
    lines += _clean_summary(plan.get("energy"))
    lines += _certainty(plan)
    lines += [f"note: {shown(note)}" for note in record.get("notes", [])]
    seconds = sum(record["timings_s"].values())
    lines.append(f"{where} ({seconds:.1f} s in all)")
    return "\n".join(lines)


def _proven_gap(record: Mapping[str, Any], plan: Mapping[str, Any]) -> float:
    """Return the gap that is proven: figures that meet are no proof beyond the requested gap."""
    requested = record.get("scenario", {}).get("solver", {}).get("gap", 0.0)
    return float(max(plan["gap"], requested if record["status"] == "optimal" else 0.0))


def _yearly(plan: Mapping[str, Any]) -> list[str]:
    """Return a line a year: what runs against the target, what it takes, what opens."""
    return [
        f"  {year['year']}: {year['it_mw']:,.0f} MW IT (target {year['target_it_mw']:,.0f}), "
        f"{year['capital_bn_krw']:,.1f} bn KRW of capital, {len(year['opens'])} sites open, "
        f"{len(year['grows'])} grow"
        for year in plan.get("years", [])
    ]


def _grid_summary(grid: dict[str, Any] | None) -> list[str]:
    """Return in a line where the grid has least room beside the plan, and what stops more there."""
    known = [
        row for row in (grid or {}).get("further_by_province", []) if row["further_mw"] is not None
    ]
    if grid is None or not known:
        return []
    least = known[0]
    line = (
        f"grid ({grid['model']}, security {grid['security']}): least room in "
        f"{least['province_en']}, {least['further_mw']:,.0f} MW more in snapshot "
        f"{least['snapshot_id']}, stopped by {_branch_names(least['branches_en'])}"
    )
    return [line]


def _clean_summary(energy: Mapping[str, Any] | None) -> list[str]:
    """Return in a line how clean the energy is, on typical days and in the year, and its price."""
    if energy is None:
        return []
    hourly = energy["matching"] != "annual"
    key = "hourly_clean_pct" if hourly else "annual_clean_pct"
    price, spread = energy["price_krw_kwh"], energy.get("curve_price_krw_kwh")
    told = ""
    if hourly and spread and abs(spread["value"] - price) <= _SAME_PRICE * price:
        told = f" ({spread['low']:,.0f} to {spread['high']:,.0f})"
    line = (
        f"clean energy: {energy['typical_days'][key]:.1f} % "
        f"{'by the hour' if hourly else 'over the year'} on typical days, "
        f"{energy['year_replayed'][key]:.1f} % over 8,760 hours; {price:,.0f} KRW/kWh{told}"
    )
    return [line]


def _certainty(plan: Mapping[str, Any]) -> list[str]:
    """Return in a line what stays over the draws of all assumptions, and what committing costs."""
    found = plan.get("certainty")
    if found is None:
        return []
    robust = found.get("robust", {})
    level = next((one for one in _LEVELS if robust.get(one)), None)
    names = plan.get("names", {}).get(f"{level}s", {})
    places = ", ".join(shown(names.get(code, [code, code])[1]) for code in robust.get(level, []))
    share = f"{found['robust_share_pct']:g} %"
    stays = f"{level}s {places} stay" if level else "no site, district or province stays"
    line = (
        f"certainty: over {found['draws']} draws of all assumptions {stays} in {share} of the plans"
    )
    mean, tail = found.get("committed_mean_bn_krw"), found.get("committed_p95_bn_krw")
    if mean is not None and tail is not None:
        line += (
            f"; committing to these sites costs {mean:,.1f} bn KRW more on average, over "
            f"{tail:,.1f} in one draw of twenty"
        )
    return [line]


def _phases(site: dict[str, Any]) -> str:
    """Return when a site opens and grows, for the end of a line; nothing in a plan of one year."""
    steps = site.get("steps", [])
    parts = [
        f"{'+' * (not step['opens'])}{step['it_mw']:,.0f} MW in {step['year']}" for step in steps
    ]
    return f" ({', '.join(parts)})" if parts else ""


def _branch_names(branches: list[str], more: int = 0) -> str:
    """Return the first few branches, and how many more there are."""
    if not branches:
        return "the generating units of the whole country"
    rest = len(branches[_BRANCHES_MAX:]) + more
    return ", ".join(branches[:_BRANCHES_MAX]) + (f" and {rest} more" if rest else "")
