"""A finished run: open its files, read its answer, ask why a place is in it or not."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siteopt._run_folder import stray_file
from siteopt.errors import LayerFileError, ScenarioError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Run", "open_run"]

_NAMED = 3
"""Branches that a line names."""
_ROUNDING = 1e-3
"""MW: prices in the files are rounded."""
_READ = ("eligibility.tif", "map.html", "portfolio.json", "ranking.csv")
"""Files that must be those of ``run.json``; GIS programs write into a GeoPackage they open."""
_TEXT_COLUMNS = (
    "site_id",
    "province_code",
    "district_code",
    "station_id",
    "option_id",
    "basin_id",
    "bus_id",
)


@dataclass(frozen=True)
class Run:
    """The files of a finished run.

    Attributes
    ----------
    folder : Path
        Folder of the run.
    record : dict
        ``run.json``: inputs with hashes and licences, versions, seed, timings, status.
    portfolio : dict
        ``portfolio.json``: the chosen sites, provinces and limits.
    """

    folder: Path
    record: dict[str, Any]
    portfolio: dict[str, Any]

    @property
    def map_path(self) -> Path:
        """The map, one HTML file that needs no network."""
        return self.folder / "map.html"

    @property
    def is_optimal(self) -> bool:
        """Whether the plan is proven within the gap that the scenario asks for."""
        return bool(self.record["status"] == "optimal")

    @cached_property
    def ranking(self) -> pd.DataFrame:
        """``ranking.csv``: one row a candidate site, best first; money in bn KRW."""
        import pandas as pd  # noqa: PLC0415 - opening a run needs no tables

        path = self.folder / "ranking.csv"
        header = pd.read_csv(path, nrows=0, encoding="utf-8-sig").columns
        texts = {name: "string" for name in _TEXT_COLUMNS if name in header}
        return pd.read_csv(path, dtype=texts, encoding="utf-8-sig")

    def summary(self) -> str:
        """Return the answer in a few lines: status, cost, chosen sites, where the map is."""
        record, plan = self.record, self.portfolio
        head = (
            f"{record['status']}: {plan['objective_bn_krw']:,.1f} bn KRW, proven within a gap of "
            f"{plan['gap']:.1e}; {len(plan['sites'])} of {record['sites']:,} sites chosen"
        )
        lines = [head]
        lines += [
            f"  {site['rank']:>3}  {site['site_id']}  {site['name_en']}: {site['it_mw']:,.0f} MW IT "
            f"at {site['voltage_kv']:g} kV, {site['bn_krw_per_mw']:,.2f} bn KRW/MW"
            for site in plan["sites"]
        ]
        lines += _grid_summary(plan.get("grid"))
        seconds = sum(record["timings_s"].values())
        lines.append(f"map: {self.map_path} ({seconds:.1f} s in all)")
        return "\n".join(lines)

    def explain(self, place: str) -> str:
        """Return why a place is in the answer, or why not.

        Parameters
        ----------
        place : str
            A site id of the run, or ``LON,LAT`` in degrees (EPSG:4326).

        Raises
        ------
        ScenarioError
            If it is neither, or lies outside the screened country.
        """
        if "," in place:
            return self._explain_point(place)
        found = self.ranking.loc[self.ranking["site_id"] == place]
        if found.empty:
            raise ScenarioError(
                f"{place}: no site of this run; give an id from {self.folder / 'ranking.csv'} or "
                "LON,LAT such as 126.45,34.77"
            )
        return _explain_site(found.iloc[0], self.portfolio)

    def _explain_point(self, place: str) -> str:
        import rasterio  # noqa: PLC0415 - opening a run needs no tables
        from pyproj import Transformer  # noqa: PLC0415

        from siteopt.lattice import CRS_EPSG  # noqa: PLC0415

        lon, lat = _degrees(place)
        to_metres = Transformer.from_crs(4326, CRS_EPSG, always_xy=True)
        x_m, y_m = to_metres.transform(lon, lat)
        with rasterio.open(self.folder / "eligibility.tif") as raster:
            row, col = raster.index(x_m, y_m)
            if not (0 <= row < raster.height and 0 <= col < raster.width):
                raise ScenarioError(f"{place}: outside the screened country; give LON,LAT in Korea")
            window = rasterio.windows.Window(col, row, 1, 1)
            code = int(raster.read(1, window=window)[0, 0])
        reasons = [
            f"{item['title_en']} ({item['title_ko']})"
            for bit, item in enumerate(self.record["screening"])
            if code >> bit & 1
        ]
        if reasons:
            return f"{place}: excluded by {len(reasons)} reason(s): {'; '.join(reasons)}"
        sites = self.ranking
        offset_km = ((sites["x_m"] - x_m) ** 2 + (sites["y_m"] - y_m) ** 2) ** 0.5 / 1000.0
        nearest = sites.loc[offset_km.idxmin()]
        return (
            f"{place}: eligible land; the nearest candidate site is {nearest['site_id']}, "
            f"{offset_km.min():.1f} km away\n{_explain_site(nearest, self.portfolio)}"
        )


def _degrees(place: str) -> tuple[float, float]:
    """Return longitude and latitude; swapped ones are an error that says so."""
    try:
        lon, lat = (float(part) for part in place.split(","))
    except ValueError as error:
        raise ScenarioError(f"{place}: not LON,LAT in degrees, such as 126.45,34.77") from error
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise ScenarioError(f"{place}: not LON,LAT in degrees, such as 126.45,34.77")
    if 32 <= lon <= 39 and 124 <= lat <= 132:  # noqa: PLR2004 - Korea with its axes swapped
        raise ScenarioError(f"{place}: longitude and latitude look swapped; give LON,LAT")
    return lon, lat


def _grid_summary(grid: dict[str, Any] | None) -> list[str]:
    """Return in a line where the grid has least room beside the plan, and what stops more there."""
    known = [
        row for row in (grid or {}).get("further_by_province", []) if row["further_mw"] is not None
    ]
    if grid is None or not known:
        return []
    least = known[0]
    said = (
        f"grid ({grid['model']}, security {grid['security']}): least room in "
        f"{least['province_en']}, {least['further_mw']:,.0f} MW more in snapshot "
        f"{least['snapshot_id']}, stopped by {_named(least['branches_en'])}"
    )
    return [said]


def _flow_limit(site: pd.Series[Any], plan: dict[str, Any]) -> list[str]:
    """Return the flow limit that stops a site most, in a line; none where the grid has room.

    A chosen site cannot take one more block, any other not even the smallest build.
    """
    import pandas as pd  # noqa: PLC0415 - opening a run needs no tables

    step_mw = plan.get("block_it_mw" if site["chosen"] else "it_min_mw")
    limits = (plan.get("grid") or {}).get("flow_limits", [])
    if step_mw is None or not limits or pd.isna(site.get("bus_id")) or pd.isna(site.get("it_mw")):
        return []
    need_mw = step_mw * site["facility_mw"] / site["it_mw"]
    bus = str(site["bus_id"])
    beyond = [need_mw * limit["mw_per_mw"].get(bus, 0.0) - limit["slack_mw"] for limit in limits]
    worst = beyond.index(max(beyond))
    if beyond[worst] <= _ROUNDING:
        return []
    limit = limits[worst]
    named = _named(limit["branches_en"], limit["further_branches"])
    said = f"no room for {step_mw:g} MW of IT more: flow limit of {named} in snapshot "
    return [f"{said}{limit['snapshot_id']} (model estimate)"]


def _named(branches: list[str], more: int = 0) -> str:
    """Return the first few branches, and how many more there are."""
    if not branches:
        return "the generating units of the whole country"
    rest = len(branches[_NAMED:]) + more
    return ", ".join(branches[:_NAMED]) + (f" and {rest} more" if rest else "")


def _explain_site(site: pd.Series[Any], plan: dict[str, Any]) -> str:
    import pandas as pd  # noqa: PLC0415 - opening a run needs no tables

    from siteopt.report.impact import impact_line  # noqa: PLC0415

    name = f"{site['site_id']} {site['name_ko']} ({site['name_en']})"
    lines = [name]
    if site["chosen"] and pd.notna(site["value_bn_krw"]):
        lines.append(
            f"chosen with {site['it_mw']:,.0f} MW of IT load; without it the best plan costs "
            f"{site['value_bn_krw']:,.3f} bn KRW more (rank {site['rank']:.0f})"
        )
    elif site["chosen"]:
        lines.append(f"chosen with {site['it_mw']:,.0f} MW of IT load")
    elif pd.notna(site["regret_bn_krw"]):
        lines.append(
            f"not chosen: forcing it in costs the best plan {site['regret_bn_krw']:,.3f} bn KRW "
            f"more (rank {site['rank']:.0f})"
        )
    elif pd.notna(site["lower_bn_krw"]):
        lines.append(
            f"not chosen: forcing it in costs the best plan at least "
            f"{site['lower_bn_krw']:,.3f} bn KRW more (proven bound)"
        )
    else:
        lines.append(f"cannot be built: {_why_not(site)}")
    if pd.notna(site.get("route_km")):
        lines.append(
            f"connection to {site['station_id']} at {site['voltage_kv']:g} kV: "
            f"{site['route_km']:,.1f} km ({site['route_oh_km']:,.1f} overhead, "
            f"{site['route_ug_km']:,.1f} underground), {site['route_bn_krw']:,.1f} bn KRW, "
            f"{site['lead_time_years']:g} years{_banks(site)}"
        )
    lines += _flow_limit(site, plan)
    if pd.notna(site.get("impact_applies")):
        lines.append(impact_line(site, "en"))
    if pd.notna(site.get("bn_krw_per_mw")):
        chosen = ", ".join(
            f"{item['site_id']} {item['bn_krw_per_mw']:,.2f}" for item in plan["sites"]
        )
        lines.append(
            f"discounted cost {site['bn_krw_per_mw']:,.2f} bn KRW per MW; the chosen sites: {chosen}"
        )
    return "\n".join(lines)


def _banks(site: pd.Series[Any]) -> str:
    import pandas as pd  # noqa: PLC0415 - opening a run needs no tables

    banks = site.get("banks")
    if banks is None or pd.isna(banks) or not banks:
        return ""
    word = "bank" if banks == 1 else "banks"
    return f", {banks:g} new 345/154 kV {word} ({site['relief_mw']:,.0f} MW of headroom more)"


def _why_not(site: pd.Series[Any]) -> str:
    """Return in words what keeps a site out of every plan."""
    import pandas as pd  # noqa: PLC0415 - opening a run needs no tables

    from siteopt.report.texts import texts  # noqa: PLC0415

    known = texts()
    gate = site["reason"] if pd.notna(site["reason"]) else "no_option"
    key = "why.provinces" if gate == "province" else f"why.{gate}"
    if key not in known:
        return str(gate)
    return known[key]["en"].replace(" ({mw} MW IT)", "")


def open_run(folder: Path | str) -> Run:
    """Open a finished run.

    Parameters
    ----------
    folder : Path or str
        The folder that ``siteopt run --out`` wrote.

    Returns
    -------
    Run
        Tables are read when they are first asked for.

    Raises
    ------
    LayerFileError
        If a file of the run is not there or is not whole.

    Examples
    --------
    >>> import siteopt
    >>> run = siteopt.open_run("runs/national-2035")  # doctest: +SKIP
    >>> run.ranking.query("chosen")[["site_id", "it_mw", "value_bn_krw"]]  # doctest: +SKIP
    """
    path = Path(folder)
    content: dict[str, dict[str, Any]] = {}
    for name in ("run.json", "portfolio.json"):
        try:
            content[name] = json.loads((path / name).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise LayerFileError(
                f"{path}: no finished run ({name} is missing); write one with "
                f"`siteopt run SCENARIO --out {path}`"
            ) from error
        except ValueError as error:
            raise LayerFileError(f"{path / name}: not valid JSON ({error}); run again") from error
        if not isinstance(content[name], dict):
            raise LayerFileError(f"{path / name}: not the record of a run; run again")
    for name in ("ranking.csv", "eligibility.tif"):
        if not (path / name).is_file():
            raise LayerFileError(f"{path}: the run is not whole ({name} is missing); run again")
    hashes = content["run.json"].get("files", {})
    stray = stray_file(path, {name: hashes[name] for name in _READ if name in hashes})
    if stray is not None:
        raise LayerFileError(
            f"{path}: {stray} is not as the run wrote it; run again, and keep changed copies "
            "elsewhere"
        )
    return Run(folder=path, record=content["run.json"], portfolio=content["portfolio.json"])
