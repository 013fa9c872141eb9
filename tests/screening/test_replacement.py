"""Replacement of exclusions: enumeration of small sets of rules against a plain definition."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siteopt.scenario import Screening
from siteopt.screening.replacement import in_force, rule_use

if TYPE_CHECKING:
    from siteopt.scenario import Exclusion

NAMES = "abcdef"


def rules(replaces: dict[str, str]) -> list[Exclusion]:
    """Return exclusions by their ids; ``{"a": "bc"}`` replaces *b* and *c* by *a*."""
    found = [
        {"id": name, "title": {"ko": name, "en": name}, "kind": "near", "layer": name,
         "optional": True, "replaces": list(replaces.get(name, ""))}
        for name in NAMES
    ]  # fmt: skip
    return Screening.model_validate({"exclusions": found}).exclusions


def ids(exclusions: Any) -> str:
    return "".join(one.id for one in exclusions)


@pytest.mark.parametrize(
    ("available", "applied"),
    [("c", "c"), ("bc", "b"), ("ac", "a"), ("abc", "a"), ("ab", "a"), ("", "")],
)
def test_a_chain_is_an_order_of_precedence(available: str, applied: str) -> None:
    assert ids(in_force(rules({"a": "b", "b": "c"}), set(available))) == applied


def test_what_waits_is_approximate_where_another_judges_its_matter() -> None:
    chain = rules({"a": "b", "b": "c", "d": "c", "e": "f"})
    use = rule_use(chain, {"c"})
    assert ids(use.approximate) == "abd"
    assert ids(use.unknown) == "ef"
    use = rule_use(chain, {"d"})
    assert ids(use.approximate) == "ab"
    assert [(one.approximate.id, ids(one.finer)) for one in use.replaced] == [("c", "d")]
    use = rule_use(chain, {"a", "d"})
    assert [(one.approximate.id, ids(one.finer)) for one in use.replaced] == [
        ("b", "a"), ("c", "ad"),
    ]  # fmt: skip
    assert ids(use.unknown) == "ef"


@given(
    edges=st.sets(st.sampled_from([(a, b) for a, b in product(NAMES, NAMES) if a < b])),
    available=st.sets(st.sampled_from(NAMES)),
)
def test_every_matter_that_can_be_judged_is(
    edges: set[tuple[str, str]], available: set[str]
) -> None:
    replaces = {name: "".join(b for a, b in sorted(edges) if a == name) for name in NAMES}
    exclusions = rules(replaces)
    applied = in_force(exclusions, available)
    reaches = {(a, b) for a, b in product(NAMES, NAMES) if _path(a, b, edges)}
    assert {one.id for one in applied} == {
        name for name in available if not any((other, name) in reaches for other in available)
    }
    # whatever is available judges itself, or one that judges stands in its place
    judging = {one.id for one in applied}
    assert all(
        name in judging or any((other, name) in reaches for other in judging) for name in available
    )
    use = rule_use(exclusions, judging)
    parts = [
        [one.approximate.id for one in use.replaced], list(ids(use.approximate)),
        list(ids(use.unknown)), sorted(judging),
    ]  # fmt: skip
    assert sorted(name for part in parts for name in part) == list(NAMES)
    assert not available & set(parts[2])


def _path(start: str, end: str, edges: set[tuple[str, str]]) -> bool:
    return any(a == start and (b == end or _path(b, end, edges)) for a, b in edges)
