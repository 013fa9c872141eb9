"""The command line: each command calls one function of the API and prints what it returns.

Exit codes: 0 done, 2 bad input (one line: what, where, and what would be right),
3 infeasible (the limits in conflict follow), 4 stopped at a limit with a feasible answer, 1 nobody
reads what is printed (a closed pipe), 130 stopped by Ctrl-C. A disk or a memory that is full is 2.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from siteopt._terminal import print_json, print_rows, print_table, say, warn_in_one_line
from siteopt.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteopt.scenario import Scenario as LoadedScenario

__all__ = ["finish", "main"]

_UsageError: type[Exception] = typer.BadParameter.__mro__[1]  # typer keeps it to itself

EXIT_BAD_INPUT = 2
EXIT_NOBODY_READS = 1  # of what is printed: `siteopt layers list | head -1`
EXIT_DOUBTFUL_CHANGE = 1
EXIT_STOPPED_AT_LIMIT = 4
EXIT_STOPPED_BY_USER = 130  # what a shell gives for Ctrl-C

app = typer.Typer(
    name="siteopt",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
layers_app = typer.Typer(help="What is known: the layers.", no_args_is_help=True)
scenario_app = typer.Typer(help="What to decide: scenario files.", no_args_is_help=True)
grid_app = typer.Typer(
    help="What the grid can carry: a public, synthetic model.", no_args_is_help=True
)
app.add_typer(layers_app, name="layers")
app.add_typer(scenario_app, name="scenario")
app.add_typer(grid_app, name="grid")


def _print_version(asked: bool) -> None:  # noqa: FBT001 - typer's form of a flag
    """Print the version and end."""
    if asked:
        from importlib.metadata import version  # noqa: PLC0415

        say(f"siteopt {version('siteopt')}")
        raise typer.Exit


@app.callback()
def common(
    verbose: Annotated[
        int,
        typer.Option(
            "-v",
            "--verbose",
            count=True,
            show_default=False,
            help="Log the steps on standard error; -vv: every detail.",
        ),
    ] = 0,
    version: Annotated[  # noqa: ARG001, FBT002 - its callback prints and ends
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Find where South Korea should put gigawatts of AI data centres."""
    from siteopt._logging import log_to_stderr  # noqa: PLC0415

    log_to_stderr(verbose)


Scenario = Annotated[
    str, typer.Argument(help="A scenario file, or the name of a ready one such as national-2035.")
]
RunFolder = Annotated[Path, typer.Argument(help="The folder of a finished run.")]
DataFolder = Annotated[
    Path | None, typer.Option("--data", help="Data folder in place of the embedded layers.")
]

LayerFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--layer",
        metavar="ID=FILE",
        help="File of a layer, over that of the scenario; a raster also by GDAL's name, such as "
        "/vsis3/BUCKET/KEY.tif, /vsicurl/https://... or /vsizip/FILE.zip/NAME.tif. Repeat.",
    ),
]

Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="tcp://HOST:PORT",
        envvar="DASK_SCHEDULER_ADDRESS",
        help="Scheduler of a Dask cluster (or tls://...) whose workers do what can be shared out.",
    ),
]


def _with_data(
    scenario: LoadedScenario, data: Path | None, layers: list[str] | None = None
) -> LoadedScenario:
    """Return a scenario that reads its layers from a data folder and files, where they are named."""
    if data is not None:
        scenario = scenario.model_copy(update={"data": data.absolute()})
    if not layers:
        return scenario
    from siteopt.runs.named_layers import with_named_layers  # noqa: PLC0415

    return with_named_layers(scenario, layers)


