"""Which premise moved the answer: old premises brought back one by one, new ones put in alone.

``python -m benchmarks.causes --before REVISION --page docs/what-changed.md`` takes the premises of an
earlier revision as far as the present code can hold them (layers of that revision as files of the
user's, scenario values and parameters) and solves the plan of the national scenario

- with the new premises, and with each group of old ones brought back alone,
- with all old premises, and with each group of new ones put in alone.

A group whose change alone does little and together with others much shows as the difference
between the two.
"""

from __future__ import annotations

import argparse
import copy
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from siteopt.layers import data_folder, open_layers
from siteopt.runs.study import Study
from siteopt.scenario import Scenario, load_scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    Raw = dict[str, Any]

__all__ = ["GROUPS", "Answer", "Before", "main", "old_premises"]

SCENARIO = "national-2035"
NEAR_KM = 10.0


@dataclass(frozen=True)
class Before:
    """What an earlier revision held: its scenario, and a folder with its layers."""

    scenario: Raw
    folder: Path

    @classmethod
    def of(cls, revision: str, folder: Path) -> Before:
        """Take scenario and layers of a git revision."""
        for name in ("stations.csv", "lines.geojson", "slope.tif", "parks.geojson", "headroom.csv"):
            (folder / name).write_bytes(_at(revision, f"data/reference/{name}"))
        raw = tomllib.loads(_at(revision, f"data/scenarios/{SCENARIO}.toml").decode("utf-8"))
        return cls(raw, folder)


def _at(revision: str, path: str) -> bytes:
    command = ["git", "show", f"{revision}:{path}"]
    return subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - git, no shell


def _headroom(raw: Raw, before: Before) -> None:
    """Estimates for all stations, banks as the only works, one feed."""
    table = open_layers().table("supply_headroom").assign(supply_headroom_mw=np.nan)
    file = before.folder / "nothing-published.csv"
    table.to_csv(file, index=False)
    raw["layers"]["supply_headroom"] = str(file)
    none = {"new_154_stations": False, "new_345_stations": False, "second_feed_from_mw": False}
    raw["connection"] |= none


def _stations(raw: Raw, before: Before) -> None:
    """Old points and lines; KEPCO's figures cap them where the other premises are new."""
    stations = pd.read_csv(before.folder / "stations.csv", dtype={"district_code": str})
    table = pd.read_csv(before.folder / "headroom.csv")
    if "supply_headroom" not in raw["layers"]:
        published = open_layers().table("supply_headroom").set_index("district_code")
        district = stations.set_index("station_id")["district_code"]
        figure = table["station_id"].map(district).map(published["supply_headroom_mw"])
        capped = (table["voltage_kv"] == 154) & figure.notna()  # noqa: PLR2004 - the level that is published
        table["headroom_mw"] = table["headroom_mw"].mask(capped, figure)
    file = (
        before.folder
        / f"headroom-{'kepco' if 'supply_headroom' not in raw['layers'] else 'old'}.csv"
    )
    table[["station_id", "voltage_kv", "headroom_mw", "year"]].to_csv(file, index=False)
    raw["layers"] |= {
        "stations": str(before.folder / "stations.csv"),
        "lines": str(before.folder / "lines.geojson"),
        "headroom": str(file),
    }
    for rule in raw["screening"]["exclusions"]:
        if rule["layer"] == "stations":
            rule.pop("where", None)


def _land(raw: Raw, before: Before) -> None:
    """Slopes of 250 m cells with their gate, the old exclusions, tiles only."""
    raw["layers"] |= {
        "slope": str(before.folder / "slope.tif"), "parks": str(before.folder / "parks.geojson"),
    }  # fmt: skip
    raw["screening"] = copy.deepcopy(before.scenario["screening"])
    raw["candidates"] |= {"complexes": False, "piece_mw": raw["build"]["it_max_mw"]}


def _prices(raw: Raw, before: Before) -> None:
    """Contracts of 2021 beside a tariff of 2024; carbon beside the climate charge."""
    del before
    raw["energy"]["offshore_share_pct"] = 0.0
    raw["parameters"] |= {
        "tariff_industrial_b": 182.0, "solar_auction_price": 176.0 - 45.0,
        "onshore_wind_auction_price": 205.0 - 45.0, "rec_weight_solar": 1.0,
        "rec_weight_onshore_wind": 1.0, "ppa_grid_adders": 45.0, "cf_solar_fleet": 15.0,
        "climate_charge_carbon_share": 0.0,
    }  # fmt: skip


def _radius(raw: Raw, before: Before) -> None:
    """Contracts from within 100 km of the site alone."""
    del before
    raw["energy"]["contract_reach_km"] = 100.0


def _cooling(raw: Raw, before: Before) -> None:
    """Evaporative cooling of all halls."""
    raw["water"]["cooling"] = before.scenario["water"]["cooling"]


GROUPS: dict[str, tuple[str, Callable[[Raw, Before], None]]] = {
    "headroom": ("headroom, works and second feeds", _headroom),
    "stations": ("stations and lines", _stations),
    "land": ("land: slope, exclusions, complexes", _land),
    "prices": ("prices", _prices),
    "radius": ("contract radius", _radius),
    "cooling": ("cooling", _cooling),
}
"""What is switched, in the order in which old premises are brought back; each takes a scenario."""


