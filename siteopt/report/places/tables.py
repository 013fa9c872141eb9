"""Verdicts, cells and names for answers on places, of a run in memory or of its files."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from siteopt.report.places.coordinates import all_in_metres
from siteopt.report.places.index import Place, PlaceIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from siteopt.lattice import Lattice
    from siteopt.layers.cells import CodedCells
    from siteopt.layers.gazetteer import Gazetteer
    from siteopt.report._names import Names
    from siteopt.report.facts import Fact
    from siteopt.report.verdict import Verdicts

__all__ = ["Complex", "Named", "PlaceTables", "Rule"]

_DECIMALS: Final = 5
"""Degrees of a candidate, as the page has them: 1 m."""
_PROVINCE_DIGITS: Final = 2

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """An exclusion of the screening: id, titles, what it takes, and when it judges.

    ``step`` is that of :func:`siteopt.report._rules.judging_step`.
    """

    id: str
    title: Pair
    fact: Fact | None
    step: int = 0


@dataclass(frozen=True, slots=True)
class Complex:
    """An industrial complex: names, place, and the reasons for which it is no candidate."""

    id: str
    name: Pair
    district_code: str
    lon: float
    lat: float
    excluded_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A province, district or station: id, names, place in degrees where it is known."""

    id: str
    name: Pair
    lon: float | None = None
    lat: float | None = None
    district_code: str = ""


