"""Grid impact assessment (전력계통영향평가): an ESTIMATE of the statutory score of a site.

Large loads need it from 10 MW on; 70 points and a pass on voltage are required. The scoring
table (``grid_impact_scoring`` layer, by version) has the most and least points of an item, not
how they are earned. Four items are estimated, each by a straight line between two ends that are
assumptions (parameters ``gia_<item>_worst`` and ``gia_<item>_best``):

- ``system_margin``: headroom of the serving station / facility load;
- ``overload_increase``: how much overloads grow with the load, in percent;
- ``self_sufficiency``: electricity self-sufficiency of the province, in percent;
- ``dispersion``: the least points in the capital region; outside it from 0 up with the distance
  to it.

All other items hang on the applicant or on a study of the grid operator and are not known; an
unknown item is never counted as 0 points. Voltage is not known either. The result is an estimate
and no ruling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast

import numpy as np
import pandas as pd

from siteopt.columns import Column
from siteopt.errors import LayerError, ScenarioError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.layers.protocols import LayersLike, ParametersLike
    from siteopt.scenario import Scenario

__all__ = [
    "COMPUTED",
    "ImpactItem",
    "Scoring",
    "assess_sites",
    "capital_distance_km",
    "impact_columns",
    "scoring_of_layers",
]

Block = Literal["technical", "non_technical", "policy"]
Kind = Literal["points", "bonus", "malus", "bonus_malus", "pass_fail"]

COMPUTED: Final = ("system_margin", "overload_increase", "self_sufficiency", "dispersion")
"""Items that this module can estimate."""

_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class ImpactItem:
    """One item of the scoring table.

    Attributes
    ----------
    id : str
        Short name; ``impact_<id>_points`` is its column.
    block : {'technical', 'non_technical', 'policy'}
        Part of the table.
    title_ko, title_en : str
        What people read.
    points_max, points_min : float
        Most and least points; 0 for a pass/fail item.
    kind : {'points', 'bonus', 'malus', 'bonus_malus', 'pass_fail'}
        What it can do to the score.
    computable : bool
        Whether it is estimated here.
    source, confidence : str
        Of the row.
    """

    id: str
    block: Block
    title_ko: str
    title_en: str
    points_max: float
    points_min: float
    kind: Kind
    computable: bool
    source: str
    confidence: str

    @property
    def column(self) -> str:
        """Column of the item's points in :func:`assess_sites`."""
        return f"impact_{self.id}_points"


@dataclass(frozen=True, slots=True)
class Scoring:
    """One version of the scoring table.

    Attributes
    ----------
    version : str
        As the scenario names it.
    items : tuple of ImpactItem
        All items, in the order of the notice.
    """

    version: str
    items: tuple[ImpactItem, ...]

    @property
    def computed(self) -> tuple[ImpactItem, ...]:
        """Items that are estimated."""
        return tuple(item for item in self.items if item.computable)

    @property
    def open(self) -> tuple[ImpactItem, ...]:
        """Items with points that cannot be estimated; pass/fail items apart."""
        return tuple(i for i in self.items if not i.computable and i.kind != "pass_fail")


def scoring_of_layers(layers: LayersLike, version: str) -> Scoring:
    """Return one version of the scoring table.

    Parameters
    ----------
    layers : Layers
        ``grid_impact_scoring``.
    version : str
        ``grid.impact_version`` of the scenario.

    Raises
    ------
    ScenarioError
        If the layer does not hold the version.
    LayerError
        If the version calls an item computable that is not, or an item with points has none.
    """
    table = layers.table("grid_impact_scoring")
    rows = table[table["version"] == version].sort_values("place", kind="stable")
    if rows.empty:
        known = ", ".join(sorted(set(table["version"].astype(str))))
        raise ScenarioError(
            f"grid.impact_version: no version {version} in grid_impact_scoring; one of {known}"
        )
    return Scoring(version, tuple(_item(row) for row in rows.to_dict("records")))


