"""A small chain of stages in memory: layers that are numbers, and what is made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest

from siteopt.layers.parameters import Parameters
from siteopt.scenario import load_scenario
from siteopt.stages.scheduler import Scheduler
from siteopt.stages.stage import Stage
from siteopt.stages.store import Store


@dataclass
class NumberLayers:
    """Layers in memory, each a table of one number; counts how often one is read."""

    numbers: dict[str, float]
    keys: dict[str, float] = field(default_factory=lambda: {"price": 2.0, "other": 1.0})
    reads: list[str] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return sorted(self.numbers)

    @property
    def parameters(self) -> Parameters:
        rows = [[key, value, None, None, "", "", "", ""] for key, value in self.keys.items()]
        names = ["key", "value", "low", "high", "unit", "kind", "source", "confidence"]
        return Parameters([pd.DataFrame(rows, columns=names)])

    def table(self, layer_id: str) -> pd.DataFrame:
        self.reads.append(layer_id)
        return pd.DataFrame({"number": [self.numbers[layer_id]]})

    def kind(self, _: str) -> str:
        return "table"

    def path(self, layer_id: str) -> Any:
        return layer_id

    def is_own(self, _: str) -> bool:
        return False

    def sha256(self, layer_id: str) -> str:
        return str(self.numbers[layer_id])

    def entry(self, layer_id: str) -> Any:
        return Entry(layer_id)

    def provenance(self) -> list[Any]:
        return [Entry(name) for name in self.ids]

    def check(self) -> None:
        return None


@dataclass
class Entry:
    file: str
    kind: str = "table"
    sha256: str = ""


ran: list[str] = []
"""Names of the stages that ran, in order."""


def first(given: Any) -> pd.DataFrame:
    ran.append("first")
    return given.layers.table("a") * given.layers.parameters.value("price")


def halved(given: Any) -> dict[str, Any]:
    ran.append("halved")
    whole = float(given.result(FIRST)["number"].iloc[0]) // 2
    return {"half": whole, "array": np.arange(6.0).reshape(2, 3) + whole}


def last(given: Any) -> dict[str, Any]:
    ran.append("last")
    half = given.result(HALVED)["half"]
    if given.scenario.target.it_mw > 1000:
        half += float(given.layers.table("b")["number"].iloc[0])
    return {"answer": half}


FIRST = Stage("first", "one", first, "a")
HALVED = Stage("halved", "two", halved, "a")
LAST = Stage("last", "three", last, "b")
TOY = (FIRST, HALVED, LAST)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "cache")


@pytest.fixture
def scheduled(store):
    """Return a function that schedules the toy stages in a new process, as far as they can tell."""

    def schedule(numbers=(4.0, 10.0), keys=None, it_mw=3000.0, *, kept=store, **more):
        ran.clear()
        scenario = load_scenario("national-2035")
        target = scenario.target.model_copy(update={"it_mw": it_mw})
        layers = NumberLayers(dict(zip("ab", numbers, strict=True)))
        layers.keys |= keys or {}
        return Scheduler(TOY, scenario.model_copy(update={"target": target}), layers, kept, **more)

    return schedule


@pytest.fixture
def stages_run():
    return ran
