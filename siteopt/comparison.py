"""Two finished runs side by side: what was asked otherwise, and what that changes in the answer.

A difference that the proofs of the two runs do not settle is not called a change: costs differ
where the intervals from bound to objective do not overlap, ranks only where both are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siteopt.runs import Run

__all__ = ["Comparison", "compare_runs"]

_NAMED: Final = 20
"""Rows of a list in the text; the tables have them all."""

_UNSAID: Final = ("name", "title")
"""Keys of a scenario that change nothing in the answer."""

_UNITS: Final = {"bn_krw": "bn KRW", "suitable_mw": "suitable MW"}
_SAME_KM2: Final = 1e-6
_LIMITING: Final = ("flows", "upgrades")


@dataclass(frozen=True, eq=False)
class Comparison:
    """What differs between two runs.

    Attributes
    ----------
    before, after : str
        Names of the two scenarios, with their folders where the names are the same.
    inputs : DataFrame
        ``kind`` (scenario, layer, version), ``input``, ``before``, ``after``.
    figures : DataFrame
        ``figure``, ``before``, ``after``, ``difference``, ``unit``, ``sure``: whether the proofs
        of the two runs tell the figures apart.
    sites : DataFrame
        Sites whose part in the plan changed: ``site_id``, ``name_ko``, ``name_en``, ``change``
        (entered, left, resized, reconnected), ``it_mw_before``, ``it_mw_after``,
        ``option_before``, ``option_after``.
    ranks : DataFrame
        Sites that are ranked exactly in both runs and moved: ``site_id``, ``rank_before``,
        ``rank_after``.
    grid : DataFrame
        Flow limits and new banks of the plans: ``run`` (before, after), ``family``, ``limit``,
        ``used``, ``at_most``, ``binds``.
    """

    before: str
    after: str
    inputs: pd.DataFrame
    figures: pd.DataFrame
    sites: pd.DataFrame
    ranks: pd.DataFrame
    grid: pd.DataFrame

    @property
    def is_same(self) -> bool:
        """Whether the answer is the same: plan, figures and exact ranks."""
        return self.sites.empty and self.ranks.empty and not self.figures["sure"].any()

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values for JSON."""
        tables = {name: getattr(self, name) for name in _TABLES}
        return {
            "before": self.before,
            "after": self.after,
            "same_answer": self.is_same,
            **{name: _records(table) for name, table in tables.items()},
        }

    def text(self) -> str:
        """Return the comparison in plain lines."""
        return "\n".join(self._lines())

    def markdown(self) -> str:
        """Return the comparison as Markdown, for a pull request or a report."""
        parts = [f"### {self.before} → {self.after}", "", self._head(), ""]
        for name, title in _TABLES.items():
            table = getattr(self, name)
            if len(table):
                parts += [f"**{title}**", "", _markdown(table.head(_NAMED)), ""]
                if len(table) > _NAMED:
                    parts += [f"and {len(table) - _NAMED} more", ""]
        return "\n".join(parts).rstrip() + "\n"

    def _head(self) -> str:
        if self.is_same:
            return "no change in the answer"
        counts = self.sites["change"].value_counts()
        said = [f"{counts[name]} {name}" for name in _CHANGES if name in counts]
        return "the answer changes: " + (", ".join(said) if said else "the same sites are chosen")

    def _lines(self) -> Iterator[str]:
        yield f"{self.before} -> {self.after}: {self._head()}"
        for row in self.inputs.to_dict("records"):
            yield f"  {row['kind']} {row['input']}: {row['before']} -> {row['after']}"
        for row in self.figures.to_dict("records"):
            sure = "" if row["sure"] else " (not told apart by the proofs)"
            yield (
                f"  {row['figure']}: {row['before']:,.1f} -> {row['after']:,.1f} {row['unit']} "
                f"({row['difference']:+,.1f}){sure}"
            )
        for row in self.sites.to_dict("records"):
            yield (
                f"  {row['change']}: {row['site_id']} {row['name_en']}, "
                f"{row['it_mw_before']:,.0f} -> {row['it_mw_after']:,.0f} MW IT"
                + ("" if row["change"] != "reconnected" else f", now {row['option_after']}")
            )
        for row in self.grid.to_dict("records"):
            binds = " (binds)" if row["binds"] else ""
            used = round(row["used"], 1) + 0.0  # no minus before a zero
            yield f"  {row['run']}: {row['limit']}: {used:,.1f}{binds}"
        for row in self.ranks.head(_NAMED).to_dict("records"):
            yield f"  rank {row['rank_before']} -> {row['rank_after']}: {row['site_id']}"
        if len(self.ranks) > _NAMED:
            yield f"  and {len(self.ranks) - _NAMED} more sites moved in rank"


