"""Energy by the hour in a report: shares, price, stock that is used, the worst week, the curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from siteopt.report._energy import energy_payload
from siteopt.report.document.blocks import Column, figure, heading, paragraph, table
from siteopt.report.document.summary import clean_sentence

if TYPE_CHECKING:
    from siteopt.report.document.blocks import Block
    from siteopt.report.document.material import Material

__all__ = ["energy"]

_GIGA: Final = 1000.0


def energy(material: Material) -> list[Block]:
    """Return what the run knows of clean energy, or that it knows nothing of it."""
    found = energy_payload(material.tables)
    if found is None:
        return [paragraph(material.word("clean_none")), paragraph(material.word("clean_how"))]
    blocks = [
        paragraph(clean_sentence(material)),
        _scores(material, found),
        paragraph(material.shared("energy.gap_hint"), small=True),
        _price(material, found),
        _stock(material, found),
        paragraph(material.shared("energy.stock_hint"), small=True),
        paragraph(_storage(material, found)),
        heading(material.shared("energy.worst")),
        paragraph(_week(material, found)),
    ]
    if "report_energy" in material.pictures:
        pct = material.number(found["week"]["pct"], 1)
        title = material.shared("energy.week", days=_days(material, found), pct=pct)
        blocks.append(figure("report_energy", title, _week_alt(material, found)))
    return [*blocks, *_curve(material, found)]


def _scores(material: Material, found: dict[str, Any]) -> Block:
    columns = [
        Column(material.word("what"), 2.4),
        Column(material.shared("energy.typical"), 1.0, number=True),
        Column(material.shared("energy.replay"), 1.2, number=True),
    ]
    program, replay = found["program"], found["replay"]
    rows = [
        [
            material.shared(f"energy.{name}"),
            f"{material.number(program[f'{name}_pct'], 2)}%",
            f"{material.number(replay[f'{name}_pct'], 2)}%",
        ]
        for name in ("hourly", "annual", "import", "excess")
    ]
    return table(material.shared("energy.scores"), columns, rows)


def _price(material: Material, found: dict[str, Any]) -> Block:
    columns = [
        Column(material.word("what"), 2.4),
        Column(material.word("krw_kwh"), 1.0, number=True),
    ]
    rows = [
        [material.one_of("price", name), material.number(value, 2)]
        for name, value in found["parts"]
    ]
    rows.append([material.shared("energy.price_total"), material.number(found["krw_kwh"], 2)])
    return table(material.shared("energy.price"), columns, rows)


def _stock(material: Material, found: dict[str, Any]) -> Block:
    columns = [
        Column(material.word("technology"), 1.4),
        Column(material.word("status"), 1.8),
        Column(material.shared("energy.contracted"), 1.0, number=True),
        Column(material.shared("energy.usable"), 1.0, number=True),
        Column(material.shared("energy.stock"), 1.0, number=True),
        Column(material.shared("energy.used_up"), 0.8),
    ]
    rows = [
        [
            material.one_of("technology", one["technology"]),
            material.one_of("stock", one["status"]),
            *(material.number(one[name], 1) for name in ("contracted_mw", "usable_mw", "mw")),
            material.word("yes" if one["used_up"] else "no"),
        ]
        for one in found["stock"]
    ]
    return table(material.shared("energy.contracts"), columns, rows)


def _storage(material: Material, found: dict[str, Any]) -> str:
    amount = material.shared("energy.no_storage")
    if found["storage_mw"]:
        amount = material.shared(
            "energy.storage_of", mw=material.number(found["storage_mw"], 1),
            mwh=material.number(found["storage_mwh"], 1),
        )  # fmt: skip
    emission = material.shared(
        "energy.emission_of", tco2=material.number(found["replay"]["tco2"]),
        other=material.number(found["program"]["tco2"]),
    )  # fmt: skip
    storage, carbon = material.shared("energy.storage"), material.shared("energy.emission")
    return f"{storage}: {amount} · {carbon}: {emission}"


def _days(material: Material, found: dict[str, Any]) -> str:
    ends = [
        material.shared("energy.day", month=month, day=day)
        for month, day in (found["week"]["from"], found["week"]["to"])
    ]
    return material.shared("energy.days", **{"from": ends[0]}, to=ends[1])


def _week(material: Material, found: dict[str, Any]) -> str:
    pct = material.number(found["week"]["pct"], 1)
    return material.shared("energy.worst_of", days=_days(material, found), pct=pct)


def _week_alt(material: Material, found: dict[str, Any]) -> str:
    week = found["week"]
    total = [sum(parts) for parts in zip(week["used"], week["clean"], week["other"], strict=True)]
    return material.word(
        "week_alt", days=_days(material, found), pct=material.number(week["pct"], 1),
        least=material.number(min(week["used"], default=0)),
        most=material.number(max(total, default=0)),
    )  # fmt: skip


def _curve(material: Material, found: dict[str, Any]) -> list[Block]:
    """Return what each clean share costs; that the run does not have it, where it has not."""
    head = heading(material.shared("curve.title"))
    curve = found["curve"]
    if curve is None:
        return [head, paragraph(material.word("curve_none"))]
    columns = [
        Column(material.shared("curve.share"), 0.8, number=True),
        Column(material.shared("curve.program"), 1.0, number=True),
        Column(material.shared("curve.replay"), 1.0, number=True),
        Column(material.shared("curve.krw"), 1.0, number=True),
        *(
            Column(f"{material.one_of('technology', name)} (GW)", 1.0, number=True)
            for name in ("solar", "onshore_wind", "offshore_wind")
        ),
        Column(material.shared("curve.storage_gwh"), 1.0, number=True),
    ]
    names = ("program", "replay", "krw", "solar", "onshore_wind", "offshore_wind", "storage_gwh")
    rows = [
        [
            f"{material.number(one['target'], 1)}%",
            *(material.number(one[name], 1) for name in names),
        ]
        for one in curve["hourly"]
    ]
    blocks = [head, paragraph(_curve_answer(material, found, curve))]
    if "report_curve" in material.pictures:
        alt = material.word("curve_alt", points=_points(material, curve))
        blocks.append(figure("report_curve", material.shared("curve.title"), alt, 88.0))
    hint = paragraph(material.shared("curve.hint"), small=True)
    return [*blocks, table(material.word("curve_table"), columns, rows), hint]


def _points(material: Material, curve: dict[str, Any]) -> str:
    return ", ".join(
        material.shared(
            "curve.point", matching=material.shared("curve.hourly"),
            pct=material.number(one["target"], 1), reached=material.number(one["reached"], 1),
            krw=material.number(one["krw"], 1),
        )
        for one in curve["hourly"]
    )  # fmt: skip


def _curve_answer(material: Material, found: dict[str, Any], curve: dict[str, Any]) -> str:
    """Return what share can be met by the hour, at what price, with ranges."""
    krw, low, high = (material.number(value, 1) for value in curve["krw"])
    figures = {"year": found["year"], "mw": _load(material), "krw": krw, "low": low, "high": high}
    figures["pct"] = material.number(curve["target"], 1)
    most, least, best = curve["reachable"]
    if most + 1e-6 >= curve["target"]:
        at = min(curve["hourly"], key=lambda one: abs(one["target"] - curve["target"]))
        replay = material.number(at["replay"], 1)
        return material.shared("curve.can", replay=replay, **figures)
    ends = {"most": most, "least": least, "best": best}
    told = {name: material.number(value, 1) for name, value in ends.items()}
    return material.shared("curve.cannot", **told, **figures)


def _load(material: Material) -> str:
    return material.number(sum(row["it_mw"] for row in material.plan["sites"]), 1)