def _item(row: dict[object, object]) -> ImpactItem:
    name, kind = str(row["item_id"]), cast("Kind", str(row["kind"]))
    computable = bool(row["computable"])
    where = f"grid_impact_scoring: version {row['version']}, item {name}"
    if computable and (name not in COMPUTED or kind == "pass_fail"):
        raise LayerError(
            f"{where}: computable is true, but only points of {', '.join(COMPUTED)} can be computed"
        )
    points = {end: float(cast("float", row[end])) for end in ("points_max", "points_min")}
    if kind == "pass_fail":
        points = dict.fromkeys(points, 0.0)
    for end, value in points.items():
        if np.isnan(value):
            raise LayerError(f"{where}: {end} is empty; only a pass_fail item has no points")
    return ImpactItem(
        id=name, block=cast("Block", str(row["block"])), title_ko=str(row["item_ko"]),
        title_en=str(row["item_en"]), kind=kind, computable=computable,
        source=str(row["source"]), confidence=str(row["confidence"]), **points,
    )  # fmt: skip


def capital_distance_km(sites: gpd.GeoDataFrame, layers: LayersLike) -> pd.Series:
    """Return the distance of sites to the capital region, 0 inside it, in km.

    Parameters
    ----------
    sites : GeoDataFrame
        Points in EPSG:5179 with ``site_id``.
    layers : Layers
        ``provinces`` with ``capital_region``.

    Returns
    -------
    Series
        By ``site_id``.
    """
    provinces = layers.vector("provinces")
    region = provinces[provinces["capital_region"]].geometry.union_all()
    distance = sites.geometry.distance(region).to_numpy(dtype=np.float64) / 1000
    ids = pd.Index(sites["site_id"].astype(str), name="site_id")
    return pd.Series(distance, index=ids, name="capital_km")


def assess_sites(sites: pd.DataFrame, layers: LayersLike, scenario: Scenario) -> pd.DataFrame:
    """Estimate the score of every site.

    Parameters
    ----------
    sites : DataFrame
        One row a site: ``site_id, it_mw, pue, province_code, headroom_mw`` (at the serving
        station); optionally ``overload_increase_pct`` (of the bus, NaN = not known) and
        ``capital_km`` (from :func:`capital_distance_km`). What is missing is not known.
    layers : Layers
        ``grid_impact_scoring, provinces`` and the parameters ``gia_*, grid_impact_threshold``.
    scenario : Scenario
        Its ``grid.impact_version`` chooses the version.

    Returns
    -------
    DataFrame
        Indexed by ``site_id``, rows as given; the columns of :func:`impact_columns`. Points are
        NaN where an item is not known, and all of them where the assessment does not apply.

    Raises
    ------
    ScenarioError, LayerError
        As :func:`scoring_of_layers`; if a province is not known, or a load is no number above 0.
    """
    scoring = scoring_of_layers(layers, scenario.grid.impact_version)
    known = layers.parameters
    facts = _facts(sites, layers)
    applies = facts["facility_mw"] >= known.value("grid_impact_threshold") - _TINY
    out = pd.DataFrame({"impact_applies": applies}, index=facts.index)
    points = pd.DataFrame(
        {item.column: _points_of(item, facts, known) for item in scoring.computed},
        index=facts.index,
    ).where(applies)
    there = points.notna().to_numpy()
    most = np.array([item.points_max for item in scoring.computed])
    least = np.array([item.points_min for item in scoring.computed])
    total = points.sum(axis=1).to_numpy(dtype=np.float64)
    open_most = sum(item.points_max for item in scoring.open) + ~there @ most
    open_least = sum(item.points_min for item in scoring.open) + ~there @ least
    out["impact_points"] = total
    out["impact_points_possible"] = there @ most
    out["impact_points_unknown"] = open_most
    out["impact_total_min"] = total + open_least
    out["impact_total_max"] = total + open_most
    out["impact_pass_score"] = known.value("gia_pass_score")
    out.loc[~applies, list(out.columns[1:])] = np.nan
    out["impact_voltage"] = np.where(applies, "unknown", "")
    out["impact_version"] = scoring.version
    out["impact_confidence"] = "estimate"
    return pd.concat([out, points], axis=1)[[c.name for c in impact_columns(scoring)]]


