"""A grid case in its CSV form; what both forms of a case share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.fuzz.kinds import Files, Kind, UnknownError, UnsoundError
from tests.fuzz.noise import BYTES, TEXT
from tests.fuzz.plainly import number, words
from tests.fuzz.tables import TABLES, plain_table

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["KINDS", "megawatts", "read_case_in"]

_LARGEST_MW = 1e6
"""Ten times the load of the country."""


def read_case_in(name: str) -> Any:
    def read(folder: Path) -> Any:
        from siteopt.grid.case import read_case  # noqa: PLC0415

        case = read_case(folder / name if name else folder)
        buses = [
            {"bus": row["bus_id"], "load": row["p_load_mw"]}
            for row in case.buses.to_dict("records")
        ]
        branches = [
            {"from": row["from_bus"], "to": row["to_bus"], "x": row["x_pu"], "rate": row["rate_a_mva"]}
            for row in case.branches[case.branches["status"] == 1].to_dict("records")
        ]  # fmt: skip
        units = [
            {"bus": row["bus_id"], "least": row["p_min_mw"], "most": row["p_max_mw"]}
            for row in case.generators[case.generators["status"] == 1].to_dict("records")
        ]
        return {"buses": buses, "branches": branches, "units": units, "base": case.base_mva}

    return read


def megawatts(value: float) -> float:
    if not abs(value) <= _LARGEST_MW:
        raise UnsoundError(f"{value:g} MW")
    return value


def _csv_seeds() -> list[Files]:
    buses = 'bus_id,name_en,p_load_mw\n001,A,50\nb,B,80\nC,"C, x",90.5\n'
    branches = "branch_id,from_bus,to_bus,x_pu,rate_a_mva\nL1,001,b,0.1,100\nL2,b,C,0.2,120\nL3,001,C,0.05,90\n"
    units = "generator_id,bus_id,p_max_mw,p_min_mw,cost_krw_mwh\nG1,001,250,10,20\nG2,C,100,0,30\n"
    return [
        {
            "c/case_buses.csv": buses.encode(),
            "c/case_branches.csv": branches.encode(),
            "c/case_generators.csv": units.encode(),
        }
    ]


def _plain_csv(files: Files) -> Any:
    tables = {
        name: plain_table(files, f"c/case_{name}.csv")
        for name in ("buses", "branches", "generators")
    }
    needed = {
        "buses": ("bus_id", "p_load_mw"),
        "branches": ("branch_id", "from_bus", "to_bus", "x_pu", "rate_a_mva"),
        "generators": ("generator_id", "bus_id", "p_max_mw"),
    }
    for name, columns in needed.items():
        if any(column not in tables[name][0] for column in columns):
            raise UnsoundError("a column is missing")
        if any("status" in column or "type" in column for column in tables[name][0]):
            raise UnknownError("a status")
        for row in tables[name]:
            for column in row:
                if "name" in column or column.endswith("_id"):
                    words(row[column])
        keys = [row[columns[0]] for row in tables[name]]
        if len(set(keys)) < len(keys):
            raise UnsoundError("an id appears twice")
    buses = [
        {"bus": row["bus_id"], "load": megawatts(number(row["p_load_mw"]))}
        for row in tables["buses"]
    ]
    ids = {row["bus"] for row in buses}
    branches = []
    for row in tables["branches"]:
        x, rate = number(row["x_pu"], empty=True), number(row["rate_a_mva"], high=1e308, empty=True)
        if not x or row["from_bus"] == row["to_bus"] or not {row["from_bus"], row["to_bus"]} <= ids:
            raise UnsoundError("a branch cannot be")
        if rate is not None and rate > _LARGEST_MW:
            raise UnknownError("a rating so large that it is no limit")
        if rate is None or rate < 0:
            raise UnsoundError("a rating cannot be")
        branches.append(
            {"from": row["from_bus"], "to": row["to_bus"], "x": x, "rate": rate or float("inf")}
        )
    units = []
    for row in tables["generators"]:
        least, most = number(row.get("p_min_mw", "0")), number(row["p_max_mw"])
        if row["bus_id"] not in ids or least > most or abs(most) > _LARGEST_MW:
            raise UnsoundError("a unit cannot be")
        units.append({"bus": row["bus_id"], "least": least, "most": most})
    return {"buses": buses, "branches": branches, "units": units, "base": 100.0}


KINDS = (Kind("case-csv", _csv_seeds, (*BYTES, *TEXT, *TABLES), read_case_in("c"), _plain_csv),)
