"""A small power grid as OpenStreetMap has it, and the embedded one written as an extract."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from siteopt.layers import open_layers
from siteopt.layers.station_kinds import NO_STATIONS
from tests.sources.fetching.test_openstreetmap import World

KEPCO = "한국전력공사"


def small_grid():
    """Return stations of every kind on lines of 154 and 345 kV."""
    made = World()
    yard = [(-100, -100), (100, -100), (100, 100), (-100, 100)]
    made.way(yard, closed=True, power="substation", name="345kV 한빛변전소",
             voltage="345000;154000;22900", operator=KEPCO)  # fmt: skip
    made.node(20_000, 0, power="substation", name="새내변전소", voltage="154000")
    made.node(40_000, 0, power="substation", substation="distribution", voltage="154 kV", operator=KEPCO)  # fmt: skip
    made.node(0, 20_000, power="substation", substation="traction", voltage="154000")
    made.node(20_000, 20_000, power="substation", name="한빛변환소", voltage="180000;154000")
    made.node(40_000, 20_000, power="substation", name="서해변환소", voltage="180000")
    made.node(0, 40_000, power="substation", voltage="22900")
    made.node(60_000, 0, power="substation", name="끝말")  # its voltage is that of the line
    made.node(70_000, 70_000, power="substation", name="외딴곳")  # no line ends here
    # two ways that meet where nothing stands are one line of two circuits
    made.way([(0, 0), (10_000, 0)], power="line", voltage="154000", cables="6")
    made.way([(10_000, 10), (20_000, 0)], power="line", voltage="154000", circuits="6")
    made.way([(20_000, 0), (40_000, 0)], power="cable", voltage="154000", circuits="1")
    made.way([(40_000, 0), (60_000, 300)], power="line", voltage="154000", cables="3", location="underground")  # fmt: skip
    # one route of two voltages, of which one ends at the railway's yard
    made.way([(0, 0), (0, 20_000)], power="line", voltage="345000;154000", cables="12")
    made.way([(20_000, 0), (20_000, 20_000)], power="line", voltage="154000")
    # a direct-current link of two ways, and one that ends in the open sea
    made.way([(20_000, 20_000), (30_000, 25_000)], power="cable", voltage="180000", frequency="0")
    made.way([(30_000, 25_000), (40_000, 20_000)], power="cable", voltage="180000", frequency="0")
    made.way([(40_000, 20_000), (50_000, 40_000)], power="cable", voltage="180000", frequency="0")
    made.way([(0, 0), (5_000, 5_000)], power="line", voltage="22900")
    made.way([(0, 0), (6_000, 5_000)], power="line")
    # plants: one with its unit, one single unit, one without an output
    area = [(80_000, 0), (81_000, 0), (81_000, 1_000), (80_000, 1_000)]
    made.way(area, closed=True, power="plant", name="한빛화력", **{"name:en": "Hanbit Power", "plant:source": "coal", "plant:output:electricity": "1,000 MW"})  # fmt: skip
    made.node(80_500, 500, power="generator", **{"generator:source": "coal", "generator:output:electricity": "500 MW"})  # fmt: skip
    made.node(70_000, 0, power="generator", name="새내양수", **{"generator:source": "hydro", "generator:output:electricity": "0.3 GW"})  # fmt: skip
    made.node(60_000, 9_000, power="plant", name="모름", **{"plant:source": "solar", "plant:output:electricity": "yes"})  # fmt: skip
    made.node(61_000, 9_000, power="plant", name="작은것", **{"plant:source": "solar", "plant:output:electricity": "3 MW"})  # fmt: skip
    return made


def embedded_as_extract():
    """Return the embedded stations and lines as the text of an ``.osm`` file."""
    layers = open_layers()
    stations, lines = (layers.vector(name).to_crs(4326) for name in ("stations", "lines"))
    out = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6">']
    ways, number = [], 0

    def tags(**given):
        return "".join(f"<tag k={quoteattr(k)} v={quoteattr(str(v))}/>" for k, v in given.items() if v)  # fmt: skip

    for one in stations[~stations["kind"].isin(NO_STATIONS)].itertuples():
        number += 1
        levels = [kv for kv in (765, 345, 154) if getattr(one, f"circuits_{kv}") > 0 or one.voltage_max_kv == kv]  # fmt: skip
        named = one.name_confidence != "place"
        ending = "변전소" if one.kind == "substation" else ""
        name = one.name_ko.split(" (")[0] + ending if named else ""
        voltage = ";".join(str(1000 * int(kv)) for kv in levels or [one.voltage_max_kv])
        out.append(f'<node id="{number}" lon="{one.lon:.5f}" lat="{one.lat:.5f}" version="1">{tags(power="substation", name=name, voltage=voltage)}</node>')  # fmt: skip
    for way, line in enumerate(lines.itertuples(), start=1):
        refs = []
        for x, y in line.geometry.coords:
            number += 1
            out.append(f'<node id="{number}" lon="{x:.7f}" lat="{y:.7f}" version="1"/>')
            refs.append(f'<nd ref="{number}"/>')
        tagged = tags(
            power="cable" if line.underground else "line", voltage=1000 * int(line.voltage_kv),
            cables=3 * int(line.circuits), frequency="0" if line.dc else "60",
        )  # fmt: skip
        ways.append(f'<way id="{way}" version="1">{"".join(refs)}{tagged}</way>')
    return "\n".join([*out, *ways, "</osm>"])