_TABLES: Final = {
    "inputs": "Inputs that changed",
    "figures": "Figures",
    "sites": "Sites in the plan",
    "ranks": "Moved in rank (exact in both)",
    "grid": "Flow limits and new banks",
}
_CHANGES: Final = ("entered", "left", "resized", "reconnected")


def compare_runs(before: Run, after: Run) -> Comparison:
    """Compare two finished runs.

    Parameters
    ----------
    before, after : Run
        From `siteopt.open_run`.

    Returns
    -------
    Comparison
        What was asked otherwise and what it changes.

    Examples
    --------
    >>> import siteopt
    >>> before = siteopt.open_run("runs/national-2035")  # doctest: +SKIP
    >>> after = siteopt.open_run("runs/mine")  # doctest: +SKIP
    >>> print(siteopt.compare_runs(before, after).text())  # doctest: +SKIP
    """
    names = [str(run.record["scenario"]["name"]) for run in (before, after)]
    if names[0] == names[1]:
        names = [
            f"{name} ({run.folder.name})" for name, run in zip(names, (before, after), strict=True)
        ]
    return Comparison(
        before=names[0],
        after=names[1],
        inputs=_inputs(before.record, after.record),
        figures=_figures(before, after),
        sites=_sites(before.portfolio, after.portfolio),
        ranks=_ranks(before.ranking, after.ranking),
        grid=_grid(before.portfolio, after.portfolio),
    )


def _flat(value: object, name: str = "") -> dict[str, Any]:
    """Return a scenario as values by dotted key."""
    if isinstance(value, dict):
        parts = [_flat(item, f"{name}.{key}" if name else str(key)) for key, item in value.items()]
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        keys = [str(item.get("id", place)) for place, item in enumerate(value)]
        parts = [_flat(item, f"{name}.{key}") for key, item in zip(keys, value, strict=True)]
    else:
        return {name: value}
    return {key: item for part in parts for key, item in part.items()}


def _inputs(before: dict[str, Any], after: dict[str, Any]) -> pd.DataFrame:
    asked = [
        {key: item for key, item in _flat(record["scenario"]).items() if not _is_unsaid(key)}
        for record in (before, after)
    ]
    layers = [{item["id"]: item["sha256"][:12] for item in r["inputs"]} for r in (before, after)]
    versions = [dict(record["versions"]) for record in (before, after)]
    rows = [
        (kind, key, _said(pair[0], key), _said(pair[1], key))
        for kind, pair in (("scenario", asked), ("layer", layers), ("version", versions))
        for key in sorted({*pair[0], *pair[1]})
        if pair[0].get(key) != pair[1].get(key)
    ]
    return pd.DataFrame(rows, columns=["kind", "input", "before", "after"])


def _is_unsaid(key: str) -> bool:
    return key.split(".", maxsplit=1)[0] in _UNSAID or ".title." in key


def _said(values: dict[str, Any], key: str) -> str:
    return str(values[key]) if key in values else "not there"


