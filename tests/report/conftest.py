"""A small finished run in memory, and a browser to open its map in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer
from shapely.geometry import LineString, Point, box

from siteopt.lattice import Lattice
from siteopt.layers.parameters import Parameters
from siteopt.layers.provenance import Provenance
from siteopt.limit_key import LimitKey
from siteopt.portfolio.constraints._rows import key_columns
from siteopt.report import RunTables
from siteopt.scenario import Scenario
from siteopt.screening import Eligibility
from tests.report.small_grid import FLOW, grid_tables, impact, plan_tables
from tests.report.written import write_map

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

X0, Y0 = 1_000_000.0, 1_800_000.0
"""South-west corner of the small world, EPSG:5179: near Daejeon."""
SITES = 24


PARAMETERS = pd.DataFrame(
    [("load_factor", 0.85, 0.7, 0.95, "-", "assumption", "press <b>", "compiled-medium", None, None),
     ("price_year", 2025, None, None, "year", "assumption", "a choice", "assumption", None, None),
     ("price_index_2025", 100.0, None, None, "2020 = 100", "index", "CPI", "compiled-high", None, None),
     ("capex_shell_me", 13.0, 10.0, 15.2, "bn KRW/MW", "cost", "=made up", "compiled-medium", 2025, "assumed"),
     ("water_price", 0.0, None, None, "KRW/m3", "cost", "=made up", "assumption", 2025, "assumed"),
     ("score_pue_worst", 1.5, None, None, "-", "assumption", "a choice", "assumption", None, None),
     ("own_figure", 1.0, None, None, "km", "assumption", "a user", "assumption", None, None)],
    columns=["key", "value", "low", "high", "unit", "kind", "source", "confidence", "price_year",
             "price_year_basis"],
)  # fmt: skip


@dataclass
class SmallLayers:
    """Layers in memory, in place of files."""

    vectors: dict[str, gpd.GeoDataFrame]
    used: list[Provenance]
    tables: dict[str, pd.DataFrame]

    @property
    def ids(self) -> list[str]:
        return sorted({*self.vectors, *self.tables})

    @property
    def notes(self) -> list[str]:
        return []

    @property
    def parameters(self) -> Parameters:
        return Parameters([PARAMETERS])

    def replaced(self, layer_id: str) -> bool:
        return any(item.replaced for item in self.used if item.id == layer_id)

    def vector(self, layer_id: str) -> gpd.GeoDataFrame:
        return self.vectors[layer_id].copy()

    def table(self, layer_id: str) -> pd.DataFrame:
        return self.tables[layer_id].copy()


@dataclass
class SmallPlan:
    status: str
    objective: float
    bound: float
    gap: float
    solver: str
    chosen: pd.DataFrame
    limits: pd.DataFrame
    steps: pd.DataFrame = field(default_factory=pd.DataFrame)
    grid_account: pd.DataFrame | None = None
    grid_further: pd.DataFrame | None = None
    flow_prices: pd.DataFrame | None = None
    checked_by: dict[str, Any] = field(default_factory=dict)
    energy_bn_krw: float = 0.0


def frame(geometry: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=5179)


def layers(hostile: str) -> SmallLayers:
    west, east = (
        box(X0, Y0, X0 + 30_000, Y0 + 40_000),
        box(X0 + 30_000, Y0, X0 + 60_000, Y0 + 40_000),
    )
    south, north = (
        box(X0, Y0, X0 + 30_000, Y0 + 20_000),
        box(X0, Y0 + 20_000, X0 + 30_000, Y0 + 40_000),
    )
    stations = [Point(X0 + 10_000, Y0 + 10_000), Point(X0 + 45_000, Y0 + 30_000)]
    vectors = {
        "provinces": frame(
            [west, east], province_code=["46", "47"], name_ko=["전라남도", "경상북도"],
            name_en=["Jeonnam", "Gyeongbuk"],
        ),
        "districts": frame(
            [south, north, east], district_code=["46170", "46180", "47170"],
            name_ko=["나주시", "담양군", "안동시"], name_en=["Naju-si", "Damyang-gun", "Andong-si"],
        ),
        "rivers": frame(
            [LineString([(X0, Y0 + 5_000), (X0 + 60_000, Y0 + 8_000)])], river_id=["R1"],
            name_ko=["영산강"], name_en=["Yeongsan"], upstream_km2=[2400.0],
        ),
        "lines": frame(
            [LineString(stations), LineString([stations[0], (X0, Y0)])], line_id=["L1", "L2"],
            voltage_kv=[345, 180], dc=[False, True],
        ),
        "stations": frame(
            stations, station_id=["A", "B"], name_ko=["나주 " + hostile, "안동"],
            name_en=["Naju " + hostile, "Andong"], voltage_max_kv=[345, 154],
            name_confidence=["place", "compiled-high"],
        ),
    }  # fmt: skip
    source = Provenance(
        id="stations", file="reference/stations.csv", sha256="0" * 64, title_ko="변전소",
        title_en="Stations", source="OpenStreetMap " + hostile, licence="ODbL 1.0",
        vintage="2024", confidence="derived", notice="© OpenStreetMap contributors", replaced=False,
    )  # fmt: skip
    vectors["case_buses"] = frame(
        [Point(X0 + 8_000, Y0 + 12_000), Point(X0 + 12_000, Y0 + 30_000), stations[1]],
        bus_id=["1", "2", "3"], name_ko=["나주 " + hostile, "담양", "안동"],
        name_en=["Naju " + hostile, "Damyang", "Andong"], base_kv=[154.0, 345.0, 345.0],
        province_code=["46", "46", "46"],
    )  # fmt: skip
    return SmallLayers(vectors, [source], grid_tables())


def scenario(hostile: str) -> Scenario:
    return Scenario.model_validate(
        {
            "name": "small",
            "title": {"ko": "작은 시험 입지 " + hostile, "en": "A small trial " + hostile},
            "target": {"it_mw": 300, "year": 2035},
            "build": {"it_min_mw": 40, "it_max_mw": 400, "block_mw": 20},
            "spacing_km": 5,
            "connection": {
                "classes": [{"voltage_kv": 154, "station_kv": 154, "facility_max_mw": 400}]
            },
            "screening": {
                "cell_m": 500,
                "exclusions": [
                    {"id": "sea", "title": {"ko": "바다", "en": "Sea"}, "kind": "outside",
                     "layer": "provinces"},
                    {"id": "slope", "title": {"ko": "급경사지 " + hostile, "en": "Steep " + hostile},
                     "kind": "above", "layer": "slope", "threshold": 8.5},
                    {"id": "rivers", "title": {"ko": "하천", "en": "River"}, "kind": "near",
                     "layer": "rivers", "buffer_m": 1000},
                ],
            },
        }
    )  # fmt: skip


def eligibility(settings: Scenario) -> Eligibility:
    lattice = Lattice.covering((X0 - 5_000, Y0 - 5_000, X0 + 65_000, Y0 + 45_000), 500, 2500)
    rows, cols = np.indices(lattice.shape)
    x, y = lattice.centres_m(rows, cols)
    land = (x > X0) & (x < X0 + 60_000) & (y > Y0) & (y < Y0 + 40_000)
    reasons = np.zeros(lattice.shape, dtype=np.uint32)
    reasons[~land] |= 1
    reasons[(x > X0 + 50_000) & land] |= 2
    reasons[(y < Y0 + 8_000) & land] |= 4
    return Eligibility(lattice, reasons, land, tuple(settings.screening.exclusions), (0, 0, 0))


def sites(hostile: str) -> gpd.GeoDataFrame:
    number = np.arange(SITES)
    x, y = X0 + 4_000 + 7_000.0 * (number % 6), Y0 + 9_000 + 8_000.0 * (number // 6)
    lon, lat = Transformer.from_crs(5179, 4326, always_xy=True).transform(x, y)
    east = x > X0 + 30_000
    ids = [f"S{place:04d}" for place in number]
    return frame(
        [Point(*place) for place in zip(x, y, strict=True)],
        site_id=ids, x_m=x, y_m=y, lon=lon, lat=lat,
        province_code=np.where(east, "47", "46"),
        district_code=np.where(east, "47170", np.where(y < Y0 + 20_000, "46170", "46180")),
        name_ko=[f"나주시 {name}" for name in ids[:-1]] + ["필지 " + hostile],
        name_en=[f"Naju-si {name}" for name in ids[:-1]] + ["Parcel " + hostile],
        eligible_ha=10.0 + number, it_max_mw=np.where(number % 2, 200.0, 160.0),
        kind=np.where(number == 3, "complex", "tile"), complex_id=np.where(number == 3, "S0003", ""),
        area_rule=np.where(number == 3, "hull", "tile"),
        area_confidence=np.where(number == 3, "lower-bound", "model"),
    )  # fmt: skip


def options(found: gpd.GeoDataFrame) -> pd.DataFrame:
    number = np.arange(SITES)
    table = pd.DataFrame(
        {
            "option_id": found["site_id"] + "@A-154", "site_id": found["site_id"],
            "station_id": "A", "voltage_kv": 154.0, "station_kv": 154.0,
            "route_km": 3.0 + number, "route_oh_km": 2.0 + number, "route_ug_km": 1.0,
            "route_bn_krw": 5.0 * (3 + number), "facility_min_mw": 0.0, "facility_max_mw": 400.0,
            "headroom_mw": 220.0, "station_headroom_confidence": "published-cap",
            "lead_time_years": 5.0, "lead_time_high_years": 9.5,
            "second_station_id": np.where(number == 3, "B", ""),
            "second_route_km": np.where(number == 3, 7.5, 0.0),
            "second_feed_bn_krw": np.where(number == 3, 4.0, 0.0),
            "fixed_connection_bn_krw": 5.0 * (3 + number), "fixed_land_bn_krw": 0.0,
            "per_mw_connection_bn_krw": 0.0, "per_mw_land_bn_krw": 0.5,
            "per_mw_building_bn_krw": 13.0,
        }
    )  # fmt: skip
    # Bus 1, 2 or 3; S0009 pays for a bank.
    table["bus_id"] = (number % 3 + 1).astype(str)
    paid = table["site_id"] == "S0009"
    table["works"] = np.where(paid, "banks1", "")
    table["works_bn_krw"], table["relief_mw"] = np.where(paid, 20.0, 0.0), np.where(paid, 50.0, 0.0)
    table["fixed_upgrade_bn_krw"] = np.where(paid, 20.0, 0.0)
    table["fixed_bn_krw"] = table["fixed_connection_bn_krw"] + table["fixed_upgrade_bn_krw"]
    table["per_mw_bn_krw"] = 13.5
    table["capital_fixed_bn_krw"], table["capital_per_mw_bn_krw"] = 0.0, 13.0
    return table[table["site_id"] != "S0020"]


@dataclass
class SmallRoutes:
    """A line with a bend from each site to station A; the last km is underground."""

    sites: gpd.GeoDataFrame
    options: pd.DataFrame

    def stretches(self, rows: Any) -> gpd.GeoDataFrame:
        place = self.sites.set_index("site_id").geometry
        records, lines = [], []
        for row in rows:
            option = self.options.iloc[row]
            site, station = place[option["site_id"]], Point(X0 + 10_000, Y0 + 10_000)
            bend = Point(site.x, station.y - 2500)
            lines += [LineString([site, bend]), LineString([bend, station])]
            records.append((row, 1, "overhead", option["route_oh_km"]))
            records.append((row, 2, "underground", option["route_ug_km"]))
        table = pd.DataFrame(records, columns=["row", "stretch", "kind", "length_km"])
        return gpd.GeoDataFrame(table, geometry=lines, crs=5179)


def plan(costed: pd.DataFrame) -> SmallPlan:
    chosen = pd.DataFrame({"site_id": ["S0000", "S0003"], "it_mw": [160.0, 140.0]})
    chosen = chosen.merge(costed[["site_id", "option_id", "fixed_bn_krw"]], on="site_id")
    chosen["blocks"] = (chosen["it_mw"] / 20).astype(int)
    chosen["facility_mw"] = chosen["it_mw"] * 1.25
    chosen["cost_bn_krw"] = chosen["fixed_bn_krw"] + 13.5 * chosen["it_mw"]
    chosen["capital_bn_krw"] = 13.0 * chosen["it_mw"]
    rows: list[tuple[Any, ...]] = [
        (LimitKey("target"), 300.0, 300.0, np.inf, "mw_it", 0.0, True),
        (LimitKey("stations", "station", "A", 154.0), 375.0, -np.inf, 380.0, "mw", 5.0, False),
        (FLOW, 300.0, -np.inf, 320.0, "mw", 20.0, False),
        (LimitKey("upgrades", "station", "B", 154.0), 1.0, -np.inf, np.inf, "works", np.inf, False),
        (LimitKey("provinces", "province", "46"), 53.3, 0.0, 60.0, "pct", 6.7, False),
        (LimitKey("provinces", "province", "47"), 46.7, 0.0, 46.7, "pct", 0.0, True),
    ]
    columns = ["key", "used", "at_least", "at_most", "unit", "slack", "binds"]
    usage = pd.DataFrame(rows, columns=columns)
    limits = pd.concat([key_columns([row[0] for row in rows]), usage.drop(columns="key")], axis=1)
    total = float(chosen["cost_bn_krw"].sum())
    return SmallPlan(
        "optimal", total, total, 0.0, "HiGHS", chosen, limits, pd.DataFrame(), *plan_tables()
    )


def ranking(found: gpd.GeoDataFrame) -> pd.DataFrame:
    order = [
        "S0003",
        "S0000",
        *(name for name in found["site_id"] if name not in {"S0003", "S0000"}),
    ]
    table = pd.DataFrame({"site_id": order})
    table["chosen"] = table.index < 2
    table["rank"] = [1, 2, 3, 3, *range(5, SITES + 1)]
    table["tied"] = [1, 1, 2, 2, *([1] * (SITES - 4))]
    table["proof"] = ["exact"] * 6 + ["bounded"] * (SITES - 6)
    figures = 10.0 * np.arange(SITES) + 1.2345
    exact = table["proof"] == "exact"
    table["value_bn_krw"] = np.where(table["chosen"], 142.549149, np.nan)
    table["regret_bn_krw"] = np.where(exact & ~table["chosen"], figures, np.nan)
    table["lower_bn_krw"] = np.where(exact, np.fmax(table["value_bn_krw"], 0), figures)
    table["upper_bn_krw"] = np.where(exact, figures, np.inf)
    table["reason"] = ""
    gone = table["site_id"] == "S0020"
    table.loc[gone, ["proof", "reason"]] = ["impossible", "connection"]
    for column in ("rank", "tied"):
        table[column] = table[column].astype("Int64").where(~gone)
    return table


def small_run(hostile: str = "") -> RunTables:
    settings, found = scenario(hostile), sites(hostile)
    costed = options(found)
    described = pd.DataFrame(
        {"distance_154_km": np.linspace(0.5, 40, SITES), "pue": 1.25, "headroom_154_mw": 220.0,
         "headroom_154_confidence": "model", "land_price_krw_m2": 155_000.0},
        index=pd.Index(found["site_id"], name="site_id"),
    )  # fmt: skip
    described.loc["S0005", "distance_154_km"] = np.nan
    scores = pd.DataFrame({"suitability": np.linspace(0.2, 0.9, SITES)}, index=described.index)
    return RunTables(
        scenario=settings, layers=layers(hostile), eligibility=eligibility(settings), sites=found,
        described=described, scores=scores, options=costed,
        routes=SmallRoutes(found, costed), plan=plan(costed), ranking=ranking(found),
        impact=impact(found),
    )  # fmt: skip


@pytest.fixture(scope="session")
def make_run() -> Callable[..., RunTables]:
    return small_run


@pytest.fixture(scope="session")
def run_tables() -> RunTables:
    return small_run()


def small_years(hostile: str = "") -> RunTables:
    """Return the small run as a plan over 2033 to 2035: S0000 grows, S0003 opens last."""
    tables = small_run(hostile)
    settings = tables.scenario.model_dump() | {
        "target": {"it_mw": 300, "year": 2035, "it_mw_by_year": {2033: 100, 2034: 160}}
    }
    opened = {"S0000": ((2033, 100.0), (2034, 60.0)), "S0003": ((2035, 140.0),)}
    plan, rows = tables.plan, []
    for site in plan.chosen.to_dict("records"):
        for place, (year, it_mw) in enumerate(opened[str(site["site_id"])]):
            factor = 1.05 ** (2033 - year)
            fixed = site["fixed_bn_krw"] if place == 0 else 0.0
            rows.append(
                {
                    "site_id": site["site_id"], "option_id": site["option_id"], "year": year,
                    "opens": place == 0, "blocks": round(it_mw / 20), "it_mw": it_mw,
                    "facility_mw": it_mw * 1.25, "water_m3_day": 0.0,
                    "cost_bn_krw": factor * (fixed + 13.5 * it_mw), "capital_bn_krw": 13.0 * it_mw,
                }
            )  # fmt: skip
    steps = pd.DataFrame(rows)
    chosen = plan.chosen.assign(
        open_year=plan.chosen["site_id"].map(steps.groupby("site_id")["year"].min()),
        cost_bn_krw=plan.chosen["site_id"].map(steps.groupby("site_id")["cost_bn_krw"].sum()),
    )
    total = float(steps["cost_bn_krw"].sum())
    limits = pd.concat(
        [
            plan.limits.assign(year=year, used=used)
            for year, used in ((2033, 100.0), (2034, 160.0), (2035, 300.0))
        ]
    )
    site = plan.limits.iloc[[0]].assign(
        family="rules", scope="site", subject="S0000 in 2034", unit="sites"
    )
    changed = replace(
        plan, chosen=chosen, steps=steps, objective=total, bound=total,
        limits=pd.concat([limits, site], ignore_index=True),
    )  # fmt: skip
    return replace(
        tables, scenario=Scenario.model_validate(settings), plan=changed, discount_pct=5.0
    )


@pytest.fixture(scope="session")
def years_tables() -> RunTables:
    return small_years()


@pytest.fixture(scope="module")
def path(run_tables: RunTables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file: Path = tmp_path_factory.mktemp("map") / "map.html"
    write_map(run_tables, file)
    return file


@pytest.fixture
def page(browser: Any, path: Path) -> Any:
    opened = browser.page()
    opened.open(path.as_uri())
    return opened
