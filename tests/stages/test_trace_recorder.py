import multiprocessing
import pickle
from pathlib import Path

import pytest
from pydantic import BaseModel

from siteopt.scenario import Scenario, Target, load_scenario
from siteopt.stages.keys import GONE, Keys, file_token, scenario_token
from siteopt.stages.trace_recorder import RecordedIds, RecordedModel


class Inner(BaseModel):
    x: int = 1
    y: int = 2

    @property
    def both(self):
        return self.x + self.y

    def times(self, n):
        return n * self.x


class Outer(BaseModel):
    inner: Inner = Inner()
    maybe: Inner | None = None
    listed: list[Inner] = [Inner()]
    name: str = "n"


@pytest.fixture
def notes():
    return []


@pytest.fixture
def outer(notes):
    return RecordedModel(Outer(), "", notes.append)


def test_a_field_is_noted_by_its_whole_key(outer, notes):
    assert outer.inner.x == 1
    assert notes == ["scenario: inner.x"]


def test_a_setting_that_moves_no_answer_is_not_noted(notes):
    screening = RecordedModel(load_scenario("national-2035"), "", notes.append).screening
    assert screening.memory_mb == 512.0
    assert notes == []
    assert screening.cell_m == 250.0
    assert notes == ["scenario: screening.cell_m"]
    assert dict(screening)["memory_mb"] == 512.0  # all of it is read, and that is noted
    assert set(notes[1:]) == {"scenario: screening"}


def test_going_through_a_part_is_not_reading_it(outer, notes):
    assert outer.inner is not None
    assert notes == []


def test_whether_an_optional_part_is_there_is_noted(notes):
    with_part = RecordedModel(Outer(maybe=Inner()), "", notes.append)
    assert with_part.maybe is not None
    assert notes == ["kind of: maybe"]
    assert RecordedModel(Outer(), "", notes.append).maybe is None
    assert notes == ["kind of: maybe", "scenario: maybe"]


def test_a_property_is_noted_and_a_method_counts_as_the_whole(outer, notes):
    assert outer.inner.both == 3
    assert outer.inner.times(3) == 3
    assert outer.model_dump()["name"] == "n"
    assert notes == ["scenario: inner.both", "scenario: inner", "scenario: "]


@pytest.mark.parametrize(
    "use",
    [
        lambda part: pickle.loads(pickle.dumps(part)),  # noqa: S301 - made here
        lambda part: part == Inner(),
        repr,
        dict,
        lambda part: part.__dict__,
        lambda part: f"{part!s}",
    ],
)
def test_any_other_use_counts_as_the_whole(outer, notes, use):
    use(outer.inner)
    assert "scenario: inner" in notes


def test_what_is_sent_to_another_process_is_the_model(outer):
    sent = pickle.loads(pickle.dumps(outer.inner))  # noqa: S301 - made here
    assert type(sent) is Inner
    assert multiprocessing.get_context("fork")


def test_it_passes_for_what_it_stands_for(outer):
    assert isinstance(outer.inner, Inner)
    match outer.inner:
        case Inner():
            pass
        case _:
            pytest.fail("not taken for the model")
    with pytest.raises(AttributeError, match="does not change the scenario"):
        outer.name = "x"


def test_a_file_of_a_scenario_stands_for_its_content(tmp_path):
    file = tmp_path / "parcels.shp"
    file.write_bytes(b"1")
    (tmp_path / "parcels.dbf").write_bytes(b"2")
    before = file_token(file)
    assert file_token(file) == before
    (tmp_path / "other.dbf").write_bytes(b"3")
    assert file_token(file) == before
    (tmp_path / "parcels.dbf").write_bytes(b"4")
    changed = file_token(file)
    assert changed != before
    (tmp_path / "parcels.cpg").write_bytes(b"cp949")
    assert file_token(file) != changed
    assert file_token(tmp_path / "none.shp") == GONE
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for path in tmp_path.glob("parcels.*"):
        (moved / path.name).write_bytes(path.read_bytes())
    assert file_token(moved / "parcels.shp") == file_token(file)


def test_a_scenario_token_says_what_it_is_or_hides_length():
    scenario = load_scenario("national-2035")
    assert scenario_token(scenario.target.year) == "2035"
    assert scenario_token(scenario.screening).startswith("sha256 ")
    own = scenario.model_copy(update={"layers": {"stations": Path("a.csv")}})
    assert scenario_token(own) != scenario_token(scenario)


def test_a_key_that_is_gone_is_no_error():
    scenario = load_scenario("national-2035")
    keys = Keys(scenario, None)
    assert keys.token("scenario: target.year") == "2035"
    assert keys.token("scenario: target.no_such_key") == GONE
    assert keys.token("kind of: target") == Target.__name__
    assert keys.token("scenario: ") == scenario_token(scenario)
    assert isinstance(RecordedModel(scenario, "", print), Scenario)


def test_asking_for_one_layer_is_not_reading_the_list(notes):
    ids = RecordedIds(["lines", "stations"], notes.append)
    assert "lines" in ids
    assert "roads" not in ids
    assert notes == ["layer there: lines", "layer there: roads"]
    assert list(ids) == ["lines", "stations"]
    assert len(ids) == 2
    assert set(notes[2:]) == {"layers: ids"}