@dataclass(frozen=True, eq=False)
class PlaceTables:
    """All that answers on places are made from.

    Attributes
    ----------
    verdicts : Verdicts
        Those of the run.
    read_cells : callable
        Returns the reasons of the cells as bit masks, as in ``eligibility.tif``; called where an
        answer needs them.
    rules : sequence of Rule
        Exclusions in the order of the bits.
    tile_m : float or None
        Side of the tiles; None where the candidates are no tiles.
    gazetteer : Gazetteer or None
        Names of eup, myeon, dong and ri; None where the run has none.
    provinces, districts, stations : sequence of Named
        As the layers have them.
    complexes : sequence of Complex
        All of the run; none where they are not enabled.
    """

    verdicts: Verdicts
    read_cells: Callable[[], CodedCells]
    rules: Sequence[Rule]
    tile_m: float | None
    gazetteer: Gazetteer | None
    provinces: Sequence[Named] = ()
    districts: Sequence[Named] = ()
    stations: Sequence[Named] = ()
    complexes: Sequence[Complex] = ()

    @cached_property
    def _cells(self) -> CodedCells:
        return self.read_cells()

    @property
    def codes(self) -> NDArray[Any]:
        """Reasons of every cell as a bit mask."""
        return self._cells.values

    @property
    def lattice(self) -> Lattice:
        """Frame of the cells, EPSG:5179."""
        return self._cells.lattice

    @cached_property
    def names(self) -> Names:
        """What ids are called, those of all districts and provinces too."""
        known = self.verdicts.names
        more = {"province": self.provinces, "district": self.districts}
        kinds = {
            kind: {one.id: one.name for one in named} | known.known.get(kind, {})
            for kind, named in more.items()
        }
        stations = {one.id: one.name for one in self.stations}
        kinds["station"] = stations | known.known.get("station", {})
        return replace(known, known=known.known | kinds)

    @cached_property
    def sites(self) -> dict[str, tuple[float, float]]:
        """EPSG:5179 metres of each candidate, from its degrees as the page has them."""
        rows = [
            (site, round(lon, _DECIMALS), round(lat, _DECIMALS))
            for site, lon, lat in self.verdicts.rows.values_of("site_id", "lon", "lat")
            if lon is not None and lat is not None
        ]
        metres = all_in_metres([lon for _, lon, _ in rows], [lat for _, _, lat in rows])
        return {site: place for (site, _, _), place in zip(rows, metres, strict=True)}

    @cached_property
    def complex_metres(self) -> list[tuple[float, float]]:
        """EPSG:5179 metres of the complexes, in their order."""
        return all_in_metres(
            [round(one.lon, _DECIMALS) for one in self.complexes],
            [round(one.lat, _DECIMALS) for one in self.complexes],
        )

    def code_at(self, x_m: float, y_m: float) -> int | None:
        """Return the reasons of the cell of a point; None outside the screened country."""
        frame = self.lattice
        if not (math.isfinite(x_m) and math.isfinite(y_m)):
            return None
        col = int((x_m - frame.x_min_m) // frame.cell_m)
        row = int((frame.y_max_m - y_m) // frame.cell_m)
        if not (0 <= row < frame.n_rows and 0 <= col < frame.n_cols):
            return None
        return self._cells.at(row, col)

    @cached_property
    def cell_areas(self) -> NDArray[np.uint16] | None:
        """The area of each cell's centre, as `Gazetteer.cells` has it; None without a gazetteer."""
        import numpy as np  # noqa: PLC0415 - a point needs no arrays

        if self.gazetteer is None:
            return None
        frame, own = self.lattice, self.gazetteer.lattice
        x_m, _ = frame.centres_m(np.zeros(frame.n_cols, dtype=np.int64), np.arange(frame.n_cols))
        _, y_m = frame.centres_m(np.arange(frame.n_rows), np.zeros(frame.n_rows, dtype=np.int64))
        cols = np.floor((x_m - own.x_min_m) / own.cell_m).astype(np.int64)
        rows = np.floor((own.y_max_m - y_m) / own.cell_m).astype(np.int64)
        inside = np.ix_((rows >= 0) & (rows < own.n_rows), (cols >= 0) & (cols < own.n_cols))
        found = np.zeros(frame.shape, dtype=np.uint16)
        found[inside] = self.gazetteer.cells[
            np.ix_(rows[inside[0].ravel()], cols[inside[1].ravel()])
        ]
        return found

    def areas_of(self, kind: str, key: str) -> list[int]:
        """Return the places of the areas that make up a province, a district, or an area."""
        if self.gazetteer is None:
            return []
        if kind == "area":
            return [n for n, one in enumerate(self.gazetteer.areas) if one.code == key]
        return self._areas_of_units.get(key, [])

    @cached_property
    def _areas_of_units(self) -> dict[str, list[int]]:
        """Places of the areas by the code of their district, and by that of their province."""
        found = defaultdict[str, list[int]](list)
        for number, one in enumerate(() if self.gazetteer is None else self.gazetteer.areas):
            found[one.district_code].append(number)
            found[one.district_code[:_PROVINCE_DIGITS]].append(number)
        return dict(found)

    def sites_in(self, kind: str, key: str) -> list[str]:
        """Return the candidates of a province, a district, or an area, best first."""
        if kind != "area":
            codes = self.verdicts.rows.values_of("site_id", f"{kind}_code")
            return [site for site, code in codes if code == key]
        wanted, gazetteer = set(self.areas_of(kind, key)), self.gazetteer
        if gazetteer is None:
            return []
        return [
            site for site in self.verdicts.rows
            if site in self.sites and gazetteer.area_at(*self.sites[site]) in wanted
        ]  # fmt: skip

    @cached_property
    def index(self) -> PlaceIndex:
        """All places that have a name."""
        return PlaceIndex([*self._units(), *self._others()])

    @cached_property
    def _unit_names(self) -> dict[str, str]:
        """Korean names of provinces and districts by code."""
        return {one.id: one.name[0] for one in (*self.provinces, *self.districts)}

    @cached_property
    def _paths(self) -> dict[str, tuple[str, ...]]:
        """Paths that were asked for, by code of the district."""
        return {}

    def path(self, district_code: str) -> tuple[str, ...]:
        """Return the Korean names of a district and its province, the province first."""
        if district_code not in self._paths:
            units = self._unit_names
            above = (units.get(district_code[:_PROVINCE_DIGITS]), units.get(district_code))
            known = dict.fromkeys(name for name in above if name)  # Sejong is both
            self._paths[district_code] = tuple(known)
        return self._paths[district_code]

    def _units(self) -> list[Place]:
        if self.gazetteer is None:  # units have no point without it
            return []
        found = [
            Place("province", one.id, one.name, (), *self._middle("province", one))
            for one in self.provinces
        ]
        found += [
            Place(
                "district", one.id, one.name, self.path(one.id)[:-1], *self._middle("district", one)
            )
            for one in self.districts
        ]
        paths = {one.id: self.path(one.id) for one in self.districts}
        areas = self.gazetteer.areas
        for area in areas:
            above = paths.get(area.district_code, ())
            found.append(
                Place("area", area.code, (area.name, area.name), above, area.lon, area.lat)
            )
        for one in self.gazetteer.villages:
            area = areas[one.area]
            above = (*paths.get(area.district_code, ()), area.name)
            found.append(Place("village", one.code, (one.name, one.name), above, one.lon, one.lat))
        return found

    def _middle(self, kind: str, unit: Named) -> tuple[float, float]:
        """Return a point inside a unit: that of its area nearest to the middle of all of them."""
        if self.gazetteer is None:
            return (unit.lon or 0.0, unit.lat or 0.0)
        areas = [self.gazetteer.areas[number] for number in self.areas_of(kind, unit.id)]
        if not areas:
            return (unit.lon or 0.0, unit.lat or 0.0)
        lon, lat = (
            sum(getattr(one, name) for one in areas) / len(areas) for name in ("lon", "lat")
        )
        best = min(areas, key=lambda one: (one.lon - lon) ** 2 + (one.lat - lat) ** 2)
        return best.lon, best.lat

    def _others(self) -> list[Place]:
        found = [
            Place("complex", one.id, one.name, self.path(one.district_code), one.lon, one.lat)
            for one in self.complexes
        ]
        found += [
            Place("station", one.id, one.name, self.path(one.district_code), one.lon, one.lat)
            for one in self.stations
            if one.lon is not None and one.lat is not None and any(one.name)
        ]
        known = {one.id for one in self.complexes}
        columns = ("site_id", "name_ko", "name_en", "district_code", "lon", "lat")
        for site, ko, en, district, lon, lat in self.verdicts.rows.values_of(*columns):
            if lon is None or lat is None or site in known:
                continue
            name = (str(ko or site), str(en or site))
            found.append(Place("site", site, name, self.path(str(district or "")), lon, lat))
        return found
