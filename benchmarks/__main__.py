"""``make bench``: how fast a run, hosting capacity, the program and the ranking are.

Without a command the whole set in some twenty minutes; ``--full`` takes every case.
"""

from __future__ import annotations

import fnmatch
import json
import platform
import signal
import sys
from os import cpu_count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmarks import (
    acceptability,
    cluster,
    criteria,
    draws,
    energy,
    energy_curve,
    extract,
    fine_run,
    flexible_load,
    hosting,
    large,
    program,
    ranks,
    roads,
    screening,
)
from benchmarks import (
    page as page_speed,
)
from benchmarks.cases import CASES, Case
from benchmarks.national import national
from benchmarks.peers import PEERS
from benchmarks.results import LATEST, PAGE, Results, page

if TYPE_CHECKING:
    from collections.abc import Sequence

EXIT_WRONG = 1
EXIT_STOPPED = 143  # what a shell gives for SIGTERM

QUICK = ("base-500-1y", "hard-2000-1y", "base-10000-1y", "dense-10000-1y", "base-2000-10y")
"""Cases of the program in the whole set."""
QUICK_S = 30.0
QUICK_RANKED = ("base-2000-1y",)
FULL_S = 60.0
RANKED_S = 120.0

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Cases = Annotated[
    list[str] | None, typer.Option("--case", help="Name of a case, or a pattern (*); repeat.")
]
Seconds = Annotated[float, typer.Option(help="Time limit of each solver.")]
Out = Annotated[Path, typer.Option(help="JSON file that keeps the figures.")]


@app.callback(invoke_without_command=True)
def all_of_it(
    context: typer.Context,
    full: Annotated[bool, typer.Option("--full", help="Every case; takes hours.")] = False,  # noqa: FBT002 - typer's form of a flag
) -> None:
    """Time the whole set, or what a command says."""
    # A stop from outside comes as an exception, so that the processes of peers are stopped too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(EXIT_STOPPED))
    print(f"{platform.machine()}, {cpu_count()} cores, Python {platform.python_version()}")
    if context.invoked_subcommand is not None:
        return
    results = Results(LATEST)
    print_run()
    print_hosting()
    cases = list(CASES.values()) if full else [CASES[name] for name in QUICK]
    agreed = print_program(cases, FULL_S if full else QUICK_S, list(PEERS), results)
    ranked = [case for case in cases if case.years == 1] if full else _named(QUICK_RANKED)
    agreed &= print_ranking(ranked, RANKED_S, 8 if full else 4, results)
    if not agreed:
        raise typer.Exit(EXIT_WRONG)


@app.command("extract")
def extract_command(
    megabytes: Annotated[float, typer.Option("--mb", help="Size of the made extract.")] = 50.0,
) -> None:
    """Time an extract of OpenStreetMap on its way to clean layers; needs osmium."""
    timed = extract.time_extract(megabytes)
    print(
        f"{timed.extract_mb:.1f} MB to {timed.layers} layers: {timed.seconds:.1f} s, "
        f"{timed.peak_mb:,.0f} MB at most"
    )


@app.command("screening")
def screening_command(
    large: Annotated[bool, typer.Option("--large", help="10 m too; takes minutes.")] = False,  # noqa: FBT002 - typer's form of a flag
) -> None:
    """Time screening of large grids in bounded memory, and atlite beside it where installed."""
    for case, found in screening.figures(large, print):
        print(*screening.lines(case, found), sep="\n", flush=True)


@app.command("criteria")
def criteria_command(
    sites: Annotated[int, typer.Option(min=1, help="Sites, and parcels of means.")] = 100_000,
    sample: Annotated[int, typer.Option(min=1, help="Parcels of the plain loop.")] = 2_000,
    parcels: Annotated[
        int, typer.Option(help="Parcels of a brief and a whole run, say 50000; none by default.")
    ] = 0,
    out: Out = LATEST,
) -> None:
    """Time nearest stations and lines and means over parcels; and runs of many parcels."""
    results = Results(out)
    for compared in criteria.figures(sites, sample):
        results.keep_criteria(compared)
        print(*criteria.lines(compared), sep="\n", flush=True)
    for brief in (True, False) if parcels else ():
        found = criteria.parcel_run(parcels, brief=brief)
        results.keep_parcels(found)
        print(*criteria.run_lines(found), sep="\n", flush=True)


