"""Files of layers that the command line names: only of layers that something reads."""

from pathlib import Path

import pytest

from siteopt import load_scenario
from siteopt.criteria import CRITERIA
from siteopt.errors import ScenarioError
from siteopt.layers.catalogue import read_catalogue
from siteopt.runs.named_layers import with_named_layers


@pytest.fixture(scope="module")
def scenario():
    return load_scenario("national-2035")


def test_a_file_is_read_for_a_layer_of_the_catalogue_a_rule_or_a_criterion(scenario):
    finer = {rule.layer for rule in scenario.screening.exclusions if getattr(rule, "layer", "")}
    of_columns = {name for column in CRITERIA.values() for name in column.layers}
    wanted = sorted({*read_catalogue().entries, *finer, *of_columns, "complex_borders"})
    given = with_named_layers(scenario, [f"{name}=a.tif" for name in wanted])
    assert given.layers == {name: Path("a.tif").absolute() for name in wanted}


def test_it_goes_before_the_file_of_the_scenario(scenario):
    own = scenario.model_copy(update={"layers": {"noise": Path("/a.tif"), "slope": Path("/b.tif")}})
    given = with_named_layers(own, ["slope=/vsizip/c.zip/d.tif", "noise=/e.tif"])
    assert given.layers["noise"] == Path("/e.tif")
    assert given.layers["slope"] != Path("/b.tif")
    assert own.layers["noise"] == Path("/a.tif")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("slpe", "did you mean slope"),
        ("osm_schols", "did you mean osm_schools"),
        ("qqq", "name one of `siteopt layers list`"),
    ],
)
def test_a_name_that_nothing_reads_is_refused(scenario, name, advice):
    with pytest.raises(ScenarioError, match=rf"--layer {name}: nothing reads .*; {advice}"):
        with_named_layers(scenario, [f"{name}=a.tif"])