@app.command("run")
def run_command(  # noqa: PLR0913, PLR0917 - typer's form of options
    context: typer.Context,
    scenario: Scenario,
    out: Annotated[Path, typer.Option(help="Folder for the files of the run.")],
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,  # noqa: FBT002 - typer's form of a flag
    cache: Annotated[
        Path | None,
        typer.Option(
            envvar="SITEOPT_CACHE",
            help="Folder that keeps results of stages; .siteopt-cache beside --out by default.",
        ),
    ] = None,
    brief: Annotated[  # noqa: FBT002
        bool, typer.Option("--brief", help="Plan and ranking only: no other plans, no map.")
    ] = False,
    no_report: Annotated[  # noqa: FBT002
        bool, typer.Option("--no-report", help="No report.pdf and no pictures of it.")
    ] = False,
    report_language: Annotated[
        Literal["ko", "en"] | None,
        typer.Option(help="Language of report.pdf, instead of that of the scenario."),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run every stage anew.")] = False,  # noqa: FBT002
    why: Annotated[bool, typer.Option("--why", help="Say of each stage why it ran.")] = False,  # noqa: FBT002
    full: Annotated[  # noqa: FBT002
        bool, typer.Option("--full", help="Of a set: maps and other plans of every variant too.")
    ] = False,
    processes: Annotated[
        int, typer.Option(min=1, help="Of a set: variants solved side by side.")
    ] = 1,
    data: DataFolder = None,
    layer: LayerFiles = None,
    scheduler: Scheduler = None,
) -> None:
    """Screen, describe, choose and rank; write the map, the report and the tables.

    Only what depends on a change runs: by content of layers, scenario, parameters and code. Of a
    set of scenarios every variant is run, and every plan is judged in all of them.
    """
    from siteopt.distribution import on_scheduler  # noqa: PLC0415 - help answers without them
    from siteopt.runs.execution import run  # noqa: PLC0415
    from siteopt.scenario import is_scenario_set, load_scenario  # noqa: PLC0415

    context.with_resource(on_scheduler(scheduler))
    if is_scenario_set(scenario):
        from siteopt.scenario_sets.command import run_and_print  # noqa: PLC0415

        if data is not None:
            raise ScenarioError("--data: of a set each scenario names its own folder (key `data`)")
        if layer:
            raise ScenarioError("--layer: of a set each scenario names its own files ([layers])")
        if not run_and_print(
            scenario, out, cache=cache, full=full, processes=processes, quiet=quiet
        ):
            raise typer.Exit(EXIT_STOPPED_AT_LIMIT)
        return
    loaded = _with_data(load_scenario(scenario), data, layer)
    if report_language is not None:
        options = loaded.report.model_copy(update={"language": report_language})
        loaded = loaded.model_copy(update={"report": options})
    finished = run(
        loaded,
        out,
        cache=cache,
        brief=brief,
        report=not no_report,
        fresh=fresh,
        show_progress=not quiet,
        tell=say if why else None,
    )
    say(finished.summary(), lines=True)
    if not finished.is_optimal:
        raise typer.Exit(EXIT_STOPPED_AT_LIMIT)


@app.command("screen")
def screen_command(  # noqa: PLR0913, PLR0917 - typer's form of options
    context: typer.Context,
    scenario: Scenario,
    out: Annotated[Path, typer.Option(help="GeoTIFF for the reasons of every cell.")],
    cell_m: Annotated[
        float | None,
        typer.Option(help="Side of a cell in metres, instead of that of the scenario."),
    ] = None,
    nearly: Annotated[  # noqa: FBT002 - typer's form of a flag
        bool,
        typer.Option(
            "--nearly", help="By how much land that one reason alone excludes misses its limit."
        ),
    ] = False,
    strictest: Annotated[  # noqa: FBT002
        bool, typer.Option("--strictest", help="The strictest reason of every cell.")
    ] = False,
    memory_mb: Annotated[
        float | None,
        typer.Option(
            min=1,
            help="Memory for the windows judged at the same time, MB, instead of that of the "
            "scenario.",
        ),
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Windows judged side by side; all cores by default.")
    ] = None,
    data: DataFolder = None,
    layer: LayerFiles = None,
    scheduler: Scheduler = None,
) -> None:
    """Screen land alone, in cells of any size: every reason of every cell, as a GeoTIFF.

    A call that was stopped leaves no half-written file, and the next one goes on.
    """
    from siteopt.distribution import on_scheduler  # noqa: PLC0415
    from siteopt.runs.screen_command import screen_and_print  # noqa: PLC0415

    context.with_resource(on_scheduler(scheduler))
    screen_and_print(
        scenario, out, cell_m=cell_m, nearly=nearly, strictest=strictest, memory_mb=memory_mb,
        threads=threads, data=data, layers=layer or (),
    )  # fmt: skip


@app.command("explain")
def explain_command(
    run_folder: RunFolder,
    place: Annotated[str, typer.Argument(help="A site id, or LON,LAT in degrees.")],
    lang: Annotated[Literal["en", "ko"], typer.Option(help="English or Korean.")] = "en",
) -> None:
    """Say why a place is in the answer, or why not."""
    from siteopt.runs.results import open_run  # noqa: PLC0415

    say(open_run(run_folder).explain(place, lang), lines=True)


@app.command("compare")
def compare_command(  # noqa: PLR0913, PLR0917 - one for each word and option
    before: Annotated[
        str, typer.Argument(help="A run folder, a git revision, or . for the working tree.")
    ],
    after: Annotated[str, typer.Argument(help="What it is compared with, likewise.")] = ".",
    scenario: Annotated[
        str | None, typer.Option(help="What to run where a side is not a finished run.")
    ] = None,
    causes: Annotated[
        bool | None,
        typer.Option(
            "--causes/--no-causes",
            help="Trace each change to its input, with further runs; by default where a side is "
            "not a finished run.",
        ),
    ] = None,
    output: Annotated[
        Literal["text", "markdown", "json"], typer.Option("--format", help="How to print it.")
    ] = "text",
    map_path: Annotated[
        Path | None, typer.Option("--map", help="Write a map with both answers.")
    ] = None,
    json_path: Annotated[
        Path | None, typer.Option("--json", help="Write all that differs as JSON too.")
    ] = None,
    runs_max: Annotated[int, typer.Option(min=0, help="Most runs to trace causes with.")] = 24,
    data_before: Annotated[
        Path | None, typer.Option(help="Data folder that the first run was made with.")
    ] = None,
    data_after: Annotated[
        Path | None, typer.Option(help="Data folder that the second run was made with.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Folder where stages keep their results.")
    ] = None,
) -> None:
    """Say what differs between two answers, and which input brought each change about.

    A side that is a git revision or a working tree is run with the code that it holds, as you:
    name none that you would not run yourself. The folder of a set of scenarios is tabled alone, or
    compared with another set or a run.
    """
    from siteopt.scenario_sets.set_result import is_set_folder  # noqa: PLC0415

    if is_set_folder(before):
        from siteopt.scenario_sets.command import compare_set  # noqa: PLC0415

        compare_set(before, after, output=output, map_path=map_path, json_path=json_path)
        return
    from siteopt.comparison.command import compare_and_print  # noqa: PLC0415

    compare_and_print(
        before, after, scenario=scenario, causes=causes, output=output, map_path=map_path, json_path=json_path,
        runs_max=runs_max, data=(data_before, data_after), cache=cache,
    )  # fmt: skip


@app.command("hubs")
def hubs_command(  # noqa: PLR0913, PLR0917 - typer's form of options
    out: Annotated[Path, typer.Argument(help="Folder for the tables and the runs.")],
    scenarios: Annotated[
        list[str] | None,
        typer.Option(help="Scenario to put beside the others; repeat. The ready three by default."),
    ] = None,
    early_worth: Annotated[
        float | None,
        typer.Option(min=0, help="Worth of earlier power instead, bn KRW a MW and year."),
    ] = None,
    no_match: Annotated[bool, typer.Option("--no-match", help="Match no clean energy.")] = False,  # noqa: FBT002 - typer's form of a flag
    maps: Annotated[bool, typer.Option("--maps", help="Write the map of each run too.")] = False,  # noqa: FBT002
    cache: Annotated[
        Path | None,
        typer.Option(envvar="SITEOPT_CACHE", help="Folder that keeps results of stages."),
    ] = None,
) -> None:
    """Put one hub, three campuses and many sites side by side: cost, years, payers, loss."""
    from siteopt.comparison.hubs import HUB_SCENARIOS, compare_hubs  # noqa: PLC0415
    from siteopt.comparison.side_by_side import markdown  # noqa: PLC0415

    table = compare_hubs(
        out, scenarios or HUB_SCENARIOS, early_worth_bn_krw_per_mw_year=early_worth, cache=cache,
        brief=not maps, match=not no_match, tell=lambda line: say(line, err=True),
    )  # fmt: skip
    say(markdown(table, "en"), lines=True)


@app.command("sensitivity")
def sensitivity_command(  # noqa: PLR0913, PLR0917 - one for each word and option
    context: typer.Context,
    scenario: Scenario,
    out: Annotated[Path | None, typer.Option(help="CSV file for the whole table.")] = None,
    page: Annotated[Path | None, typer.Option(help="Markdown file for the table.")] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Key to vary, or a pattern such as 'ppa_*'; repeat.")
    ] = None,
    choices: Annotated[
        Path | None,
        typer.Option(help="CSV with key,low,high,unit,note: values of the scenario to vary."),
    ] = None,
    processes: Annotated[int, typer.Option(min=1, help="Plans solved side by side.")] = 2,
    cache: Annotated[
        Path | None,
        typer.Option(
            envvar="SITEOPT_CACHE",
            help="Folder that keeps results of stages; with one, a table that was stopped goes on.",
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing on the way.")] = False,  # noqa: FBT002
    scheduler: Scheduler = None,
) -> None:
    """Say how far the chosen sites hang on each assumption: solved at its low and high end."""
    from siteopt.distribution import on_scheduler  # noqa: PLC0415
    from siteopt.sensitivity.command import tabulate  # noqa: PLC0415

    context.with_resource(on_scheduler(scheduler))
    table = tabulate(
        scenario, out=out, page=page, only=only or (), choices=choices, processes=processes,
        cache=cache, tell=None if quiet else lambda line: say(line, err=True),
    )  # fmt: skip
    print_table(table, "Sensitivity of the chosen sites")


@app.command("backtest")
def backtest_command(  # noqa: PLR0913, PLR0917 - one for each word and option
    sites: Annotated[
        Path,
        typer.Argument(
            metavar="SITES.csv",
            help="Your list of real sites: CSV with name, lon, lat (degrees), class and date.",
        ),
    ],
    scenario: Annotated[
        str | None,
        typer.Option(help="A scenario file or ready scenario; national-2035 by default."),
    ] = None,
    run: Annotated[
        Path | None, typer.Option(help="The folder of a finished run, instead of a scenario.")
    ] = None,
    by_criterion: Annotated[  # noqa: FBT002 - typer's form of a flag
        bool,
        typer.Option("--by-criterion", help="Direction and strength of each criterion as well."),
    ] = False,
    plan: Annotated[  # noqa: FBT002
        bool,
        typer.Option(
            "--plan/--no-plan",
            help="Whether distances to the chosen sites are given; a scenario is solved for them.",
        ),
    ] = True,
    since: Annotated[
        str | None, typer.Option(help="ISO date: sites before it and since it apart as well.")
    ] = None,
    campus_km: Annotated[
        float, typer.Option(help="Rows within so many km, or with one candidate, are one campus.")
    ] = 2.0,
    reach_km: Annotated[
        float,
        typer.Option(
            help="How far the candidate may be that a site outside all tiles is judged by."
        ),
    ] = 5.0,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for backtest.csv, backtest.md and backtest.geojson."),
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(envvar="SITEOPT_CACHE", help="Folder that keeps results of stages."),
    ] = None,
) -> None:
    """Plausibility check: where a list of real sites falls among eligible land.

    For each site: district, eligible or why not, percentiles of cost and suitability, distance to
    the nearest chosen site, the criterion to blame; shares above a percentile with exact intervals.
    """
    from siteopt.backtesting.command import check_plausibility  # noqa: PLC0415

    told, criteria = check_plausibility(
        sites, scenario=scenario, run=run, by_criterion=by_criterion, plan=plan, since=since,
        campus_km=campus_km, reach_km=reach_km, out=out, cache=cache,
    )  # fmt: skip
    say(told, lines=True)
    if criteria is not None:
        print_table(criteria, "Criteria beside the list: no basis for weights")


@app.command("weights")
def weights_command(
    file: Annotated[
        str, typer.Argument(help="A file of judgements, or the name of a ready one: example.")
    ],
    scenario: Annotated[
        str | None, typer.Option(help="Scenario whose sites are weighed; no plan is solved.")
    ] = None,
    run: Annotated[
        Path | None, typer.Option("--run", help="Folder of a finished run, instead.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the tables as CSV.")] = None,
    cache: Annotated[
        Path | None,
        typer.Option(envvar="SITEOPT_CACHE", help="Folder that keeps results of stages."),
    ] = None,
) -> None:
    """Turn judgements of stakeholders into weights, and say what they do to the order of sites."""
    from siteopt.runs.weights_command import weigh_and_print  # noqa: PLC0415

    weigh_and_print(file, scenario, run, out, cache)


@layers_app.command("list")
def layers_list(
    layer: Annotated[
        str | None, typer.Argument(help="One layer, with all that is known of it.")
    ] = None,
) -> None:
    """List the embedded layers; with the id of one, its source, licence and limits in full."""
    from siteopt.errors import LayerError  # noqa: PLC0415
    from siteopt.layers.catalogue import layer_rows  # noqa: PLC0415

    known = {str(row["id"]): row for row in layer_rows()}
    if layer is None:
        shown = ("id", "title_en", "vintage", "confidence", "size_kb")
        print_rows(shown, ([row[name] for name in shown] for row in known.values()), "Layers")
        say("`siteopt layers list ID` tells source, licence and limits of one")
        return
    if layer not in known:
        raise LayerError(f"layer {layer}: unknown; there are {', '.join(known)}")
    for name, value in known[layer].items():
        say(f"{name}: {value}")
    if known[layer]["kind"] == "raster":
        from siteopt.layers.raster_report import embedded_alignment  # noqa: PLC0415

        say(f"alignment: {embedded_alignment(layer)}")


@layers_app.command("check")
def layers_check(
    folder: Annotated[
        str | None,
        typer.Argument(help="A data folder, or a raster (.tif); the embedded layers by default."),
    ] = None,
    layer: Annotated[
        str, typer.Option("--as", help="Layer that the raster is read as, such as slope.")
    ] = "own",
) -> None:
    """Check every layer against its schema and its hash; of one raster also how it is aligned."""
    from siteopt.layers import check_layers  # noqa: PLC0415
    from siteopt.layers.raster_report import is_raster_name, raster_lines  # noqa: PLC0415

    if folder is not None and is_raster_name(folder):
        say("\n".join(raster_lines(folder, layer)), lines=True)
        return
    count = len(check_layers(None if folder is None else Path(folder)))
    say(f"{count} layers are as the catalogue and their schemas say")


@layers_app.command("hash")
def layers_hash(
    folder: Annotated[
        Path | None, typer.Argument(help="A data folder; the embedded one by default.")
    ] = None,
) -> None:
    """Take the hashes of the layer files as they are now into the catalogue."""
    from siteopt.layers.catalogue import rehash_catalogue  # noqa: PLC0415

    changed = rehash_catalogue(folder)
    say(f"hash updated: {', '.join(changed)}" if changed else "every hash was right")


def _to_stderr(line: str) -> None:
    say(line, err=True)


@layers_app.command("fetch")
def layers_fetch(  # noqa: PLR0913, PLR0917 - one for each word and option
    source: Annotated[
        Literal[
            "openstreetmap",
            "copernicus_dem",
            "global_solar_atlas",
            "global_wind_atlas",
            "worldcover",
            "worldpop",
        ],
        typer.Argument(help="Where the layers come from."),
    ],
    ids: Annotated[
        list[str] | None, typer.Argument(help="Layers of the source; all by default.")
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Data folder; made with the embedded layers where missing.")
    ] = Path("layers"),
    here: Annotated[
        Path | None,
        typer.Option(
            "--from", help="An extract (.osm.pbf, .osm), or rasters (.tif, .zip, a folder)."
        ),
    ] = None,
    server: Annotated[str | None, typer.Option(help="Address of another Overpass API.")] = None,
    recipe: Annotated[Path | None, typer.Option(help="A recipe of your own (TOML).")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Forbid the network.")] = False,  # noqa: FBT002
    accept: Annotated[  # noqa: FBT002
        bool,
        typer.Option("--accept-changes", help="Also take a layer that lost most of what it had."),
    ] = False,
    licence: Annotated[  # noqa: FBT002
        bool,
        typer.Option("--accept-licence", help="Accept terms that forbid passing on or selling."),
    ] = False,
) -> None:
    """Fetch layers from their source into a data folder: the one command that uses a network."""
    from siteopt.sources.fetching.fetch import fetch_openstreetmap, fetch_rasters  # noqa: PLC0415

    if source == "openstreetmap":
        entries = fetch_openstreetmap(
            out, ids, extract=here, server=server, recipe=recipe, offline=offline, accept=accept,
            accept_licence=licence, warn=_to_stderr, tell=say,
        )  # fmt: skip
    else:
        entries = fetch_rasters(
            out, source, ids, tiles=here, recipe=recipe, offline=offline, accept=accept,
            accept_licence=licence, warn=_to_stderr, tell=say,
        )  # fmt: skip
    say(f"{len(entries)} layers put into {out}")


@layers_app.command("take")
def layers_take(  # noqa: PLR0913, PLR0917 - one for each word and option
    recipe: Annotated[
        str,
        typer.Argument(
            help="Name of a recipe, or a .toml file of your own; for a grid case matpower, kpg or pypsa."
        ),
    ],
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="What you downloaded: .shp, .gpkg, .geojson, .csv, .xlsx, .zip; of a grid case a .m "
            "file, a folder or a .nc file; of weather .epw, .csv, .nc, any number.",
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="Data folder; made with the embedded layers where missing.")
    ] = Path("layers"),
    crs: Annotated[int | None, typer.Option(help="EPSG code of a Shapefile without one.")] = None,
    accept: Annotated[  # noqa: FBT002
        bool,
        typer.Option("--accept-changes", help="Also take a layer that lost most of what it had."),
    ] = False,
    licence: Annotated[  # noqa: FBT002
        bool,
        typer.Option("--accept-licence", help="Accept terms that forbid passing on or selling."),
    ] = False,
    places: Annotated[
        Path | None,
        typer.Option(help="Of a grid case without places: CSV with bus_id, lon, lat."),
    ] = None,
    cost_unit_krw: Annotated[
        float | None,
        typer.Option(help="Of a grid case: KRW in one unit of its costs, 1 by default."),
    ] = None,
) -> None:
    """Take what you downloaded into a data folder: files read by a recipe, or a grid case."""
    from siteopt.sources.fetching.taking import take_downloaded  # noqa: PLC0415

    take_downloaded(
        out, recipe, files, crs=crs, places=places, cost_unit_krw=cost_unit_krw, accept=accept,
        accept_licence=licence, warn=_to_stderr, tell=say,
    )  # fmt: skip