@app.command("fine-run")
def fine_run_command(
    cell_m: Annotated[list[float] | None, typer.Option(help="Sides of cells in metres.")] = None,
    memory_mb: Annotated[float, typer.Option(help="Memory for parts of the grid.")] = 512.0,
    scenario: str = "national-2035",
    whole: Annotated[bool, typer.Option("--whole", help="Map, report and files too.")] = False,  # noqa: FBT002 - typer's form of a flag
) -> None:
    """Time runs in cells of 250, 100 and 30 m, and their peak memory, each in a process."""
    for side in cell_m or (250.0, 100.0, 30.0):
        timed = fine_run.time_run(scenario, side, memory_mb, brief=not whole)
        print(timed.line(), flush=True)


@app.command("roads")
def roads_command(
    edges: Annotated[
        int, typer.Option(help="Roads between two junctions of the made graph.")
    ] = 300_000,
    sites: Annotated[int, typer.Option(help="Sites at random places.")] = 3_000,
) -> None:
    """Time a road graph from an extract to layers, and travel times of sites; needs osmium."""
    timed = roads.time_roads(edges, sites)
    print(
        f"{timed.extract_mb:.1f} MB to {timed.edges:,} edges: {timed.fetch_seconds:.1f} s "
        f"({timed.fetch_cpu_seconds:.1f} s of processor), {timed.fetch_peak_mb:,.0f} MB at most; "
        f"layers read in {timed.read_seconds:.1f} s, access "
        f"of {sites:,} sites ({timed.known:,} known) in {timed.seconds:.1f} s, "
        f"{timed.peak_mb:,.0f} MB at most"
    )


@app.command("draws")
def draws_command(
    scenario: str = "national-2035",
    count: Annotated[int, typer.Option("--draws", help="Draws of all assumptions.")] = 64,
    sites: Annotated[int | None, typer.Option(help="Candidates that stay; all by default.")] = None,
    cache: Annotated[str | None, typer.Option(help="Folder that keeps stages.")] = None,
) -> None:
    """Seconds of draws, each solved over all candidates; the run's stages come before."""
    timed = draws.time_draws(scenario, count, sites, cache)
    typer.echo(
        f"{timed.draws} draws of {timed.sites} candidates: {timed.seconds:.1f} s "
        f"({timed.seconds / max(timed.draws, 1):.2f} s each), {timed.proven} proven"
    )


@app.command("cluster")
def cluster_command(
    work: Annotated[
        list[str] | None, typer.Option(help=f"{', '.join(cluster.WORK)} or draws; repeat.")
    ] = None,
    scenario: Annotated[str, typer.Option(help="Of the draws.")] = "national-2035",
    count: Annotated[int, typer.Option("--draws", min=2, help="Draws.")] = 9,
    cache: Annotated[str | None, typer.Option(help="Folder that keeps stages.")] = None,
) -> None:
    """Time threads, processes, and one and two workers of a local cluster on the same work."""
    right = True
    for name in work or [*cluster.WORK, "draws"]:
        ways = cluster.draws(scenario, count, cache) if name == "draws" else cluster.WORK[name]()
        first = None
        for found in ways:
            first = first or found
            print(*cluster.lines(found, first), sep="\n", flush=True)
            right &= found.answer == first.answer
    if not right:
        raise typer.Exit(EXIT_WRONG)


