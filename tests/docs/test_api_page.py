"""The API page has every public name and no other, and what it says of each is whole."""

import importlib
import inspect
import re
from dataclasses import fields, is_dataclass
from functools import cached_property
from pathlib import Path

import pytest
from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import validate

import siteopt
from siteopt.scenario import Scenario

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
NAMED = re.compile(
    r"^\.\. (?:currentmodule:: (?P<module>\S+)|auto(?:class|function|exception):: (?P<name>\w+))",
    re.MULTILINE,
)

NOT_ASKED = {
    "ES01",  # a summary may say all there is
    "SA01",  # the page puts what belongs together side by side
    "EX01",  # asked of functions below
    "GL01",  # the text begins beside the quotes: the style of the house
}
"""Checks of numpydoc that say nothing here."""

OF_FUNCTIONS = {"PR01", "RT01", "YD01"}
"""Sections that functions need; a method of few words says it in its summary."""


def documented():
    """Return the names on the page, by module."""
    found = {}
    for entry in NAMED.finditer(PAGE):
        if entry["module"]:
            module = found.setdefault(entry["module"], [])
        else:
            module.append(entry["name"])
    return found


PROMISED = {"siteopt.portfolio": {"to_pulp"}}
"""Of these modules only some names may be counted on."""

VALUES = {"DELETE"}
"""Names that are neither classes nor functions."""

ALL = [(module, name) for module, names in documented().items() for name in names]
CLASSES = [
    pair for pair in ALL if inspect.isclass(getattr(importlib.import_module(pair[0]), pair[1]))
]
FUNCTIONS = [pair for pair in ALL if pair not in CLASSES]


def public(module, name):
    return getattr(importlib.import_module(module), name)


def faults(name, not_asked=NOT_ASKED):
    return [fault for fault in validate(name)["errors"] if fault[0] not in not_asked]


@pytest.mark.parametrize("module", documented())
def test_the_page_has_exactly_the_public_names(module):
    names = documented()[module]
    assert len(names) == len(set(names))
    offered = set(importlib.import_module(module).__all__) - VALUES
    assert all(f".. autodata:: {name}\n" in PAGE for name in VALUES)
    assert set(names) == PROMISED.get(module, offered)
    assert set(names) <= offered


def test_siteopt_itself_is_on_the_page():
    assert "siteopt" in documented()
    assert len(siteopt.__all__) > 10


@pytest.mark.parametrize(("module", "name"), FUNCTIONS)
def test_a_function_says_what_it_takes_and_returns_with_an_example(module, name):
    assert faults(f"{module}.{name}") == []
    assert NumpyDocString(inspect.getdoc(public(module, name)))["Examples"]


def members(kind):
    """Return the names of what a class itself offers."""
    return [
        name
        for name, value in vars(kind).items()
        if not name.startswith("_")
        and (
            inspect.isfunction(value) or isinstance(value, property | cached_property | classmethod)
        )
    ]


@pytest.mark.parametrize(("module", "name"), CLASSES)
def test_a_class_and_what_it_offers_are_told(module, name):
    kind = public(module, name)
    assert faults(f"{module}.{name}", NOT_ASKED | OF_FUNCTIONS) == []
    if kind is Scenario:  # every key is on a page of its own
        return
    for member in members(kind):
        assert faults(f"{module}.{name}.{member}", NOT_ASKED | OF_FUNCTIONS) == [], member
    if is_dataclass(kind):
        told = NumpyDocString(inspect.getdoc(kind))
        attributes = [one for row in told["Attributes"] for one in row.name.split(", ")]
        missing = {field.name for field in fields(kind) if not field.name.startswith("_")}
        assert missing <= set(attributes), "attributes that nobody documents"


def test_names_on_the_page_carry_types():
    for module, name in FUNCTIONS:
        signature = inspect.signature(public(module, name))
        assert signature.return_annotation is not inspect.Signature.empty
        for parameter in signature.parameters.values():
            assert parameter.annotation is not inspect.Parameter.empty, (name, parameter.name)