@layers_app.command("compare")
def layers_compare(
    before: Annotated[Path, typer.Argument(help="A data folder.")],
    after: Annotated[Path, typer.Argument(help="What it is compared with.")],
) -> None:
    """Say what changed between two data folders; 1 where a change is to be looked at."""
    from siteopt.sources.fetching.layer_changes import compare_folders  # noqa: PLC0415

    changes = compare_folders(before, after)
    for change in changes:
        say(change.line())
    say(f"{len(changes)} layers differ")
    if any(change.doubt for change in changes):
        raise typer.Exit(EXIT_DOUBTFUL_CHANGE)


@layers_app.command("build")
def layers_build(
    sources: Annotated[Path, typer.Option(help="Folder with the upstream files.")],
    facts: Annotated[Path, typer.Option(help="Folder with the fact tables.")],
    out: Annotated[
        Path | None, typer.Option(help="Data folder to write; the embedded one by default.")
    ] = None,
) -> None:
    """Build the embedded layers and their catalogue again."""
    from siteopt._data import data_folder  # noqa: PLC0415
    from siteopt.sources.build import build_layers  # noqa: PLC0415

    folder = data_folder() if out is None else out
    built = build_layers(sources, facts, folder)
    say(f"{len(built)} layers written to {folder}")


@scenario_app.command("check")
def scenario_check(scenario: Scenario, data: DataFolder = None, layer: LayerFiles = None) -> None:
    """Go through the first half of a run: all that is read and can be checked without an answer."""
    from siteopt.runs.evaluation import check  # noqa: PLC0415
    from siteopt.scenario import is_scenario_set, load_scenario  # noqa: PLC0415

    if is_scenario_set(scenario):
        from siteopt.scenario_sets.command import check_set  # noqa: PLC0415

        check_set(scenario)
        return
    checked = _with_data(load_scenario(scenario), data, layer)
    layers, notes = check(checked)
    say(f"{checked.name}: fine ({checked.target.it_mw:g} MW of IT load in {checked.target.year})")
    for key in sorted(checked.parameters):
        row = layers.parameters.row(key)
        say(f"  {key}: {row.value:g} {row.unit} ({row.source})")
    for note in notes:
        say(f"note: {note}")


