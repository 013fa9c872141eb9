"""Figures of benchmarks as JSON, and the page of the docs that is written from it."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import ranks
from benchmarks.cases import CASES, KINDS
from benchmarks.program import TITLES, gap_of, ratio

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.criteria import Compared

__all__ = ["LATEST", "PAGE", "Results", "page"]

_ROOT = Path(__file__).parent
LATEST = _ROOT / "results" / "latest.json"
"""Where figures go unless told otherwise; git ignores the folder."""
_QUIET = 2.5  # load average left over from a case before, on two cores
PAGE = _ROOT.parent / "docs" / "benchmarks.md"


class Results:
    """Figures in a file: those of new measurements take the place of those of old ones."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.figures: dict[str, Any] = {"program": {}, "ranking": {}, "large": {}}
        if path.exists():
            self.figures |= json.loads(path.read_text(encoding="utf-8"))

    def keep_program(self, records: Sequence[dict[str, Any]]) -> None:
        """Keep the records of a case."""
        for record in records:
            self.figures["program"][f"{record['case']} {record['peer']}"] = record
        self._write()

    def keep_ranking(self, record: dict[str, Any]) -> None:
        """Keep the rates of a case."""
        self.figures["ranking"][record["case"]] = record
        self._write()

    def keep_large(self, name: str, record: dict[str, Any]) -> None:
        """Keep the hosting figures of a large case."""
        self.figures["large"][name] = record
        self._write()

    def keep_criteria(self, compared: Compared) -> None:
        """Keep a comparison of criteria."""
        key = f"{compared.work}; {compared.plain}"
        self.figures.setdefault("criteria", {})[key] = {
            **compared._asdict(),
            "ours": compared.ours._asdict(),
            "theirs": compared.theirs._asdict(),
            **_now(),
        }
        self._write()

    def keep_parcels(self, record: dict[str, Any]) -> None:
        """Keep the figures of a run of parcels."""
        key = f"{record['parcels']} {'brief' if record['brief'] else 'whole'}"
        self.figures.setdefault("parcels", {})[key] = record | _now()
        self._write()

    def _write(self) -> None:
        self.figures["machine"] = machine()
        self.figures["date"] = datetime.now(UTC).date().isoformat()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.figures, indent=1, sort_keys=True, ensure_ascii=False)
        self.path.write_text(f"{text}\n", encoding="utf-8")


def _now() -> dict[str, Any]:
    """Return when figures are measured, and how much other work ran."""
    return {"date": datetime.now(UTC).date().isoformat(), "load": os.getloadavg()[0]}