def _facts(sites: pd.DataFrame, layers: LayersLike) -> pd.DataFrame:
    """Return what the items follow from, NaN where not known: one row a site."""
    ids = pd.Index(sites["site_id"].astype(str), name="site_id")
    provinces = layers.vector("provinces").set_index("province_code")
    code = sites["province_code"].astype(str).set_axis(ids)
    strange = ~code.isin(provinces.index)
    if strange.any():
        raise LayerError(
            f"sites: {ids[strange][0]}: province_code {code[strange].iloc[0]} is not in provinces; "
            "a two-digit code (MOIS) is needed"
        )
    facility = _column(sites, "it_mw", ids) * _column(sites, "pue", ids)
    bad = ~(facility > 0)
    if bad.any():
        raise LayerError(
            f"sites: {ids[bad][0]}: it_mw x pue is {facility[bad].iloc[0]:g}; a load above 0 is needed"
        )
    capital = code.map(provinces["capital_region"]).astype(bool)
    return pd.DataFrame(
        {
            "facility_mw": facility,
            "capital": capital,
            "system_margin": _column(sites, "headroom_mw", ids) / facility,
            "overload_increase": _column(sites, "overload_increase_pct", ids),
            "self_sufficiency": code.map(provinces["self_sufficiency_pct"]).astype(float),
            "dispersion": _column(sites, "capital_km", ids),
        }
    )


def _column(sites: pd.DataFrame, name: str, ids: pd.Index) -> pd.Series:
    """Return a column as numbers by site, NaN all over where there is none."""
    if name not in sites:
        return pd.Series(np.nan, index=ids)
    return sites[name].astype(float).set_axis(ids)


def _points_of(item: ImpactItem, facts: pd.DataFrame, known: ParametersLike) -> NDArray[np.float64]:
    """Return the points of one item: a straight line from 0 at the worst end to its most."""
    worst, best = known.value(f"gia_{item.id}_worst"), known.value(f"gia_{item.id}_best")
    if worst == best:
        raise LayerError(
            f"parameters: gia_{item.id}_worst and gia_{item.id}_best are both {best:g}; the two "
            "ends of a scale must differ"
        )
    value = facts[item.id].to_numpy(dtype=np.float64)
    points = item.points_max * np.clip((value - worst) / (best - worst), 0.0, 1.0)
    if item.id == "dispersion":
        points = np.where(facts["capital"], item.points_min, points)
    return points


def impact_columns(scoring: Scoring) -> Sequence[Column]:
    """Return the columns of :func:`assess_sites` for one version, described as criteria are."""

    def column(name: str, unit: str, ko: str, en: str, confidence: str = "assumption") -> Column:
        return Column(name, "grid_impact", unit, ko, en, confidence)

    return (
        column(
            "impact_applies", "", "전력계통영향평가 대상", "Grid impact assessment applies", "published"
        ),
        column("impact_points", "points", "영향평가 추정점수(산정 항목)", "Estimated points, computed items"),
        column("impact_points_possible", "points", "산정 항목 만점", "Most points of the computed items"),
        column("impact_points_unknown", "points", "미산정 항목 만점", "Most points of the unknown items"),
        column("impact_total_min", "points", "총점 하한", "Lowest total, unknown items at their least"),
        column("impact_total_max", "points", "총점 상한", "Highest total, unknown items at their most"),
        column("impact_pass_score", "points", "합격 기준점수", "Points needed to pass", "published"),
        *(
            column(item.column, "points", f"{item.title_ko} 추정점수", f"{item.title_en}, estimated points")
            for item in scoring.computed
        ),
        column("impact_voltage", "", "적정전압 유지 가능 여부", "Voltage can be kept (pass/fail)", "unknown"),
        column("impact_version", "", "배점표 버전", "Version of the scoring table", "published"),
        column("impact_confidence", "", "영향평가 값의 성격", "Nature of the assessment"),
    )  # fmt: skip
