"""Exclusions and criteria without a layer, and exclusions that finer layers replaced, in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from siteopt.criteria import waiting_columns
from siteopt.report.texts import LANGUAGES, text
from siteopt.screening.replacement import rule_use

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from siteopt.report._protocols import EligibilityLike
    from siteopt.report.texts import Language
    from siteopt.scenario import Exclusion, LayerExclusion, Scenario
    from siteopt.screening.replacement import Replacement, RuleUse

__all__ = [
    "criteria_not_known", "land_basis", "land_basis_payload", "layer_commands", "not_known_words", "rule_use_notes",
    "rule_use_record",
]  # fmt: skip


_BRACKETS: Final = re.compile(r"\s*\([^()]*\)$")
"""What a title says beside the name of the land: distances, shares, sources."""


def land_basis(
    scenario: Scenario, eligibility: EligibilityLike, language: Language
) -> tuple[str, ...]:
    """Return sentences on the layers that land was judged by; none where all exclusions apply.

    Parameters
    ----------
    scenario : Scenario
        Of the run.
    eligibility : EligibilityLike
        The screened country, with the exclusions that apply.
    language : {'ko', 'en'}
        Korean or English.

    Returns
    -------
    tuple of str
        At most three: what finer layers replaced, what is not judged, what is judged
        approximately. Titles stand there without what follows in brackets, each once.
    """
    use = _use(scenario, eligibility)
    found = []
    if use.replaced:
        pairs = "; ".join(_replacement(one, language) for one in use.replaced)
        found.append(text("rule.replaced", language, pairs=pairs))
    if use.unknown:
        found.append(_listed("rule.not_known", use.unknown, language))
    if use.approximate:
        found.append(_listed("rule.approximate", use.approximate, language))
    return tuple(found)


def not_known_words(scenario: Scenario, eligibility: EligibilityLike, language: Language) -> str:
    """Return :func:`land_basis` as one text; parameters likewise."""
    return " ".join(land_basis(scenario, eligibility, language))


def criteria_not_known(ids: Container[str], language: Language) -> tuple[str, ...]:
    """Return a sentence on the criteria that are empty for want of their layers; none for none.

    Parameters
    ----------
    ids : container of str
        Ids of the layers of the run.
    language : {'ko', 'en'}
        Korean or English.
    """
    titles = [getattr(one, f"title_{language}") for one in waiting_columns(ids)]
    if not titles:
        return ()
    return (text("rule.criteria_not_known", language, n=len(titles), names=", ".join(titles)),)


def layer_commands(
    exclusions: Iterable[LayerExclusion],
) -> list[tuple[str, tuple[LayerExclusion, ...]]]:
    """Return the commands that bring the layers of exclusions, each with what it serves.

    Parameters
    ----------
    exclusions : iterable of LayerExclusion
        Those without a layer; one that names no recipe is left out.

    Returns
    -------
    list of (str, tuple of LayerExclusion)
        One a recipe, in the order of its first exclusion.
    """
    groups: dict[str, list[LayerExclusion]] = {}
    for one in exclusions:
        if one.obtain:
            groups.setdefault(one.obtain, []).append(one)
    found = []
    for obtain, served in groups.items():
        how, recipe = obtain.split(" ")
        layers = " ".join(dict.fromkeys(one.layer for one in served))
        given = layers if how == "fetch" else "FILE"
        found.append((f"siteopt layers {how} {recipe} {given} --out layers", tuple(served)))
    return found


def land_basis_payload(
    scenario: Scenario, eligibility: EligibilityLike, ids: Container[str]
) -> dict[str, Any]:
    """Return what the page shows of it: sentences and commands, each as [Korean, English].

    Parameters
    ----------
    scenario, eligibility
        As of :func:`land_basis`.
    ids : container of str
        Ids of the layers of the run.
    """
    use = _use(scenario, eligibility)
    waiting = {one.id: one for one in (*use.approximate, *use.unknown)}
    missing = [waiting[one.id] for one in scenario.screening.exclusions if one.id in waiting]
    sentences = zip(
        *(
            (*land_basis(scenario, eligibility, language), *criteria_not_known(ids, language))
            for language in LANGUAGES
        ),
        strict=True,
    )
    return {
        "sentences": [list(pair) for pair in sentences],
        "commands": [
            {
                "command": command,
                "brings": [_names(served, language) for language in LANGUAGES],
            }
            for command, served in layer_commands(missing)
        ],
    }


def rule_use_record(scenario: Scenario, eligibility: EligibilityLike) -> dict[str, Any]:
    """Return the entries of ``run.json`` on exclusions that did not judge.

    Parameters
    ----------
    scenario, eligibility
        As of :func:`land_basis`.
    """
    use = _use(scenario, eligibility)
    commands = {
        one.id: command
        for command, served in layer_commands([*use.approximate, *use.unknown])
        for one in served
    }
    waiting = [(one, "approximately") for one in use.approximate]
    waiting += [(one, "not") for one in use.unknown]
    return {
        "replaced_exclusions": [
            {"id": one.approximate.id, "by": [finer.id for finer in one.finer]}
            for one in use.replaced
        ],
        "waiting_exclusions": [
            {"id": one.id, "layer": one.layer, "judged": judged, "obtain": commands.get(one.id, "")}
            for one, judged in waiting
        ],
    }


def rule_use_notes(scenario: Scenario, eligibility: EligibilityLike) -> list[str]:
    """Return notes of the run on it, in English: one a replaced exclusion, one of all that wait.

    Parameters
    ----------
    scenario, eligibility
        As of :func:`land_basis`.
    """
    use = _use(scenario, eligibility)
    notes = [
        f"screening.exclusions: {one.approximate.id}: not used, "
        f"{', '.join(finer.id for finer in one.finer)} judges in its place"
        for one in use.replaced
    ]
    missing = []
    if use.unknown:
        missing.append(f"land is not judged by {_ids(use.unknown)}")
    if use.approximate:
        missing.append(f"judged approximately without {_ids(use.approximate)}")
    if missing:
        notes.append(
            f"screening.exclusions: layers are not there: {'; '.join(missing)} (`siteopt layers "
            "fetch` and `siteopt layers take` bring them, see waiting_exclusions in run.json)"
        )
    return notes


def _use(scenario: Scenario, eligibility: EligibilityLike) -> RuleUse:
    applied = {one.id for one in eligibility.exclusions}
    return rule_use(scenario.screening.exclusions, applied)


def _replacement(one: Replacement, language: Language) -> str:
    return text(
        "rule.replacement", language, finer=_names(one.finer, language),
        approximate=getattr(one.approximate.title, language),
    )  # fmt: skip


def _listed(key: str, exclusions: Sequence[Exclusion], language: Language) -> str:
    short = dict.fromkeys(_BRACKETS.sub("", getattr(one.title, language)) for one in exclusions)
    return text(key, language, n=len(short), names=", ".join(short))


def _names(exclusions: Sequence[Exclusion], language: Language) -> str:
    return ", ".join(getattr(one.title, language) for one in exclusions)


def _ids(exclusions: Sequence[Exclusion]) -> str:
    return ", ".join(one.id for one in exclusions)