def machine() -> str:
    """Return what the figures were measured on."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, {memory_gb:.0f} GB, "
        f"Python {platform.python_version()}"
    )


def page(figures: dict[str, Any]) -> str:
    """Return the page of the docs as Markdown."""
    return "\n".join(
        [
            *_head(figures),
            *_program(figures),
            *_ranking(figures),
            *_large(figures),
            *_criteria(figures),
            "",
        ]
    )


def _head(figures: dict[str, Any]) -> Iterator[str]:
    yield "# Benchmarks of the program"
    yield ""
    yield (
        "Written by `python -m benchmarks table` from measured figures; do not edit. Measured "
        f"on {figures['date']}, {figures['machine']}."
    )
    yield ""
    load = max((record["load"] for record in _records(figures)), default=0.0)
    if load > _QUIET:
        yield (
            f"**Other work ran on the machine (load average up to {load:.1f}): seconds are too "
            "long, and what a time limit cut off is too bad.**"
        )
        yield ""
    yield (
        "Cases are made from a seed (`benchmarks/cases.py`); their name is kind, candidate sites, "
        "years and, other than 0, seed. Every site has connections to three stations. Costs that "
        "are the same at all sites are left out (but in `whole`), so a gap is a part of the money "
        "that the choice decides. In `fixed` cases a site does not grow after it has opened."
    )
    yield ""
    yield "| kind | target | apart | land of a site |"
    yield "|---|---|---|---|"
    for name, kind in KINDS.items():
        yield (
            f"| `{name}` | {kind.target_mw:,.0f} MW | {kind.spacing_km:g} km | "
            f"{kind.land_mw[0]:g} to {kind.land_mw[1]:g} MW |"
        )
    yield ""


def _records(figures: dict[str, Any]) -> list[dict[str, Any]]:
    return [*figures["program"].values(), *figures["ranking"].values()]


def _program(figures: dict[str, Any]) -> Iterator[str]:
    yield "## Best plan"
    yield ""
    yield (
        "*Plain* is the model as a textbook has it, written in PuLP (`benchmarks/plain.py`: big-M "
        "links, one row a pair of sites too close), solved by the CBC that comes with PuLP and, "
        "through PuLP's own interface, by HiGHS. *Ours* is `siteopt.portfolio.solve`. Each has two "
        "cores, a process of its own and the same time limit. *Build* writes the model, *hand-over* "
        "translates it for the solver. Time is build, hand-over and solving together, against "
        "ours; > where the gap that was asked for was not reached."
    )
    yield ""
    yield (
        "| case | gap asked | limit | | build | hand-over | solve | objective | gap | memory "
        "| time |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for case in CASES:
        found = [
            figures["program"][f"{case} {peer}"]
            for peer in TITLES
            if f"{case} {peer}" in figures["program"]
        ]
        ours = next((r for r in found if r["peer"] == "ours" and r["objective"] is not None), None)
        for number, record in enumerate(found):
            what = (
                f"`{case}` | {record['gap']:.0e} | {record['seconds']:g} s" if not number else "| |"
            )
            gap = gap_of(record)
            yield (
                f"| {what} | {TITLES[record['peer']]} | {_seconds(record.get('build_s'))} | "
                f"{_seconds(record.get('handover_s'))} | {_seconds(record.get('solve_s'))} | "
                f"{_money(record['objective'])} | {'–' if gap is None else f'{gap:.1e}'} | "
                f"{record['peak_mb']:,.0f} MB | {ratio(record, ours)} |"
            )
    yield ""


def _ranking(figures: dict[str, Any]) -> Iterator[str]:
    yield "## Exact ranks"
    yield ""
    yield (
        f"Sites a second over the chosen ones and the best {ranks.OTHERS} others, the plan being "
        "known; where the others have a rate they solved a sample of these sites. *Anew*: the "
        "plain model handed to HiGHS for every site; *kept*: one HiGHS handle with the bounds of "
        "a site changed."
    )
    yield ""
    yield "| case | chosen | ours | exact | anew | kept | ours against kept |"
    yield "|---|---|---|---|---|---|---|"
    for case in CASES:
        record = figures["ranking"].get(case)
        if record is None:
            continue
        ours = record["ours"]
        rates = [record.get(way, {}).get("sites_per_s") for way in ("naive", "kept")]
        rate = ours.get("sites_per_s")
        told = [
            f"`{case}`",
            str(ours.get("chosen", "–")),
            ours["status"] if rate is None else f"{rate:.2f}/s",
            "–" if rate is None else f"{ours['exact']} of {ours['chosen'] + ranks.OTHERS}",
            *("–" if value is None else f"{value:.3f}/s" for value in rates),
            "–" if rate is None or rates[1] is None else f"{rate / rates[1]:.0f} x",
        ]
        yield f"| {' | '.join(told)} |"


def _large(figures: dict[str, Any]) -> Iterator[str]:
    found = figures.get("large", {})
    if not found:
        return
    yield ""
    yield "## Hosting capacity of large cases"
    yield ""
    yield (
        "The further load of every bus of a case that pandapower ships, or of a MATPOWER file "
        "(`python -m benchmarks large --case FILE`; `case2383wp` is MATPOWER's), security none, two "
        "processes, from the tables of the case to the table of the answer. Where a case is "
        "overloaded without new load, ratings are raised first. Memory is that of the whole "
        "process, pandapower and the other program included. *Angles* is a plain "
        "sparse program over angles (`benchmarks/angles.py`), solved from scratch by "
        "`scipy.optimize.linprog`: processor time a bus at a dozen buses, and how far its answers "
        "are from ours at most. *Load* is the load average at the end: above two, other work took "
        "a part of the seconds, and processor time is what to go by."
    )
    yield ""
    yield "| case | buses | branches | seconds | processor | memory | load | angles, a bus | apart |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for name, record in sorted(found.items(), key=lambda item: item[1]["buses"]):
        yield (
            f"| `{name}` | {record['buses']:,} | {record['branches']:,} | "
            f"{record['seconds']:.2f} s | {record['cpu']:.2f} s | {record['peak_mb']:,.0f} MB | "
            f"{record['load']:.1f} | {record['plain_cpu']:.3f} s | {record['apart_mw']:.0e} MW |"
        )


def _criteria(figures: dict[str, Any]) -> Iterator[str]:
    found = figures.get("criteria", {})
    if not found:
        return
    yield ""
    yield "## Criteria of many sites"
    yield ""
    yield (
        "`python -m benchmarks criteria`: nearest stations and lines of random places over the "
        "country, exact to the geometry, beside `geopandas.sjoin_nearest`; means of slope and "
        "elevation over made parcels of 6 to 60 ha by the exact share of each cell, beside "
        "exactextract's own reading of a GeoDataFrame and beside a loop over the cells whose "
        "centres a parcel holds, of a sample. *Apart* is the largest difference of the two answers: "
        "that of the loop is its error. *Load* is as above. "
        f"Measured on {max(record['date'] for record in found.values())}."
    )
    yield ""
    yield "| work | features | seconds | processor | plain way | of | its processor | apart | load |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for record in found.values():
        yield (
            f"| {record['work']} | {record['features']:,} | {record['ours']['seconds']:.2f} s | "
            f"{record['ours']['cpu']:.2f} s | {record['plain']} | {record['sample']:,} | "
            f"{record['theirs']['cpu']:.2f} s | {record['apart']:.1e} | {record['load']:.1f} |"
        )
    yield from _parcels(figures.get("parcels", {}))


def _parcels(found: dict[str, Any]) -> Iterator[str]:
    if not found:
        return
    yield ""
    yield (
        "The national scenario on made parcels in place of tiles and complexes, in a fresh process "
        "without its cache (`python -m benchmarks criteria --parcels 50000`); wall seconds by "
        f"phase. Measured on {max(record['date'] for record in found.values())}."
    )
    yield ""
    phases = list(dict.fromkeys(name for one in found.values() for name in one["timings_s"]))
    yield f"| parcels | sites | run | {' | '.join(phases)} | all | processor | memory | load |"
    yield f"|{'---|' * (len(phases) + 7)}"
    for record in found.values():
        seconds = " | ".join(_tenths(record["timings_s"].get(name)) for name in phases)
        yield (
            f"| {record['parcels']:,} | {record['sites']:,} | "
            f"{'brief' if record['brief'] else 'whole'} | {seconds} | {record['wall']:.1f} s | "
            f"{record['cpu']:.1f} s | {record['peak_mb']:,.0f} MB | {record['load']:.1f} |"
        )


def _tenths(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f} s"


def _money(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f}"
