"""Charts of a report: shares of draws, the worst week, the cost of clean shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from siteopt.report._energy import energy_payload
from siteopt.report.document.drawing import BLUE, GREEN, GREY, INK, ORANGE, drawing, pictured
from siteopt.report.fonts import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from siteopt.report.document.drawing import Picture
    from siteopt.report.document.material import Material

__all__ = ["certainty_chart", "curve_chart", "week_chart"]

_WIDTH_MM: Final = 150.0
_ROW_MM: Final = 4.6
_OTHERS_MAX: Final = 8
_NAME_MAX: Final = 28
_DAY_H: Final = 24


def certainty_chart(material: Material) -> Picture | None:
    """Return in how many draws sites are in the plan, with 95 % intervals; None without draws."""
    if material.tables.robustness is None:
        return None
    rows = [row for row in material.verdicts.rows.values() if row.get("in_plan_pct") is not None]
    chosen = [row for row in rows if row["chosen"]]
    others = [row for row in rows if not row["chosen"] and row["in_plan_pct"] > 0]
    others.sort(key=lambda row: (-row["in_plan_pct"], row["site_id"]))
    shown = [*chosen, *others[:_OTHERS_MAX]]
    if not shown:
        return None
    with drawing(_WIDTH_MM, 16.0 + _ROW_MM * len(shown)) as figure:
        axes = figure.subplots()
        at = np.arange(len(shown))[::-1]
        share = np.array([row["in_plan_pct"] for row in shown], dtype=float)
        ends = [
            np.abs(np.array([row[name] for row in shown], dtype=float) - share)
            for name in ("in_plan_low_pct", "in_plan_high_pct")
        ]
        is_chosen = [bool(row["chosen"]) for row in shown]
        bars = axes.barh(at, share, height=0.62, xerr=ends, ecolor=INK, error_kw={"lw": 0.7})
        for bar, own in zip(bars, is_chosen, strict=True):
            bar.set(
                facecolor=BLUE if own else "white", edgecolor=BLUE, hatch=None if own else "////"
            )
        axes.set_yticks(at, [_label(material, row) for row in shown])
        axes.set_xlim(0, 100)
        axes.set_xlabel(material.word("share_axis"))
        least = material.tables.robustness.robust_share_pct
        axes.axvline(least, color=ORANGE, lw=0.9, ls="--")
        label = material.word("robust_line", pct=material.number(least, 1))
        axes.text(least, len(shown) - 0.4, label, color=ORANGE, size=6, ha="center", va="bottom")
        _plain(axes)
        return pictured(figure)


def _label(material: Material, row: dict[str, Any]) -> str:
    name = printable(material.site_name(row))
    name = name if len(name) <= _NAME_MAX else f"{name[: _NAME_MAX - 1]}…"
    if not row["chosen"]:
        return name
    return material.word("ranked_name", rank=row["rank"] or "-", name=name)


def week_chart(material: Material) -> Picture | None:
    """Return what served the load in the least clean week; None where no energy is matched."""
    found = energy_payload(material.tables)
    if found is None or not found["week"]["used"]:
        return None
    week = found["week"]
    hours = np.arange(len(week["used"]))
    with drawing(_WIDTH_MM, 55.0) as figure:
        axes = figure.subplots()
        stack = axes.stackplot(
            hours, week["used"], week["clean"], week["other"], colors=(BLUE, "#8cc5e3", GREY),
            labels=[material.shared(f"energy.key_{name}") for name in ("used", "clean", "other")],
        )  # fmt: skip
        stack[2].set_hatch("////")
        load = np.sum([week["used"], week["clean"], week["other"]], axis=0)
        axes.plot(hours, load, color=INK, lw=0.8, label=material.shared("energy.key_load"))
        axes.set_xlim(0, max(len(hours) - 1, 1))
        axes.set_ylim(0, max(float(load.max()) * 1.25, 1.0))
        days = np.arange(0, len(hours) + 1, _DAY_H)
        axes.set_xticks(days, [material.word("day_n", n=int(day // _DAY_H) + 1) for day in days])
        axes.set_yticks(axes.get_yticks(), [material.number(float(y)) for y in axes.get_yticks()])
        axes.set_ylabel("MW")
        axes.legend(loc="upper right", ncols=4, fontsize=6, frameon=False)
        _plain(axes)
        return pictured(figure)


def curve_chart(material: Material) -> Picture | None:
    """Return the mean price by clean share, by the hour and over the year; None without a curve."""
    found = energy_payload(material.tables)
    curve = None if found is None else found["curve"]
    if curve is None:
        return None
    with drawing(_WIDTH_MM, 60.0) as figure:
        axes = figure.subplots()
        for name, colour, marker in (("hourly", BLUE, "o"), ("annual", GREEN, "s")):
            points = curve[name]
            axes.plot(
                [one["reached"] for one in points], [one["krw"] for one in points], color=colour,
                marker=marker, markersize=3, lw=1.0, label=material.shared(f"curve.{name}"),
            )  # fmt: skip
        bars = curve["bars"]
        if bars:
            middle = np.array([bar["krw"] for bar in bars])
            ends = [middle - [bar["low"] for bar in bars], [bar["high"] for bar in bars] - middle]
            axes.errorbar(
                [bar["at"] for bar in bars], middle, yerr=np.maximum(ends, 0.0), fmt="none",
                ecolor=ORANGE, lw=0.9, capsize=2, label=material.shared("curve.key_bar"),
            )  # fmt: skip
        axes.set_xlabel(material.shared("curve.x"))
        axes.set_ylabel(material.shared("curve.y"))
        axes.legend(loc="upper left", fontsize=6, frameon=False)
        _plain(axes)
        return pictured(figure)


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(width=0.5, length=2)
    axes.grid(axis="both", color="#e3e7ea", lw=0.4)
    axes.set_axisbelow(True)
