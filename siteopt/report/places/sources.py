"""Tables of places, from the stages of a run in memory or from the files of a finished one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from siteopt.errors import SiteoptError
from siteopt.layers.cells import ArrayCells
from siteopt.layers.gazetteer import embedded_gazetteer, gazetteer_of
from siteopt.layers.light_readers import embedded_properties
from siteopt.layers.station_kinds import NO_STATIONS
from siteopt.report._names import station_name
from siteopt.report._rules import SHAPE_KINDS, judging_step, layer_titles, rule_fact
from siteopt.report.places.tables import Complex, Named, PlaceTables, Rule
from siteopt.report.verdict import Verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pandas as pd

    from siteopt.layers.catalogue import Catalogue
    from siteopt.layers.cells import CodedCells
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
    from siteopt.report._json_values import records  # noqa: PLC0415 - files need no tables
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
    from siteopt.report._json_values import records  # noqa: PLC0415 - likewise

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
        lambda: ArrayCells(cell_codes(tables.eligibility), tables.eligibility.lattice),
        rules, candidates.tile_m if tiles else None,
        gazetteer_of(layers),
        **{name: _units_of(layers, name) for name in _UNITS},
        stations=_stations_of(layers),
        complexes=_complexes(
            () if tables.complexes is None else records(tables.complexes[list(_COMPLEX)])
        ),
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
    return _named(_texts(layers.vector(layer)), _UNITS[layer])


def _texts(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows whose texts are empty where they are not known."""
    rows = table.astype(object).where(table.notna(), "").to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _named(rows: Iterable[Mapping[str, Any]], key: str) -> list[Named]:
    found = [tuple(str(row[name] or "") for name in (key, "name_ko", "name_en")) for row in rows]
    return [Named(code, (ko, en)) for code, ko, en in sorted(found)]


def _stations_of(layers: LayersLike) -> list[Named]:
    import pandas as pd  # noqa: PLC0415 - files need no tables

    if "stations" not in layers.ids:
        return []
    frame = layers.vector("stations").to_crs(4326)
    table = pd.DataFrame(frame).assign(lon=frame.geometry.x, lat=frame.geometry.y)
    return _stations(_texts(table.drop(columns=frame.geometry.name)))


def _stations(rows: Iterable[Mapping[str, Any]]) -> list[Named]:
    """Return the stations that are places, from rows of their layer."""
    found = [
        (
            str(row["station_id"]), float(row["lon"]), float(row["lat"]),
            str(row.get("district_code", "")),
            station_name(
                row["name_ko"], row["name_en"], is_near=row.get("name_confidence") == "place"
            ),
        )
        for row in rows
        if row.get("kind") not in NO_STATIONS
    ]  # fmt: skip
    return [Named(station, name, lon, lat, code) for station, lon, lat, code, name in sorted(found)]


def places_of_files(
    verdicts: Verdicts,
    read_cells: Callable[[], CodedCells],
    complexes: Iterable[Mapping[str, Any]],
) -> PlaceTables:
    """Return the tables of places of a finished run, names from the embedded layers that it used.

    Parameters
    ----------
    verdicts : Verdicts
        Those of the run, with ``run.json`` in ``record``.
    read_cells : callable
        Returns the cells of ``eligibility.tif``.
    complexes : iterable of mapping
        Rows of ``complexes.csv``; none where the run has no such file.
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
                known[name] = _named(embedded_properties(catalogue, name), key)
        if "stations" in there:
            known["stations"] = _stations(embedded_properties(catalogue, "stations"))
    return PlaceTables(
        verdicts, read_cells, rules, candidates.get("tile_m") if tiles else None, gazetteer,
        complexes=_complexes(complexes),
        **known,
    )  # fmt: skip


def _catalogue() -> Catalogue | None:
    from siteopt._data import data_folder  # noqa: PLC0415
    from siteopt.layers.catalogue import read_catalogue  # noqa: PLC0415

    try:
        return read_catalogue(data_folder())
    except SiteoptError:
        return None