def old_premises(raw: Raw, before: Before, groups: set[str]) -> Raw:
    """Return a scenario with the old premises of some groups."""
    out = copy.deepcopy(raw)
    out.setdefault("layers", {})
    out.setdefault("parameters", {})
    for name, (_, change) in GROUPS.items():
        if name in groups:
            change(out, before)
    return out


@dataclass(frozen=True)
class Answer:
    """A plan: its cost, and the IT load of each chosen site with its place and province."""

    cost_bn_krw: float
    gap: float
    sites: pd.DataFrame

    def kept(self, other: Answer) -> int:
        """Return how many sites both have."""
        return len(set(self.sites.index) & set(other.sites.index))

    def jaccard(self, other: Answer) -> float:
        """Return the share of the sites of either that both have."""
        return self.kept(other) / len(set(self.sites.index) | set(other.sites.index))

    def near(self, other: Answer) -> int:
        """Return how many sites have one of the other plan within 10 km."""
        own, there = (one.sites[["x_m", "y_m"]].to_numpy(dtype=float) for one in (self, other))
        away = np.hypot(*(own[:, None, :] - there[None, :, :]).transpose(2, 0, 1))
        return int((away.min(axis=1) <= 1000 * NEAR_KM).sum())


def solve(raw: Raw, cache: Path) -> Answer:
    """Solve the plan of a scenario, without its ranking."""
    study = Study(Scenario.model_validate(raw), cache=cache)
    choice = study._result("choice")  # noqa: SLF001 - the plan alone has no public name
    sizes = choice.steps.groupby("site_id")["it_mw"].sum()
    columns = ["x_m", "y_m", "province_code", "name_en"]
    sites = study.sites.set_index("site_id").loc[sizes.index, columns].assign(it_mw=sizes)
    gap = max(0.0, choice.objective - choice.bound) / abs(choice.objective)
    return Answer(choice.objective, gap, pd.DataFrame(sites))


def _row(title: str, answer: Answer, start: Answer) -> dict[str, object]:
    return {
        "premises": title,
        "total, bn KRW": f"{answer.cost_bn_krw:,.0f}",
        "change": f"{answer.cost_bn_krw - start.cost_bn_krw:+,.0f}",
        "sites": len(answer.sites),
        "kept": start.kept(answer),
        "within 10 km": start.near(answer),
        "Jaccard": f"{start.jaccard(answer):.2f}",
        "gap": f"{answer.gap:.0e}",
    }


def _markdown(rows: list[dict[str, object]]) -> str:
    head = list(rows[0])
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(row[name]) for name in head) + " |" for row in rows]
    return "\n".join(lines)


def _by_province(answers: dict[str, Answer]) -> list[dict[str, object]]:
    names = open_layers().vector("provinces").set_index("province_code")["name_en"]
    loads = {
        title: answer.sites.groupby("province_code")["it_mw"].sum()
        for title, answer in answers.items()
    }
    codes = sorted({code for load in loads.values() for code in load.index})
    return [
        {"MW of IT load": names[code]}
        | {title: f"{load.get(code, 0.0):,.0f}" for title, load in loads.items()}
        for code in codes
    ]


def table(before: Before, cache: Path, tell: Callable[[str], None]) -> str:
    """Return the page: both tables, and where the load stands."""
    raw = tomllib.loads((data_folder() / "scenarios" / f"{SCENARIO}.toml").read_text("utf-8"))
    load_scenario(SCENARIO)

    def answer(groups: set[str], title: str) -> Answer:
        found = solve(old_premises(raw, before, groups), cache)
        tell(f"{title}: {found.cost_bn_krw:,.1f} bn KRW, {len(found.sites)} sites")
        return found

    everything = set(GROUPS)
    new = answer(set(), "all new")
    old = answer(everything, "all old")
    back, put = [_row("all new", new, new)], [_row("all old", old, old)]
    for name, (title, _) in GROUPS.items():
        back.append(_row(f"old {title}", answer({name}, f"old {name}"), new))
        put.append(_row(f"new {title}", answer(everything - {name}, f"new {name}"), old))
    back.append(_row("all old", old, new))
    put.append(_row("all new", new, old))
    where = _by_province({"all old": old, "all new": new})
    return "\n\n".join(
        [
            "## Old premises brought back into the new answer, one group at a time",
            _markdown(back),
            "## New premises put into the old answer, one group at a time",
            _markdown(put),
            "## Where the load stands",
            _markdown(where),
        ]
    )


MARK = "<!-- made by python -m benchmarks.causes -->"


def main(arguments: list[str] | None = None) -> int:
    """Print the tables, or put them into a page behind its mark."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.causes")
    parser.add_argument("--before", required=True, help="git revision of the old premises")
    parser.add_argument("--page", type=Path, help="Markdown page that ends with the tables")
    parser.add_argument("--cache", type=Path, help="folder that keeps results of stages")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        before = Before.of(given.before, folder)
        cache = given.cache or folder / "cache"
        made = table(before, cache, lambda line: print(line, file=sys.stderr))
    if given.page is None:
        print(made)
        return 0
    text = given.page.read_text("utf-8")
    head = text[: text.index(MARK) + len(MARK)]
    given.page.write_text(f"{head}\n\n{made}\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
