"""Groups of provinces that have limits: their names and members, for files and page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from siteopt.scenario import Scenario

__all__ = ["group_names", "groups_record"]


def group_names(scenario: Scenario) -> dict[str, list[str]]:
    """Return what groups of provinces are called, Korean and English, by key.

    Parameters
    ----------
    scenario : Scenario
        Of the run; a group without a title is called by its key.
    """
    return {
        key: [group.title.ko, group.title.en] if group.title else [key, key]
        for key, group in scenario.provinces.groups.items()
    }


def groups_record(scenario: Scenario) -> dict[str, Any]:
    """Return ``province_groups`` of ``portfolio.json``; empty where there are none.

    Parameters
    ----------
    scenario : Scenario
        Of the run.
    """
    names = group_names(scenario)
    if not names:
        return {}
    groups = scenario.provinces.groups
    return {
        "province_groups": [
            {"group": key, "names": names[key], "provinces": groups[key].provinces}
            for key in sorted(groups)
        ]
    }