@app.command("page")
def page_command(
    maps: Annotated[list[Path], typer.Argument(help="Maps of runs; several are opened in turn.")],
    runs: Annotated[int, typer.Option(min=1, help="Openings of each; medians are told.")] = 5,
) -> None:
    """Time how a map opens in Chromium, and its frames while it is panned at zoom 7, 9 and 11."""
    for timed in page_speed.time_pages(maps, runs):
        frames = ", ".join(
            f"zoom {zoom:g}: {timed.dragged_p95_ms[zoom]:.0f} dragged, {timed.stepped_p95_ms[zoom]:.0f} in steps ({timed.step_cpu_ms[zoom]:.0f} of processor)"
            for zoom in timed.dragged_p95_ms
        )
        print(
            f"{timed.path}: {timed.size_mb:.2f} MB, sites drawn after {timed.first_ms:.0f} ms, "
            f"all after {timed.last_ms:.0f} ms ({timed.open_cpu_ms:.0f} of processor); p95 of a frame in ms, {frames}"
        )


@app.command("acceptability")
def acceptability_command(
    scenario: Annotated[str, typer.Option(help="Whose sites.")] = "national-2035",
    draws: Annotated[int, typer.Option(min=1, help="Draws of weights.")] = 1000,
    cache: Annotated[str | None, typer.Option(help="Folder that keeps results.")] = None,
) -> None:
    """Time rank acceptabilities of all sites over drawn weights, TOPSIS and PROMETHEE II."""
    for timed in acceptability.time_methods(scenario, draws, cache):
        print(f"{timed.method}: {timed.sites} sites in {timed.seconds:.3f} s")


@app.command("program")
def program_command(
    case: Cases = None,
    seconds: Seconds = FULL_S,
    peer: Annotated[list[str] | None, typer.Option(help="cbc, highs or ours; repeat.")] = None,
    out: Out = LATEST,
) -> None:
    """Solve cases by the plain model in CBC and HiGHS and by the package."""
    if not print_program(_named(case or QUICK), seconds, peer or list(PEERS), Results(out)):
        raise typer.Exit(EXIT_WRONG)


@app.command("ranking")
def ranking_command(
    case: Cases = None,
    seconds: Seconds = RANKED_S,
    sample: Annotated[int, typer.Option(help="Sites that the others solve.")] = 8,
    out: Out = LATEST,
) -> None:
    """Rank sites of one-year cases, and a sample of them by solving again."""
    if not print_ranking(_named(case or QUICK_RANKED), seconds, sample, Results(out)):
        raise typer.Exit(EXIT_WRONG)


@app.command("run")
def run_command() -> None:
    """Time the stages of a national run."""
    print_run()


@app.command("hosting")
def hosting_command() -> None:
    """Time hosting capacity with single outages."""
    print_hosting()


@app.command("large")
def large_command(
    case: Annotated[
        list[str] | None,
        typer.Option(help="A case of pandapower's, or a MATPOWER file; repeat."),
    ] = None,
    out: Out = LATEST,
) -> None:
    """Time hosting capacity at every bus of large cases, beside a plain program over angles."""
    print_large(case or large.CASES, Results(out))


@app.command("flexible")
def flexible_command() -> None:
    """Print what matched clean energy costs by the share of the load that can move."""
    found = flexible_load.figures()
    print(*flexible_load.lines(found), sep="\n", flush=True)
    if not _tell(flexible_load.faults(found)):
        raise typer.Exit(EXIT_WRONG)


@app.command("energy")
def energy_command(
    days: Annotated[int, typer.Option(min=1, help="Typical days.")] = 6,
    network: Annotated[bool, typer.Option(help="Whether branches limit flows.")] = True,  # noqa: FBT002 - typer's form of a flag
    outages: Annotated[bool, typer.Option("--outages", help="After single outages too.")] = False,  # noqa: FBT002 - typer's form of a flag
    curve: Annotated[bool, typer.Option("--curve", help="The cost curve alone.")] = False,  # noqa: FBT002 - typer's form of a flag
) -> None:
    """Time the energy program on the supply of the ready scenario; or the cost curve."""
    if curve:
        if not print_curve():
            raise typer.Exit(EXIT_WRONG)
        return
    outages &= network
    found = energy.figures(days, network=network, outages=outages)
    print(*energy.lines(days, found, network=network, outages=outages), sep="\n", flush=True)
    if not _tell(energy.faults(found)):
        raise typer.Exit(EXIT_WRONG)


