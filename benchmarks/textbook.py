"""The program of a run as a textbook has it, from its published files alone.

Reads ``options.csv``, ``limits.csv``, ``flow_limits.csv`` and ``program.json`` with pandas and states
the program with numpy and scipy: binaries for opening, whole blocks, one connection a site, and
a row for every limit. Nothing of siteopt is imported, so nothing of it can be wrong in both.

Variables, for a connection c and a year t: y_ct, opens its site in t (0 or 1); n_ct, blocks that
begin to run in t (whole); for a site w (0 or 1), for a province z (0 or 1).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Files", "Program", "read_files", "state"]

_COUNT_SLACK = 1e-9  # 2.0 blocks computed as 1.9999999996 are two blocks
_TOUCH_M = 1e-3  # sites exactly the spacing apart may both be chosen
_MANY = 1e6
_TEXTS = ("option_id", "site_id", "station_id", "province_code", "basin_id", "bus_id", "area_id", "gate",
          "closed_by", "site_rule")  # fmt: skip


@dataclass(frozen=True)
class Files:
    """The published program as it was read."""

    options: pd.DataFrame
    limits: pd.DataFrame
    prices: pd.DataFrame
    record: dict[str, Any]


def read_files(folder: Path) -> Files:
    """Read the four files of the program of a run."""
    texts = dict.fromkeys(_TEXTS, "str")
    return Files(
        pd.read_csv(folder / "options.csv", dtype=texts, encoding="utf-8-sig", low_memory=False),
        pd.read_csv(folder / "limits.csv", dtype={"of": "str"}, encoding="utf-8-sig"),
        pd.read_csv(
            folder / "flow_limits.csv", dtype={"limit": "str", "bus_id": "str"},
            encoding="utf-8-sig",
        ),
        json.loads((folder / "program.json").read_text(encoding="utf-8")),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Program:
    """The program: connections, bounds, costs, and rows over (y, n, w, z)."""

    options: pd.DataFrame
    """Connections that can be built, in order of site and id."""
    years: Ints
    site: Ints
    """(C,) index into ``site_id``."""
    site_id: list[str]
    least: Ints
    """(C,) fewest blocks at opening."""
    most: Ints
    """(C, T) most blocks that run, by every limit alone."""
    opening: Floats
    """(C, T) what the objective counts for opening."""
    each: Floats
    """(C, T) what it counts for a block."""
    may_open: NDArray[np.bool_]
    """(C, T)"""
    may_add: NDArray[np.bool_]
    """(C, T)"""
    must: NDArray[np.bool_]
    """(S,)"""
    province_code: list[str]
    links: sparse.csr_array
    """Rows that tie the blocks of a connection to its opening: <= 0."""
    rows: sparse.csr_array
    """All other rows."""
    lower: Floats
    upper: Floats
    row_names: list[str]
    faults: list[str] = field(default_factory=list)
    """What the files say of an option that their limits do not."""

    @property
    def pairs(self) -> int:
        """Number of (connection, year) pairs."""
        return self.least.size * self.years.size

    @property
    def columns(self) -> int:
        """Number of variables."""
        return 2 * self.pairs + len(self.site_id) + len(self.province_code)

    @cached_property
    def cost(self) -> Floats:
        """(columns,) the objective."""
        others = np.zeros(len(self.site_id) + len(self.province_code))
        return np.concatenate([self.opening.ravel(), self.each.ravel(), others])

    @cached_property
    def bounds(self) -> tuple[Floats, Floats]:
        """(columns,) twice: least and most of each variable."""
        free = np.ones(len(self.site_id) + len(self.province_code))
        most = np.where(self.may_add, self.most, 0).ravel()
        upper = np.concatenate([self.may_open.ravel().astype(np.float64), most, free])
        lower = np.zeros(self.columns)
        lower[2 * self.pairs :][: len(self.site_id)] = self.must
        return lower, upper


def state(files: Files) -> Program:
    """State the program of some files."""
    return _Statement(files).program()


class _Statement:
    """The program while it is written down."""

    def __init__(self, files: Files) -> None:
        self.files, record = files, files.record
        self.years = np.array([item["year"] for item in record["years"]], dtype=np.int64)
        self.discount = np.array([item["discount"] for item in record["years"]])
        self.limits = files.limits
        self.budgets = self._of("budget")
        options = files.options.sort_values(["site_id", "option_id"], ignore_index=True)
        self.options = options.fillna({"site_rule": "", "gate": "", "bus_id": "", "area_id": ""})
        self.faults: list[str] = []
        most = self._most()
        fits = most[:, -1] >= self.options["blocks_min"].to_numpy()
        fits &= self.options["open_first"].notna().to_numpy()
        fits &= (self.options["site_rule"] != "must not").to_numpy()
        wrong = (self.options["gate"] == "").to_numpy() & ~fits
        self.faults += [
            f"option {name} is published as open, but its limits close it"
            for name in self.options["option_id"][wrong]
        ]
        self.options, self.most = self.options[fits].reset_index(drop=True), most[fits]
        self.site_id = sorted(set(files.options["site_id"]))
        self.site = np.searchsorted(self.site_id, self.options["site_id"]).astype(np.int64)
        self.provinces = sorted(set(self._of("province")["of"]) | set(options["province_code"]))
        self.parts: list[tuple[list[sparse.csr_array | None], Floats, Floats]] = []
        self.names: list[list[str]] = []

    def _of(self, limit: str) -> pd.DataFrame:
        return self.limits[self.limits["limit"] == limit]

    def _by_year(self, limit: str, keys: list[Any], of: list[str], side: str) -> Floats:
        """Return (keys, T) a side of a kind of limit, by what it is of; nan for none."""
        table = self._of(limit).set_index([*of, "year"])[side]
        found = np.full((len(keys), len(self.years)), np.nan)
        for t, year in enumerate(self.years):
            asked = [(*(key if isinstance(key, tuple) else (key,)), year) for key in keys]
            index = pd.MultiIndex.from_tuples(asked) if asked else table.index[:0]
            found[:, t] = table.reindex(index).to_numpy(dtype=np.float64)
        return found

    def _most(self) -> Ints:
        """Return (C, T) the most blocks that run through each connection, by every limit alone."""
        options = self.options
        facility = options["facility_mw_per_block"].to_numpy()[:, None]
        levels = list(zip(options["station_id"], options["station_kv"], strict=True))
        room = self._by_year("station level", levels, ["of", "voltage_kv"], "at_most")
        relief = options.groupby(["station_id", "station_kv"])["relief_mw"].transform("max")
        own = options["relief_mw"].to_numpy()
        added = np.where(own > 0, own, relief.to_numpy())
        water = options["water_m3_day_per_block"].to_numpy()[:, None]
        supply = self._by_year("basin", list(options["basin_id"]), ["of"], "at_most")
        province = self._by_year("province", list(options["province_code"]), ["of"], "at_most")
        with np.errstate(divide="ignore", invalid="ignore"):
            by = [
                np.nan_to_num(room + added[:, None], nan=0.0) / facility,
                np.where(water > 0, np.nan_to_num(supply, nan=0.0) / water, np.inf),
                np.nan_to_num(province, nan=np.inf),
                *(self._shares(kind)[None, :] for kind in ("station", "basin")),
                self._by_budget()[:, None],
            ]
        most = np.repeat(
            options["blocks_max"].to_numpy(dtype=np.float64)[:, None], len(self.years), 1
        )
        for bound in by:
            most = np.minimum(most, bound)
        return np.floor(np.clip(most, -1, _MANY) + _COUNT_SLACK).astype(np.int64)

    def _shares(self, kind: str) -> Floats:
        table = self._of(f"share of each {kind}").set_index("year")["at_most"]
        return table.reindex(self.years).fillna(np.inf).to_numpy(dtype=np.float64)

    def _by_budget(self) -> Floats:
        whole = self.budgets[self.budgets["year"].isna()]["at_most"].min()
        each = self.options["budget_per_block_bn_krw"].to_numpy()
        left = (np.inf if pd.isna(whole) else whole) - self.options["budget_fixed_bn_krw"]
        return np.where(each > 0, left.to_numpy() / np.where(each > 0, each, 1.0), np.inf)

    def program(self) -> Program:
        """Return the program."""
        open_first = self.options["open_first"].to_numpy(dtype=np.int64)[:, None]
        open_last = self.options["open_last"].to_numpy(dtype=np.int64)[:, None]
        objective = self.options[["objective_fixed", "objective_per_block"]].to_numpy()
        self._sites_and_places()
        self._stations()
        self._money_and_flows()
        self._spacing()
        rows, lower, upper = self._joined()
        return Program(
            options=self.options,
            years=self.years,
            site=self.site,
            site_id=self.site_id,
            least=self.options["blocks_min"].to_numpy(dtype=np.int64),
            most=self.most,
            opening=objective[:, :1] * self.discount,
            each=objective[:, 1:] * self.discount,
            may_open=(self.years >= open_first) & (self.years <= open_last),
            may_add=self.years >= open_first,
            must=np.isin(self.site_id, self._must()),
            province_code=self.provinces,
            links=self._links(),
            rows=rows,
            lower=lower,
            upper=upper,
            row_names=[name for some in self.names for name in some],
            faults=self.faults,
        )

    def _must(self) -> list[str]:
        return list(self.files.options.query("site_rule == 'must'")["site_id"].unique())

    def _until(self, index: Ints, count: int, values: Floats | None = None) -> sparse.csr_array:
        """Return (count x T, C x T): what runs until each year of the connections of each limit."""
        return sparse.csr_array(
            sparse.kron(_incidence(index, count, values), np.tril(np.ones([len(self.years)] * 2)))
        )

    def _ever(self, index: Ints, count: int, values: Floats | None = None) -> sparse.csr_array:
        """Return (count, C x T): the sum over all years."""
        every = np.ones((1, len(self.years)))
        return sparse.csr_array(sparse.kron(_incidence(index, count, values), every))

    def _add(
        self,
        name: str,
        of: Sequence[Any],
        lower: Any,  # noqa: ANN401 - a side or one a row
        upper: Any,  # noqa: ANN401
        **parts: sparse.csr_array,
    ) -> None:
        """Add rows with parts y, n, w, z; rows that have no finite side are left out."""
        count = next(iter(parts.values())).shape[0]
        low, high = (
            np.broadcast_to(np.asarray(side, dtype=np.float64), (count,)) for side in (lower, upper)
        )
        kept = np.flatnonzero(np.isfinite(low) | np.isfinite(high))
        some = [parts[name][kept] if name in parts else None for name in "ynwz"]
        self.parts.append((some, low[kept], high[kept]))
        every = count // max(len(of), 1)  # rows a limit: one, or one a year
        self.names.append(
            [
                f"{name} {of[row // every]}"
                + (f" in {self.years[row % every]}" if every > 1 else "")
                for row in kept.tolist()
            ]
        )

    def _links(self) -> sparse.csr_array:
        """Tie blocks to opening: from the least to the most of an open connection."""
        pairs = self.most.size
        one = sparse.eye_array(pairs, format="csr")
        least = np.repeat(self.options["blocks_min"].to_numpy(), len(self.years))
        runs = one
        if self.files.record["grows"]:
            runs = self._until(np.arange(len(self.options)), len(self.options))
        most = sparse.csr_array(sparse.diags_array(self.most.ravel().astype(np.float64)) @ runs)
        below = sparse.csr_array(sparse.diags_array(least.astype(np.float64)))
        rest = sparse.csr_array((2 * pairs, len(self.site_id) + len(self.provinces)))
        tied = sparse.block_array([[-most, runs], [below, -one]])
        return sparse.csr_array(sparse.hstack([tied, rest]))

    def _sites_and_places(self) -> None:
        """One connection a site; target; provinces; basins; shares."""
        one = sparse.eye_array(len(self.site_id), format="csr")
        self._add(
            "site", self.site_id, 0.0, 0.0, y=self._ever(self.site, len(self.site_id)), w=-one
        )
        target = self._of("target").set_index("year").reindex(self.years)
        everything = np.zeros(len(self.options), dtype=np.int64)
        self._add(
            "target", [""], target["at_least"], target["at_most"].fillna(np.inf),
            n=self._until(everything, 1),
        )  # fmt: skip
        codes = self.options["province_code"]
        place = np.searchsorted(self.provinces, codes).astype(np.int64)
        low, high = (
            self._by_year("province", self.provinces, ["of"], side).ravel()
            for side in ("at_least", "at_most")
        )
        low = np.where(low > 0, low, -np.inf)
        self._add(
            "province", self.provinces, low, np.nan_to_num(high, nan=np.inf),
            n=self._until(place, len(self.provinces)),
        )  # fmt: skip
        of_site = self.files.options.drop_duplicates("site_id").set_index("site_id")
        home = np.searchsorted(self.provinces, of_site.loc[self.site_id, "province_code"])
        presence = sparse.eye_array(len(self.provinces), format="csr")
        self._add(
            "presence in province", self.provinces, -np.inf, 0.0,
            w=-_incidence(home.astype(np.int64), len(self.provinces)), z=presence,
        )  # fmt: skip
        need = float(self._of("provinces with a site")["at_least"].iloc[0])
        self._add(
            "provinces with a site",
            [""],
            need,
            np.inf,
            z=sparse.csr_array(np.ones((1, len(self.provinces)))),
        )
        water = self.options["water_m3_day_per_block"].to_numpy(dtype=np.float64)
        basins = sorted(set(self._of("basin")["of"]))
        at = pd.Index(basins).get_indexer(pd.Index(self.options["basin_id"])).astype(np.int64)
        supply = self._by_year("basin", basins, ["of"], "at_most").ravel()
        self._add("basin", basins, -np.inf, supply, n=self._until(at, len(basins), water))
        stations, of = np.unique(self.options["station_id"].astype(str), return_inverse=True)
        for kind, index, names in (("station", of, stations), ("basin", at, basins)):
            share = np.tile(self._shares(kind), len(names))
            rows = self._until(index, len(names))
            self._add(f"share of {kind}", list(names), -np.inf, share, n=rows)
        self.stations, self.station = list(stations), of

    def _stations(self) -> None:
        """Headroom of levels with the works that one of its sites pays for, and of stations."""
        facility = self.options["facility_mw_per_block"].to_numpy(dtype=np.float64)
        relief = self.options["relief_mw"].to_numpy(dtype=np.float64)
        keys = pd.MultiIndex.from_frame(self.options[["station_id", "station_kv"]])
        at, levels = pd.factorize(keys)
        at = np.asarray(at, dtype=np.int64)
        room = self._by_year("station level", list(levels), ["of", "voltage_kv"], "at_most")
        named = [f"{station} {kv:g} kV" for station, kv in levels]
        self._add(
            "station level",
            named,
            -np.inf,
            room.ravel(),
            n=self._until(at, len(levels), facility),
            y=self._until(at, len(levels), -relief),
        )
        pays = np.where(relief > 0, at, -1)
        self._add("works of", named, -np.inf, 1.0, y=self._ever(pays, len(levels)))
        whole = self._by_year("station", self.stations, ["of"], "at_most").ravel()
        whole = np.nan_to_num(whole, nan=np.inf)
        rows = self._until(self.station, len(self.stations), facility)
        self._add("station", self.stations, -np.inf, whole, n=rows)
        areas = sorted(set(self._of("area")["of"]))
        inside = pd.Index(areas).get_indexer(pd.Index(self.options["area_id"])).astype(np.int64)
        shared = self._by_year("area", areas, ["of"], "at_most").ravel()
        self._add(
            "area",
            areas,
            -np.inf,
            shared,
            n=self._until(inside, len(areas), facility),
            y=self._until(inside, len(areas), -relief),
        )

    def _money_and_flows(self) -> None:
        """Budgets of all years and of single ones; flow limits of the grid in their year."""
        fixed, each = (
            self.options[f"budget_{name}_bn_krw"].to_numpy(dtype=np.float64)
            for name in ("fixed", "per_block")
        )
        for year, most in self.budgets[["year", "at_most"]].to_numpy(dtype=np.float64):
            counts = np.ones(len(self.years)) if np.isnan(year) else self.years == year
            y, n = (
                sparse.csr_array(np.outer(what, counts).reshape(1, -1)) for what in (fixed, each)
            )
            self._add("budget", [""], -np.inf, most, y=y, n=n)
        facility = self.options["facility_mw_per_block"].to_numpy(dtype=np.float64)
        for name, year, most in self._of("flow")[["of", "year", "at_most"]].itertuples(index=False):
            price = self.files.prices.query("limit == @name").set_index("bus_id")["price"]
            takes = self.options["bus_id"].map(price).fillna(0.0).to_numpy() * facility
            n = sparse.csr_array(np.outer(takes, self.years <= year).reshape(1, -1))
            self._add("limit", [name], -np.inf, most, n=n)

    def _spacing(self) -> None:
        """At most one of sites that are all too close to each other; cliques cover every pair."""
        spacing_m = float(self._of("spacing")["at_least"].iloc[0]) * 1000 - _TOUCH_M
        place = self.files.options.drop_duplicates("site_id").set_index("site_id").loc[self.site_id]
        if spacing_m <= 0:
            return
        pairs = cKDTree(place[["x_m", "y_m"]].to_numpy()).query_pairs(
            spacing_m, output_type="ndarray"
        )
        cliques = _clique_cover(pairs, len(self.site_id))
        index = np.repeat(np.arange(len(cliques)), [len(clique) for clique in cliques])
        members = np.concatenate([*cliques, np.empty(0, dtype=np.int64)]).astype(np.int64)
        w = sparse.csr_array(
            (np.ones(len(members)), (index, members)), shape=(len(cliques), len(self.site_id))
        )
        self._add("spacing", [self.site_id[c[0]] for c in cliques], -np.inf, 1.0, w=w)

    def _joined(self) -> tuple[sparse.csr_array, Floats, Floats]:
        widths = [self.most.size, self.most.size, len(self.site_id), len(self.provinces)]
        stacked = [
            sparse.hstack(
                [
                    sparse.csr_array((len(low), width)) if part is None else part
                    for part, width in zip(some, widths, strict=True)
                ]
            )
            for some, low, _ in self.parts
            if len(low)
        ]
        lower = np.concatenate([low for _, low, _ in self.parts])
        upper = np.concatenate([high for _, _, high in self.parts])
        return sparse.csr_array(sparse.vstack(stacked)), lower, upper


def _incidence(index: Ints, count: int, values: Floats | None = None) -> sparse.csr_array:
    """Return (count, len(index)) with values[j] at (index[j], j), none where -1."""
    kept = np.flatnonzero(index >= 0)
    data = np.ones(len(index)) if values is None else values
    return sparse.csr_array((data[kept], (index[kept], kept)), shape=(count, len(index)))


def _clique_cover(pairs: Ints, count: int) -> list[Ints]:
    """Return cliques that cover all pairs: each grows from a pair that none covers yet."""
    near = np.zeros((count, count), dtype=np.bool_)
    near[pairs[:, 0], pairs[:, 1]] = near[pairs[:, 1], pairs[:, 0]] = True
    bare = near.copy()
    found = []
    for i, j in pairs[np.lexsort(pairs.T[::-1])]:
        if not bare[i, j]:
            continue
        clique = [int(i), int(j)]
        common = near[i] & near[j]
        gain = bare[i].astype(np.int64) + bare[j]
        while common.any():
            best = int(np.argmax(np.where(common, gain, -1)))
            clique.append(best)
            common &= near[best]
            gain += bare[best]
        members = np.array(sorted(clique))
        bare[np.ix_(members, members)] = False
        found.append(members)
    return found
