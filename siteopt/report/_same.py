"""Cost components that are equal at all sites, so that they do not affect the ranking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from siteopt.costs.price_parts import PRICE_PARTS
from siteopt.report.texts import text

if TYPE_CHECKING:
    import pandas as pd

    from siteopt.report.run_tables import RunTables
    from siteopt.report.texts import Language

__all__ = ["same_everywhere", "same_texts"]

_EOK_PER_BN: Final = 10
"""eok (hundred million) won in a billion won."""
_JEJU: Final = "50"
"""Province with a grid of its own; contracts of its own come with it."""
_RELATIVE: Final = 1e-9
"""Sums of the same figures in another order differ by less."""


def same_everywhere(tables: RunTables) -> list[dict[str, Any]]:
    """Return the parts of cost and of the price of a kWh that are the same at all sites.

    Parameters
    ----------
    tables : RunTables
        The finished run.

    Returns
    -------
    list of dict
        ``kind`` (``cost``: bn KRW per MW of IT load, or ``price``: KRW per kWh), ``figure`` (the
        component or part), ``unit``, ``where`` (``all`` sites, or those of the ``mainland``), and
        ``value``; where it hangs on the voltage of supply alone ``by_voltage`` instead. What is 0
        everywhere is left out.
    """
    options = tables.options
    if options.empty:
        return []
    province = tables.sites.set_index(tables.sites["site_id"].astype(str))["province_code"]
    jeju = options["site_id"].astype(str).map(province).astype(str) == _JEJU
    found = []
    for kind, figure, unit, column in _figures(options):
        for where, rows in (("all", options), ("mainland", options[~jeju])):
            constant = _constant(rows, column)
            if constant is not None:
                found.append(
                    {"kind": kind, "figure": figure, "unit": unit, "where": where, **constant}
                )
                break
    return found


def _figures(options: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    """Return kind, name, unit and column of what may be the same; fixed costs are of a place."""
    found = []
    for column in map(str, options.columns):
        name = column.removeprefix("per_mw_").removesuffix("_bn_krw")
        if f"per_mw_{name}_bn_krw" == column:
            fixed = options.get(f"fixed_{name}_bn_krw")
            if fixed is None or not fixed.any():
                found.append(("cost", name, "bn KRW/MW", column))
    parts = [("price", name, "KRW/kWh", f"price_{name}_krw_kwh") for name in PRICE_PARTS]
    return found + [part for part in parts if part[-1] in options.columns]


def _constant(rows: pd.DataFrame, column: str) -> dict[str, Any] | None:
    """Return the one value of a column, or one for each voltage; None where sites differ, or 0."""
    if rows.empty or not rows[column].any():
        return None
    if _is_one(rows[column]):
        return {"value": float(rows[column].iloc[0])}
    groups = rows.groupby("voltage_kv", sort=True)[column]
    if all(_is_one(group) for _, group in groups):
        return {"by_voltage": {f"{kv:g}": float(group.iloc[0]) for kv, group in groups}}
    return None


def _is_one(values: pd.Series[Any]) -> bool:
    import numpy as np  # noqa: PLC0415 - words of a finished run need no arrays

    return bool(np.ptp(values) <= _RELATIVE * np.abs(values).max())


def same_texts(same: list[dict[str, Any]], language: Language) -> str:
    """Return in words what is the same at all sites; empty where nothing is.

    Parameters
    ----------
    same : list of dict
        Of :func:`same_everywhere`.
    language : {'ko', 'en'}
        Korean or English.
    """
    parts = []
    for item in same:
        values = item.get("by_voltage", {"": item.get("value")}).values()
        ends = [_figure(value, item["kind"], language) for value in (min(values), max(values))]
        ends = ends[:1] if ends[0] == ends[1] else ends
        figures = "~".join(ends) if language == "ko" else " to ".join(ends)
        name = text(f"{item['kind']}.{item['figure']}", language)
        key = f"same.{item['kind']}" + ("_by_voltage" if "by_voltage" in item else "")
        sentence = text(key, language).format(name=name, value=figures)
        parts.append(sentence + (text("same.mainland", language) if item["where"] != "all" else ""))
    return ", ".join(parts)


def _figure(value: float, kind: str, language: Language) -> str:
    """Return a cost in bn KRW (hundred millions in Korean), or a price in KRW."""
    if kind == "cost" and language == "ko":
        return f"{value * _EOK_PER_BN:,.1f}"
    return f"{value:,.2f}"
