"""What worker processes of a cluster answer, byte by byte as a single run."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from siteopt.distribution import ClusterExecutor, executor
from siteopt.grid._station_search import points_xy
from siteopt.grid.routes import cost_surface, find_routes, read_ground
from siteopt.layers import open_layers
from siteopt.layers.raster_file import RasterFile
from siteopt.portfolio import rank, solve
from siteopt.robustness.draws import draw_inputs, solve_draws
from siteopt.robustness.overturn import overturning
from siteopt.robustness.plan_pool import distinct_plans
from siteopt.robustness.uncertain_inputs import read_rules
from siteopt.scenario import Ranking as Settings
from siteopt.scenario import load_scenario
from siteopt.screening import judging
from siteopt.screening.exclusions import prepare_rules, screen
from siteopt.screening.margins import MeasuredRules
from siteopt.screening.reason_file import write_reasons
from tests.portfolio.instances import wide_case
from tests.robustness.conftest import drawn  # noqa: F401 - a fixture

pytestmark = pytest.mark.national


@pytest.fixture(scope="module")
def screening():
    asked = load_scenario("national-2035").screening
    return asked.model_copy(update={"cell_m": 1000.0})


@pytest.fixture(scope="module")
def screened(screening):
    return screen(open_layers(), screening)


def test_tiles(request, screening, screened):
    request.getfixturevalue("on_cluster")
    found = screen(open_layers(), screening)
    assert found.reasons.tobytes() == screened.reasons.tobytes()
    assert found.land.tobytes() == screened.land.tobytes()
    assert found.unknown_cells == screened.unknown_cells


def test_margins(request, screening, tmp_path):
    rules = MeasuredRules.of(prepare_rules(open_layers(), screening), with_strictest=True)
    alone = write_reasons(rules, tmp_path / "alone.tif")
    request.getfixturevalue("on_cluster")
    found = write_reasons(rules, tmp_path / "found.tif")
    for name in ("path", "nearly", "strictest"):
        assert getattr(found, name).read_bytes() == getattr(alone, name).read_bytes()
    pd.testing.assert_frame_equal(found.nearly_report(), alone.nearly_report())


class Files:
    """Layers whose rasters are read from files part by part."""

    def __init__(self, layers):
        self._layers = layers

    def __getattr__(self, name):
        return getattr(self._layers, name)

    def raster(self, layer_id):
        return RasterFile(self._layers.path(layer_id), layer_id)  # by parts, however small


@pytest.mark.parametrize("visible", [True, False], ids=["seen by workers", "sent"])
def test_tiles_of_raster_files(request, screening, tmp_path, monkeypatch, visible):
    request.getfixturevalue("on_cluster")
    if not visible:
        monkeypatch.setattr(judging, "file_signature", lambda _: "of another file")
    rules = prepare_rules(Files(open_layers()), screening)
    assert any(isinstance(getattr(rule, "raster", None), RasterFile) for rule in rules.rules)
    written = write_reasons(rules, tmp_path / "there.tif")
    monkeypatch.undo()
    write_reasons(prepare_rules(open_layers(), screening), tmp_path / "here.tif", workers=1)
    assert written.path.read_bytes() == (tmp_path / "here.tif").read_bytes()


def test_routes(request):
    layers = open_layers()
    surface = cost_surface(
        read_ground(layers, 4000.0), 345.0, layers.parameters, all_underground=False
    )
    places = points_xy(layers.vector("stations"))
    sites, stations = places[40:400:9], places[:40]
    pairs = np.random.default_rng(3).integers(0, [len(sites), len(stations)], (60, 2))
    single = find_routes(surface, sites, stations, pairs, threads=2)
    assert single.table["found"].sum() > 30
    request.getfixturevalue("on_cluster")
    found = find_routes(surface, sites, stations, pairs)
    pd.testing.assert_frame_equal(found.table, single.table, check_exact=True)
    assert found.cells.tobytes() == single.cells.tobytes()


def test_ranking(request):
    case = wide_case(41)
    problem, solver = case.problem(), case.scenario.solver
    plan = solve(problem, solver)
    single = rank(problem, plan, Settings(exact_others=3), solver)
    request.getfixturevalue("on_cluster")
    with executor(1) as pool:
        assert isinstance(pool, ClusterExecutor)
        found = rank(problem, plan, Settings(exact_others=3), solver, executor=pool)
    pd.testing.assert_frame_equal(found.table, single.table, check_exact=True)
    assert found.plan_of == single.plan_of
    assert [one.tobytes() for one in found.plans] == [one.tobytes() for one in single.plans]
    assert found.measured == single.measured


@pytest.fixture(scope="module")
def plain_draws(drawn):  # noqa: F811 - the fixture
    inputs = draw_inputs(drawn.model, read_rules(), drawn.model.parameters_read(), 4, "sobol")
    return inputs, solve_draws(drawn.model, inputs.assumptions, drawn.steps)


def assert_equal_draws(one, other):
    for name in ("table", "chosen", "standing"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


def test_draws(request, drawn, plain_draws):  # noqa: F811 - the fixture
    inputs, plain = plain_draws
    request.getfixturevalue("on_cluster")
    assert_equal_draws(solve_draws(drawn.model, inputs.assumptions, drawn.steps), plain)


def test_overturn_searches(request, drawn, plain_draws):  # noqa: F811 - the fixture
    inputs, plain = plain_draws
    year = int(drawn.steps["year"].iloc[0])
    pool = distinct_plans(
        drawn.model.problem,
        [drawn.steps, *(own.assign(year=year) for _, own in plain.chosen.groupby("draw"))],
    )
    asked = (drawn.model, inputs.inputs[:2], pool, drawn.model.problem.site_id.tolist()[:3])
    single = overturning(*asked)
    request.getfixturevalue("on_cluster")
    found = overturning(*asked)
    pd.testing.assert_frame_equal(found.sites, single.sites, check_exact=True)
    pd.testing.assert_frame_equal(found.pairs, single.pairs, check_exact=True)
