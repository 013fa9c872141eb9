"""Tables of places, from the stages of a run in memory or from the files of a finished one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from siteopt.errors import LayerFileError, SiteoptError
from siteopt.layers.gazetteer import embedded_gazetteer, gazetteer_of
from siteopt.layers.station_kinds import NO_STATIONS
from siteopt.report._json_values import records
from siteopt.report._names import station_names
from siteopt.report._rules import SHAPE_KINDS, judging_step, layer_titles, rule_fact
from siteopt.report.places.tables import Complex, Named, PlaceTables, Rule
from siteopt.report.verdict import Verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from siteopt.lattice import Lattice
    from siteopt.layers.catalogue import Catalogue
    from siteopt.layers.protocols import LayersLike
    from siteopt.report.run_tables import RunTables

__all__ = ["places_of_files", "places_of_tables", "verdicts_of_tables"]

_UNITS: Final = {"provinces": "province_code", "districts": "district_code"}


def verdicts_of_tables(tables: RunTables, ranking: pd.DataFrame) -> Verdicts:
    """Return the verdicts of a run in memory.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    ranking : DataFrame
        Its `ranking_table`.
    """
    from siteopt.report._portfolio import portfolio  # noqa: PLC0415 - files need no grid

    scenario = tables.scenario.model_dump(mode="json")
    record = {"scenario": scenario, "screening": records(tables.eligibility.report())}
    return Verdicts(ranking, portfolio(tables, ranking), record)


def places_of_tables(
    tables: RunTables, ranking: pd.DataFrame, verdicts: Verdicts | None = None
) -> PlaceTables:
    """Return the tables of places of a run in memory.

    Parameters
    ----------
    tables : RunTables
        The finished run.
    ranking : DataFrame
        Its `ranking_table`.
    verdicts : Verdicts, optional
        Those of the run, where they are known.
    """
    from siteopt.report._cells import cell_codes  # noqa: PLC0415 - likewise

    layers, candidates = tables.layers, tables.scenario.candidates
    titles = {one.id: (one.title_ko, one.title_en) for one in layers.used}
    rules = [
        Rule(
            item.id,
            (item.title.ko, item.title.en),
            rule_fact(item.model_dump(mode="json"), titles),
            judging_step(item.kind),
        )
        for item in tables.eligibility.exclusions
    ]
    tiles = candidates.parcels is None and candidates.campus is None
    return PlaceTables(
        verdicts or verdicts_of_tables(tables, ranking),
        lambda: (cell_codes(tables.eligibility), tables.eligibility.lattice), rules, candidates.tile_m if tiles else None,
        gazetteer_of(layers),
        **{name: _units_of(layers, name) for name in _UNITS},
        stations=_stations_of(layers),
        complexes=_complexes(() if tables.complexes is None else records(pd.DataFrame(tables.complexes[list(_COMPLEX)]))),
    )  # fmt: skip


_COMPLEX: Final = (
    "complex_id", "name_ko", "name_en", "district_code", "lon", "lat", "excluded_by",
)  # fmt: skip


def _complexes(rows: Iterable[Mapping[str, Any]]) -> list[Complex]:
    found = [
        Complex(
            str(row["complex_id"]), (str(row["name_ko"]), str(row["name_en"])),
            str(row["district_code"]), float(row["lon"]), float(row["lat"]),
            tuple(part for part in str(row["excluded_by"] or "").split(";") if part),
        )
        for row in rows
        if row["lon"] is not None and row["lat"] is not None
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.id)


def _units_of(layers: LayersLike, layer: str) -> list[Named]:
    if layer not in layers.ids:
        return []
    return _named(layers.vector(layer), _UNITS[layer])


def _named(table: pd.DataFrame, key: str) -> list[Named]:
    columns = [table[name].fillna("").astype(str) for name in (key, "name_ko", "name_en")]
    return [Named(code, (ko, en)) for code, ko, en in sorted(zip(*columns, strict=True))]


def _stations_of(layers: LayersLike) -> list[Named]:
    if "stations" not in layers.ids:
        return []
    frame = layers.vector("stations").to_crs(4326)
    return _stations(pd.DataFrame(frame).assign(lon=frame.geometry.x, lat=frame.geometry.y))


def _stations(table: pd.DataFrame) -> list[Named]:
    if "kind" in table:
        table = table[~table["kind"].isin(NO_STATIONS)]
    names = station_names(table)
    districts = table["district_code"] if "district_code" in table else [""] * len(table)
    rows = zip(table["station_id"].astype(str), table["lon"], table["lat"], districts, strict=True)
    return [
        Named(station, names[station], float(lon), float(lat), str(district))
        for station, lon, lat, district in sorted(rows)
    ]


def places_of_files(
    verdicts: Verdicts,
    read_cells: Callable[[], tuple[NDArray[Any], Lattice]],
    complexes: pd.DataFrame,
) -> PlaceTables:
    """Return the tables of places of a finished run, names from the embedded layers that it used.

    Parameters
    ----------
    verdicts : Verdicts
        Those of the run, with ``run.json`` in ``record``.
    read_cells : callable
        Returns the cells of ``eligibility.tif`` and their frame.
    complexes : DataFrame
        ``complexes.csv``; without rows where the run has none.
    """
    record = verdicts.record
    inputs = record.get("inputs", [])
    titles = layer_titles(inputs)
    scenario = record.get("scenario", {})
    exclusions = {
        one["id"]: rule_fact(one, titles)
        for one in scenario.get("screening", {}).get("exclusions", [])
        if "kind" in one and ("layer" in one or one["kind"] in SHAPE_KINDS)
    }
    steps = {
        one["id"]: judging_step(str(one.get("kind")))
        for one in scenario.get("screening", {}).get("exclusions", [])
    }
    rules = [
        Rule(
            one["reason"],
            (one["title_ko"], one["title_en"]),
            exclusions.get(one["reason"]),
            steps.get(one["reason"], 0),
        )
        for one in record.get("screening", [])
    ]
    candidates = scenario.get("candidates") or {}
    tiles = candidates.get("parcels") is None and candidates.get("campus") is None
    catalogue = _catalogue()
    used = {str(one["id"]): one["sha256"] for one in inputs}
    there = set() if catalogue is None else {
        one for one in used if one in catalogue and catalogue[one].sha256 == used[one]
    }  # fmt: skip
    known: dict[str, list[Named]] = {name: [] for name in ("provinces", "districts", "stations")}
    gazetteer = None
    if catalogue is not None:
        gazetteer = embedded_gazetteer(catalogue, inputs)
        for name, key in _UNITS.items():
            if name in there:
                known[name] = _properties(catalogue, name, key)
        if "stations" in there:
            text = {"station_id": str, "district_code": str, "name_ko": str, "name_en": str}
            known["stations"] = _stations(pd.read_csv(catalogue.path("stations"), dtype=text))
    return PlaceTables(
        verdicts, read_cells, rules, candidates.get("tile_m") if tiles else None, gazetteer,
        complexes=_complexes(records(complexes[list(_COMPLEX)]) if len(complexes) else ()),
        **known,
    )  # fmt: skip


def _catalogue() -> Catalogue | None:
    from siteopt._data import data_folder  # noqa: PLC0415
    from siteopt.layers.catalogue import read_catalogue  # noqa: PLC0415

    try:
        return read_catalogue(data_folder())
    except SiteoptError:
        return None


def _properties(catalogue: Catalogue, layer: str, key: str) -> list[Named]:
    """Return the names of an embedded layer without reading its borders as shapes."""
    path = catalogue.path(layer)
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
    except (OSError, ValueError) as error:
        raise LayerFileError(f"{path}: cannot be read; install siteopt again") from error
    return _named(pd.DataFrame([one["properties"] for one in features]), key)