@scenario_app.command("schema")
def scenario_schema_command() -> None:
    """Print the JSON schema of scenario files."""
    from siteopt.scenario import scenario_schema  # noqa: PLC0415

    print_json(json.dumps(scenario_schema(), ensure_ascii=False, indent=2))


@grid_app.command("hosting")
def grid_hosting(  # noqa: PLR0913, PLR0917 - one for each option
    snapshot: Annotated[str, typer.Option(help="Hour of the `snapshots` layer.")] = "peak",
    security: Annotated[
        Literal["none", "n-1"], typer.Option(help="Whether limits hold after any single outage.")
    ] = "none",
    case: Annotated[
        Path | None,
        typer.Option(help="A MATPOWER .m file, or a folder with one or with case_*.csv files."),
    ] = None,
    bus: Annotated[
        list[str] | None, typer.Option(help="Id of a bus to look at; repeat. All by default.")
    ] = None,
    output: Annotated[
        Literal["table", "csv", "json"], typer.Option("--format", help="How to print it.")
    ] = "table",
    processes: Annotated[int, typer.Option(min=1, help="Cores to use.")] = 2,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,  # noqa: FBT002
) -> None:
    """Say how much more each bus can draw: a model estimate on a public case, not KEPCO's figure."""
    from siteopt._csv import csv_text  # noqa: PLC0415
    from siteopt.grid.hosting_study import study_hosting  # noqa: PLC0415

    study = study_hosting(
        snapshot, security, case, buses=bus, processes=processes, show_progress=not quiet,
        tell=lambda note: say(f"note: {note}", err=True),
    )  # fmt: skip
    table = study.table.assign(hosting_mw=study.table["hosting_mw"].round(3))
    if output == "csv":
        say(csv_text(table), lines=True, nl=False)
    elif output == "json":
        print_json(json.dumps(table.to_dict("records"), ensure_ascii=False, indent=1))
    else:
        shown = table.assign(hosting_mw=table["hosting_mw"].map("{:,.1f}".format))
        title = f"Hosting capacity, {study.snapshot.title_en}, security {security} (model estimate)"
        print_table(shown, title)