@app.command("cases")
def cases_command() -> None:
    """List the cases."""
    for case in CASES.values():
        print(
            f"{case.name:24} {case.candidates:6} sites {case.years:3} years {case.stations:4} "
            f"stations {case.target_mw:8.0f} MW {case.spacing_km:4g} km apart, to {case.gap:g}"
        )


@app.command("table")
def table_command(
    results: Out = LATEST, page_file: Annotated[Path, typer.Option("--page")] = PAGE
) -> None:
    """Write the page of the docs from kept figures."""
    figures = json.loads(results.read_text(encoding="utf-8"))
    page_file.write_text(page(figures), encoding="utf-8")
    print(f"wrote {page_file}")


def _named(names: Sequence[str]) -> list[Case]:
    """Return the cases of some names or patterns."""
    found = []
    for name in names:
        some = [CASES[place] for place in fnmatch.filter(CASES, name)]
        if not some:
            raise typer.BadParameter(
                f"no case is called {name}; `python -m benchmarks cases` tells them"
            )
        found.extend(some)
    return found


def print_program(
    cases: Sequence[Case], seconds: float, peers: Sequence[str], results: Results
) -> bool:
    """Print the answers of all peers to some cases; return whether they agree."""
    agreed = True
    for case in cases:
        records = [program.measure(peer, case, seconds) for peer in peers]
        results.keep_program(records)
        print(*program.lines(records), sep="\n", flush=True)
        agreed &= _tell(program.disagreements(records))
    return agreed


def print_ranking(cases: Sequence[Case], seconds: float, sample: int, results: Results) -> bool:
    """Print sites ranked a second; return whether the figures of the samples agree."""
    agreed = True
    for case in cases:
        record = ranks.measure(case, seconds, sample)
        results.keep_ranking(record)
        print(*ranks.lines(record), sep="\n", flush=True)
        agreed &= _tell(ranks.differences(record))
    return agreed


def _tell(faults: Sequence[str]) -> bool:
    for fault in faults:
        print(f"!!! WRONG: {fault}", flush=True)
    return not faults


def print_curve() -> bool:
    """Print the cost curve of clean energy in three ways; return whether nothing is wrong."""
    right = True
    for found in energy_curve.figures():
        print(*energy_curve.lines(found), sep="\n", flush=True)
        right &= _tell(energy_curve.faults(found))
    return right


def print_run() -> None:
    """Print seconds by stage and the memory of a national run."""
    for name, value in national().items():
        print(f"{name:12} {value:10.2f} {'MB' if name == 'peak_mb' else 's'}", flush=True)


def print_hosting() -> None:
    """Print hosting capacity with single outages: every bus, and a dozen in two ways."""
    some = f"{len(hosting.SOME)} buses, {hosting.SNAPSHOT}"
    titles = {
        "every_bus": f"193 buses x 4 snapshots, {hosting.CORES} threads",
        "kept": f"{some}, one kept program",
        "from_scratch": f"{some}, each from scratch",
    }
    print(f"hosting capacity, n-1 (the first must stay under {hosting.LIMIT_S:g} s)")
    for way, found in hosting.figures():
        print(
            f"{titles[way]:44} {found['seconds']:8.2f} s {found['cpu']:8.2f} s of processor "
            f"{found['peak_mb']:6.0f} MB {found['sum_mw']:12.1f} MW in all",
            flush=True,
        )


def print_large(cases: Sequence[str], results: Results) -> None:
    """Print hosting capacity at every bus of large cases, and how far the plain program is off."""
    for name, found in large.figures(cases):
        results.keep_large(Path(name).stem, found)
        print(
            f"{Path(name).stem:16} {found['buses']:6,} buses {found['seconds']:8.2f} s "
            f"{found['cpu']:8.2f} s of processor {found['peak_mb']:6.0f} MB; plain "
            f"{found['plain_cpu']:6.3f} s a bus, at most {found['apart_mw']:.1e} MW apart",
            flush=True,
        )


if __name__ == "__main__":
    app()
