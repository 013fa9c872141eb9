"""Eligible land that a list is compared with: reasons by cell, candidate sites, chosen sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from siteopt._file_names import ELIGIBILITY, RANKING, RECORD
from siteopt.criteria import CRITERION_NAMES
from siteopt.criteria.scoring import criterion_weights, normalised_weights
from siteopt.errors import InfeasibleError, LayerFileError
from siteopt.lattice import Lattice
from siteopt.layers import Layers, read_catalogue
from siteopt.report._cells import NO_LAND, cell_codes
from siteopt.report.tables import standalone_costs
from siteopt.runs import pipeline
from siteopt.runs.results import said_by_files
from siteopt.runs.tables import open_reasons
from siteopt.screening.kernel import zones

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from siteopt.runs.results import Run
    from siteopt.runs.study import Study

__all__ = ["SCORES", "CandidateLand", "land_of_run", "land_of_study"]

SCORES: Final = tuple(f"score_{name}" for name in CRITERION_NAMES)
"""Columns of criterion scores."""

_SITE_COLUMNS: Final = (
    "site_id", "x_m", "y_m", "name_en", "province_code", "suitability", *SCORES,
)  # fmt: skip
_OWN_PLACES: Final = ("provinces", "districts")


@dataclass(frozen=True, eq=False)
class CandidateLand:
    """What is known of eligible land, of a scenario or of a finished run.

    Attributes
    ----------
    scenario : str
        Name of the scenario.
    lattice : Lattice
        The screening grid, EPSG:5179.
    codes : ndarray of uint32, shape ``lattice.shape``
        Bit i is set where ``reasons[i]`` excludes the cell; 0 is eligible land and nothing else.
    reasons : tuple of str
        Ids of the exclusions in the order of their bits.
    titles : dict of str to str
        English title by id.
    sites : DataFrame
        Candidate sites sorted by ``site_id``: ``x_m``, ``y_m`` (EPSG:5179), ``name_en``,
        ``province_code``, ``suitability``, ``score_<criterion>`` (0 to 1), ``bn_krw_per_mw`` (NaN
        where the site has no possible connection) and, once it is known how listed sites are
        judged, ``judged_ha`` (`siteopt.backtesting.placement.with_judged_land`).
    weights : dict of str to float
        Weight of each criterion, summing to 1.
    tile_m : float, optional
        Side of the tiles that are candidates; None where parcels of the user are.
    chosen : tuple of str, optional
        Ids of the sites of the plan; None where no plan was asked for.
    provinces, districts : GeoDataFrame
        Polygons, EPSG:5179.
    """

    scenario: str
    lattice: Lattice
    codes: NDArray[np.uint32]
    reasons: tuple[str, ...]
    titles: dict[str, str]
    sites: pd.DataFrame
    weights: dict[str, float]
    tile_m: float | None
    chosen: tuple[str, ...] | None
    provinces: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame

    @property
    def weight_ha(self) -> NDArray[np.float64]:
        """Hectares of eligible land that each candidate site stands for, shape (n,)."""
        return self.sites["judged_ha"].to_numpy(dtype=np.float64)

    @property
    def capital_provinces(self) -> frozenset[str]:
        """Codes of the provinces of the capital region."""
        inside = self.provinces["capital_region"].astype(bool)
        return frozenset(self.provinces.loc[inside, "province_code"].astype(str))

    @property
    def capital_apart(self) -> bool:
        """Whether no candidate site is in the capital region, so that no listed site can match."""
        return not self.sites["province_code"].isin(self.capital_provinces).any()

    def reasons_at(self, xy: NDArray[np.float64]) -> list[list[str]]:
        """Return the ids of the reasons against each place, shape (n, 2) in EPSG:5179 metres."""
        rows, cols = self.lattice.cells_of(xy[:, 0], xy[:, 1])
        held = self.lattice.contains(rows, cols)
        found = []
        for row, col, inside in zip(rows, cols, held, strict=True):
            code = int(self.codes[row, col]) if inside else 1 << len(self.reasons)
            names = [name for bit, name in enumerate(self.reasons) if code >> bit & 1]
            found.append(names or ([NO_LAND] if code else []))
        return found

    def eligible_share(self) -> float:
        """Return the eligible share (0 to 1) of the land that is not counted apart, by cells."""
        apart = self.capital_provinces if self.capital_apart else ()
        outside = ~self.provinces["province_code"].astype(str).isin(apart)
        zone = zones(self.provinces.loc[outside].geometry.to_numpy(), self.lattice)
        codes = self.codes[zone >= 0]
        return float((codes == 0).mean()) if codes.size else float("nan")


def land_of_study(study: Study, *, plan: bool) -> CandidateLand:
    """Return the eligible land of a scenario; a plan is solved only where it is asked for.

    Parameters
    ----------
    study : Study
        A study.
    plan : bool
        Whether the chosen sites are needed.

    Raises
    ------
    InfeasibleError
        If a plan is asked for and none meets the limits.
    """
    layers, eligibility, sites = study.layers, study.eligibility, study.sites
    cost = standalone_costs(study.options, sites, study.criteria, study.scenario.build)
    table = pd.DataFrame(sites.drop(columns="geometry")).merge(
        study.scores, left_on="site_id", right_index=True, how="left"
    )
    table["bn_krw_per_mw"] = table["site_id"].map(cost)
    candidates = study.scenario.candidates
    return CandidateLand(
        scenario=study.scenario.name,
        lattice=eligibility.lattice,
        codes=cell_codes(eligibility),
        reasons=tuple(eligibility.reason_ids),
        titles={one.id: one.title.en for one in eligibility.exclusions},
        sites=_candidates(table),
        weights=criterion_weights(study.scenario),
        tile_m=None if candidates.parcels is not None else candidates.tile_m,
        chosen=_chosen(study) if plan else None,
        provinces=layers.vector("provinces"),
        districts=layers.vector("districts"),
    )


def land_of_run(run: Run, *, plan: bool = True) -> CandidateLand:
    """Return the eligible land of a finished run, from its files.

    The cost of a chosen site is that of its size and connection in the plan. Provinces and
    districts are those of the embedded layers.

    Parameters
    ----------
    run : Run
        A finished run.
    plan : bool
        Whether the chosen sites are needed.

    Raises
    ------
    LayerFileError
        If a file of the run lacks what is needed, or the run had provinces or districts of its own.
    """
    with said_by_files(run.folder):
        return _of_run(run, plan=plan)


def _of_run(run: Run, *, plan: bool) -> CandidateLand:
    said: dict[str, Any] = run.record["scenario"]
    for name in _OWN_PLACES:
        if name in (said.get("layers") or {}):
            raise LayerFileError(
                f"{run.folder}: the run has {name} of its own, and keeps only the name of that "
                "file; give the scenario (--scenario) instead of the run"
            )
    layers = Layers(read_catalogue())
    path = run.folder / ELIGIBILITY
    with open_reasons(run.content(ELIGIBILITY), path) as raster:
        codes = raster.read(1).astype(np.uint32)
        lattice = Lattice(
            raster.transform.c, raster.transform.f, raster.res[0], raster.height, raster.width
        )
    ranking = run.ranking
    for name in (*_SITE_COLUMNS, "bn_krw_per_mw", "chosen"):
        if name not in ranking:
            raise LayerFileError(f"{run.folder / RANKING}: column {name} is missing; run again")
    parcels = said["candidates"].get("parcels") is not None
    return CandidateLand(
        scenario=str(said["name"]),
        lattice=lattice,
        codes=codes,
        reasons=tuple(str(item["reason"]) for item in run.record["screening"]),
        titles={str(item["reason"]): str(item["title_en"]) for item in run.record["screening"]},
        sites=_candidates(ranking),
        weights=_weights(said, run),
        tile_m=None if parcels else float(said["candidates"]["tile_m"]),
        chosen=tuple(sorted(ranking.loc[ranking["chosen"], "site_id"])) if plan else None,
        provinces=layers.vector("provinces"),
        districts=layers.vector("districts"),
    )


def _weights(said: dict[str, Any], run: Run) -> dict[str, float]:
    try:
        return normalised_weights({**(said.get("weights") or {})})
    except (TypeError, ZeroDivisionError) as error:
        raise LayerFileError(
            f"{run.folder / RECORD}: scenario.weights are no numbers above 0; run again"
        ) from error


def _candidates(table: pd.DataFrame) -> pd.DataFrame:
    kept = table[[*_SITE_COLUMNS, "bn_krw_per_mw"]].sort_values("site_id", kind="stable")
    for name in ("site_id", "name_en", "province_code"):
        kept[name] = kept[name].astype(str)
    kept["bn_krw_per_mw"] = kept["bn_krw_per_mw"].astype(np.float64)
    return kept.reset_index(drop=True)


def _chosen(study: Study) -> tuple[str, ...]:
    choice = study._result(pipeline.CHOICE)  # noqa: SLF001 - a study of our own
    if choice.status == "infeasible":
        raise InfeasibleError(
            f"{study.scenario.name}: no plan meets its limits, so there is no chosen site; "
            "`siteopt run` says which, or leave the plan out (--no-plan)"
        )
    return tuple(sorted(set(choice.steps["site_id"])))