def _usage(error: Exception) -> str:
    """Return what is wrong with the words of a command; nothing where its help is shown."""
    words = " ".join(str(getattr(error, "format_message", lambda: error)()).split())
    command = getattr(getattr(error, "ctx", None), "command_path", "siteopt")
    return f"siteopt: {words.rstrip('.')}; see `{command} --help`" if words else ""


def _called(call: Callable[[], object]) -> object:
    """Return the exit code of a command; whether anybody reads what it prints is known then."""
    try:
        code = call()
        sys.stdout.flush()  # what cannot be printed fails here, not in Python's exit
    except BrokenPipeError:
        code = EXIT_NOBODY_READS
    except SystemExit as ended:  # typer's own answer to a closed pipe
        code = ended.code
    if code == EXIT_NOBODY_READS:
        _let_go_of_stdout()
    return code


def _of_the_machine(error: OSError | MemoryError) -> str:
    """Return in a line what the machine could not do, and what would help."""
    from siteopt.errors import one_line, why_not_read  # noqa: PLC0415

    if isinstance(error, MemoryError):
        return "not enough memory; larger cells (screening.cell_m) and smaller layers take less"
    help_ = {
        errno.ENOSPC: "; make room there, or give another folder (TMPDIR for temporary files)",
        errno.EROFS: "; give a folder that is yours to write",
        errno.EACCES: "; give a file or folder that is yours",
    }
    name = error.filename2 or error.filename or "standard output or a temporary file"
    return one_line(f"{name}: {why_not_read(error)}{help_.get(error.errno or 0, '')}")