def _figures(before: Run, after: Run) -> pd.DataFrame:
    """Return the objective and the eligible land, where they differ."""
    rows: list[tuple[object, ...]] = []
    for key in sorted(set(before.portfolio) & set(after.portfolio)):
        if not key.startswith("objective_"):
            continue
        unit = key.removeprefix("objective_")
        old, new = float(before.portfolio[key]), float(after.portfolio[key])
        bounds = [float(run.portfolio[f"bound_{unit}"]) for run in (before, after)]
        apart = bounds[0] > new or bounds[1] > old
        rows.append(("objective", old, new, new - old, _UNITS.get(unit, unit), apart))
    old, new = (float(run.record["eligible_km2"]) for run in (before, after))
    rows.append(("eligible land", old, new, new - old, "km2", abs(new - old) > _SAME_KM2))
    table = pd.DataFrame(rows, columns=["figure", "before", "after", "difference", "unit", "sure"])
    return table[(table["difference"] != 0) | table["sure"]].reset_index(drop=True)


def _sites(before: dict[str, Any], after: dict[str, Any]) -> pd.DataFrame:
    old, new = ({site["site_id"]: site for site in plan["sites"]} for plan in (before, after))
    rows = []
    for site_id in sorted({*old, *new}):
        was, now = old.get(site_id), new.get(site_id)
        known = now or was or {}
        change = _change(was, now)
        if change:
            rows.append(
                {
                    "site_id": site_id,
                    "name_ko": known["name_ko"],
                    "name_en": known["name_en"],
                    "change": change,
                    "it_mw_before": was["it_mw"] if was else 0.0,
                    "it_mw_after": now["it_mw"] if now else 0.0,
                    "option_before": was["option_id"] if was else "",
                    "option_after": now["option_id"] if now else "",
                }
            )
    columns = [
        "site_id", "name_ko", "name_en", "change", "it_mw_before", "it_mw_after",
        "option_before", "option_after",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    place = table["change"].map({name: at for at, name in enumerate(_CHANGES)})
    order = (
        place.to_frame("place").assign(site_id=table["site_id"]).sort_values(["place", "site_id"])
    )
    return table.loc[order.index].reset_index(drop=True)


def _change(was: dict[str, Any] | None, now: dict[str, Any] | None) -> str:
    if was is None or now is None:
        return "entered" if was is None else "left"
    if was["it_mw"] != now["it_mw"]:
        return "resized"
    return "reconnected" if was["option_id"] != now["option_id"] else ""


def _ranks(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the sites that are ranked exactly in both and moved, best first."""
    exact = [table.loc[table["proof"] == "exact", ["site_id", "rank"]] for table in (before, after)]
    both = exact[0].merge(exact[1], on="site_id", suffixes=("_before", "_after"))
    moved = both[both["rank_before"] != both["rank_after"]].astype(
        {"rank_before": int, "rank_after": int}
    )
    return moved.sort_values(["rank_after", "site_id"]).reset_index(drop=True)


def _grid(before: dict[str, Any], after: dict[str, Any]) -> pd.DataFrame:
    rows = [
        {
            "run": name,
            **{key: limit[key] for key in ("family", "limit", "used", "at_most", "binds")},
        }
        for name, plan in (("before", before), ("after", after))
        for limit in plan["limits"]
        if limit["family"] in _LIMITING
    ]
    columns = ["run", "family", "limit", "used", "at_most", "binds"]
    return pd.DataFrame(rows, columns=columns)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    whole = table.astype(object).where(table.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in whole.to_dict("records")]


def _markdown(table: pd.DataFrame) -> str:
    """Return a table in Markdown; bars in cells are escaped."""

    def row(cells: list[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    head = [row(list(map(str, table.columns))), row(["---"] * len(table.columns))]
    body = [
        row([f"{cell:,.1f}" if isinstance(cell, float) else str(cell) for cell in cells])
        for cells in table.itertuples(index=False, name=None)
    ]
    return "\n".join([*head, *body])