def _let_go_of_stdout() -> None:
    """Have nothing more printed: Python would fail once more when it ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _in_one_line(call: Callable[[], object]) -> int:
    """Run the command line; return its exit code, a known error as one line on stderr."""
    from siteopt.errors import SiteoptError  # noqa: PLC0415

    try:
        code = _called(call)
    except SiteoptError as error:
        say(f"siteopt: {error}", err=True)
        details = getattr(error, "details", "")
        if details:
            say(details, lines=True, err=True)
        return error.exit_code
    except _UsageError as error:
        if message := _usage(error):
            say(message, err=True)
        return EXIT_BAD_INPUT
    except (OSError, MemoryError) as error:
        _let_go_of_stdout()
        say(f"siteopt: {_of_the_machine(error)}", err=True)
        return EXIT_BAD_INPUT
    except (typer.Abort, KeyboardInterrupt):
        code = EXIT_STOPPED_BY_USER
    if code == EXIT_STOPPED_BY_USER:  # typer gives it for Ctrl-C, without a message
        say("siteopt: stopped; no file was written", err=True)
    return code if isinstance(code, int) else 0


def finish(call: Callable[[], object]) -> NoReturn:
    """Run a command, and end with its exit code; a known error is one line on standard error.

    Parameters
    ----------
    call : callable
        Returns the exit code, or raises what is wrong.
    """
    with warnings.catch_warnings():
        warnings.showwarning = warn_in_one_line
        code = _in_one_line(call)
    sys.exit(code)


def main() -> NoReturn:
    """Run the command that the words of the command line name; see :mod:`siteopt.entry`."""
    finish(lambda: app(prog_name="siteopt", standalone_mode=False))
