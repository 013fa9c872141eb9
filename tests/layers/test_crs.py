"""A CRS is right, or one line: no datum without its shift, no file or address in a definition."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from siteopt.errors import LayerError
from siteopt.layers._crs import brought_to, crs_of_code, crs_of_name, crs_of_wkt, moved
from siteopt.layers.readers import read_vector
from siteopt.sites.parcels import read_parcels

LON, LAT = np.meshgrid(np.linspace(125.0, 131.0, 7), np.linspace(33.2, 38.6, 7))
POINTS = shapely.points(LON.ravel(), LAT.ravel())
BESSEL = (
    'GEOGCS["unknown",DATUM["{}",SPHEROID["Bessel_1841",6377397.155,299.1528128]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
BELT = (
    'PROJCS["unknown",{},PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",200000.0],'
    'PARAMETER["False_Northing",500000.0],PARAMETER["Central_Meridian",127.0028902777778],'
    'PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",38.0],UNIT["Meter",1.0]]'
)


def tm(lon, lat, central_lon, origin_lat, scale, east, north):
    """Return transverse Mercator coordinates on GRS 80 by Krueger's series (Karney 2011, eq. 7 on)."""
    a, f = 6378137.0, 1 / 298.257222101
    n = f / (2 - f)
    radius = a / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    alpha = [
        n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16 + 41 * n**4 / 180,
        13 * n**2 / 48 - 3 * n**3 / 5 + 557 * n**4 / 1440,
        61 * n**3 / 240 - 103 * n**4 / 140, 49561 * n**4 / 161280,
    ]  # fmt: skip
    e = np.sqrt(f * (2 - f))

    def rectified(phi, lam):
        s = np.sinh(e * np.arctanh(e * np.sin(phi)))
        t = np.tan(phi) * np.sqrt(1 + s**2) - s * np.sqrt(1 + np.tan(phi) ** 2)
        xi, eta = np.arctan2(t, np.cos(lam)), np.arcsinh(np.sin(lam) / np.hypot(t, np.cos(lam)))
        x = eta + sum(c * np.cos(2 * j * xi) * np.sinh(2 * j * eta) for j, c in enumerate(alpha, 1))
        y = xi + sum(c * np.sin(2 * j * xi) * np.cosh(2 * j * eta) for j, c in enumerate(alpha, 1))
        return x, y

    x, y = rectified(np.radians(lat), np.radians(lon - central_lon))
    _, base = rectified(np.radians(origin_lat), 0.0)
    return east + scale * radius * x, north + scale * radius * (y - base)


@pytest.mark.parametrize(
    ("epsg", "form"),
    [
        (5179, (127.5, 38.0, 0.9996, 1_000_000, 2_000_000)),
        (5186, (127.0, 38.0, 1.0, 200_000, 600_000)),
        (5181, (127.0, 38.0, 1.0, 200_000, 500_000)),
        (5187, (129.0, 38.0, 1.0, 200_000, 600_000)),
    ],
)
def test_korean_grids_are_where_the_closed_form_says(epsg, form):
    x, y = tm(LON.ravel(), LAT.ravel(), *form)
    back = moved(shapely.points(x, y), crs_of_code(epsg, "f"), 4326)
    np.testing.assert_allclose(shapely.get_x(back), LON.ravel(), atol=1e-9)
    np.testing.assert_allclose(shapely.get_y(back), LAT.ravel(), atol=1e-9)


@pytest.mark.parametrize(
    "epsg", [5173, 5174, 2097, 5176, 5178, 5181, 5186, 4326, 32652, 3857, 4166, 4737]
)
@pytest.mark.parametrize("form", ["code", "WKT1_ESRI", "WKT1_GDAL", "WKT2_2019"])
def test_known_crs_in_every_form_give_the_same_places_as_proj(epsg, form):
    if form == "code":
        crs = crs_of_code(epsg, "f")
    else:
        crs = crs_of_wkt(CRS.from_epsg(epsg).to_wkt(form), "f")
    way = Transformer.from_crs(4326, epsg, always_xy=True)
    there = shapely.points(*way.transform(LON.ravel(), LAT.ravel()))
    out = shapely.get_coordinates(moved(there, crs, 5179))
    want = np.column_stack(
        Transformer.from_crs(epsg, 5179, always_xy=True).transform(
            *shapely.get_coordinates(there).T
        )
    )
    np.testing.assert_allclose(out, want, atol=1e-6)


def test_the_shift_of_the_old_datum_is_that_of_epsg_1131():
    # Seven parameters of Korean 1985 to WGS 84 (EPSG operation 1131 and its kin move 250 to 400 m).
    plain = crs_of_code(5174, "f")
    there = moved(moved(POINTS, crs_of_code(4326, "f"), 5174), plain, 4326)
    np.testing.assert_allclose(
        shapely.get_coordinates(there), shapely.get_coordinates(POINTS), atol=1e-8
    )
    on_bessel = Transformer.from_crs(CRS.from_epsg(5174).geodetic_crs, 5174, always_xy=True)
    lon, lat = on_bessel.transform(
        *shapely.get_coordinates(moved(POINTS, crs_of_code(4326, "f"), 5174)).T, direction="INVERSE"
    )
    apart = np.hypot((lon - LON.ravel()) * 90_000, (lat - LAT.ravel()) * 111_000)
    assert ((apart > 250) & (apart < 450)).all()


@pytest.mark.parametrize(
    "datum", ["Unknown based on Bessel 1841 ellipsoid", "D_Bessel_1841", "My_Datum"]
)
@pytest.mark.parametrize("projected", [True, False])
def test_a_datum_without_a_known_shift_is_never_a_guess(datum, projected):
    wkt = BESSEL.format(datum)
    with pytest.raises(LayerError) as caught:
        crs_of_wkt(BELT.format(wkt) if projected else wkt, "a.prj")
    message = str(caught.value)
    assert "a.prj: its CRS (unknown) has a datum without a known shift to WGS 84" in message
    assert "EPSG:5174" in message


def test_seven_parameters_in_the_definition_are_a_known_shift():
    shift = "TOWGS84[-115.8,474.99,674.11,1.16,-2.31,-1.63,6.43]"
    wkt = BELT.format(
        BESSEL.format("Tokyo_1918").replace("299.1528128]]", f"299.1528128],{shift}]")
    )
    crs = crs_of_wkt(wkt, "a.prj")
    there = moved(POINTS, crs_of_code(4326, "f"), 5174)
    apart = shapely.distance(moved(there, crs, 5179), moved(there, crs_of_code(5174, "f"), 5179))
    assert apart.max() < 1.0


def test_a_nameless_datum_on_the_ellipsoid_of_today_is_that_of_today():
    wkt = CRS.from_proj4(
        "+proj=tmerc +lat_0=38 +lon_0=127.5 +k=0.9996 +x_0=1000000 +y_0=2000000 +ellps=GRS80"
    ).to_wkt("WKT1_GDAL")
    there = moved(POINTS, crs_of_code(4326, "f"), 5179)
    apart = shapely.distance(moved(there, crs_of_wkt(wkt, "a.prj"), 5179), there)
    assert apart.max() < 0.01


@pytest.mark.parametrize("form", ["WKT1_GDAL", "WKT2_2019"])
@pytest.mark.parametrize(
    ("both", "flat"), [("EPSG:5186+5193", 5186), ("EPSG:4326+5773", 4326), ("EPSG:4979", 4326)]
)
def test_of_a_crs_with_heights_the_horizontal_part_counts(both, flat, form):
    given = CRS.from_user_input(both)
    has_it = form != "WKT1_GDAL" or both != "EPSG:4979"
    crs = crs_of_wkt(given.to_wkt(form if has_it else "WKT2_2019"), "f")
    there = moved(POINTS, crs_of_code(4326, "f"), flat)
    apart = shapely.distance(moved(there, crs, 5179), moved(POINTS, crs_of_code(4326, "f"), 5179))
    assert apart.max() < 1e-6
    assert len(crs.axis_info) == 2


@pytest.mark.parametrize(
    "wkt",
    [
        'LOCAL_CS["site grid",UNIT["metre",1.0],AXIS["E",EAST],AXIS["N",NORTH]]',
        CRS.from_epsg(4978).to_wkt(), CRS.from_epsg(5193).to_wkt(),
    ],
)  # fmt: skip
def test_a_crs_that_is_nowhere_is_one_line(wkt):
    with pytest.raises(
        LayerError, match=r"^a.prj: its CRS \(.*\) cannot be placed on the earth; write the"
    ):
        crs_of_wkt(wkt, "a.prj")


@pytest.mark.parametrize(
    "text",
    [
        "/etc/passwd", "http://127.0.0.1:9/x", "+proj=longlat +datum=WGS84", "+init=/etc/passwd:1", "",
        "urn:ogc:def:crs:EPSG::5186", "PROJCS[", 'GEOGCS["x"]', "{}", "EPSG:1",
        BELT.format(BESSEL.format("x").replace("]],UNIT", ']],EXTENSION["PROJ4","+proj=longlat +nadgrids=/etc/passwd"],UNIT')),
        CRS.from_epsg(4326).to_wkt("WKT1_GDAL").replace('AUTHORITY["EPSG","4326"]', 'EXTENSION["PROJ4","+proj=longlat +nadgrids=@/x"]'),
        'BOUNDCRS[SOURCECRS[X],TARGETCRS[Y],ABRIDGEDTRANSFORMATION["t",PARAMETERFILE["f","/etc/passwd"]]]',
    ],
)  # fmt: skip
def test_a_definition_that_is_none_or_names_a_file_is_one_line(text):
    with pytest.raises(LayerError, match=r"^a.prj: [^\n]+$"):
        crs_of_wkt(text, "a.prj")


def test_web_mercator_of_gdal_names_no_grid():
    wkt = CRS.from_epsg(3857).to_wkt("WKT1_GDAL")
    assert "+nadgrids=@null" in wkt
    assert crs_of_wkt(wkt, "a.prj").to_epsg() == 3857
    assert crs_of_wkt("\ufeffEPSG:5186 \n", "a.prj").to_epsg() == 5186
    assert crs_of_name("urn:ogc:def:crs:OGC:1.3:CRS84", "f").to_epsg() == 4326


def test_what_has_no_place_in_the_new_crs_is_named(tmp_path):
    # The far corner of the ring lies on the other side of the earth, where the grid is not defined.
    bad = shapely.Polygon([(127, 36), (127.1, 36), (-53, -36), (127, 36)])
    gpd.GeoDataFrame({"site_id": ["a"]}, geometry=[bad], crs=4326).to_file(tmp_path / "p.gpkg")
    with pytest.raises(LayerError, match=r"p.gpkg: feature 1"):
        read_parcels(tmp_path / "p.gpkg")


@pytest.mark.parametrize("epsg", [5173, 5174, 2097, 5181, 5186, 5179, 32652, 3857, 4326])
@pytest.mark.parametrize("name", ["p.gpkg", "p.shp", "p.geojson"])
def test_files_in_every_crs_lie_at_the_same_place(tmp_path, epsg, name):
    square = shapely.box(126.4, 34.7, 126.42, 34.72)
    frame = gpd.GeoDataFrame({"site_id": ["a"]}, geometry=[square], crs=4326)
    options = {"RFC7946": "NO"} if name == "p.geojson" else {}
    frame.to_crs(epsg).to_file(tmp_path / name, **options)
    read = read_vector(tmp_path / name, "mine")
    assert read.crs.to_epsg() == epsg
    back = brought_to(read, 4326)
    assert back.crs.to_epsg() == 4326
    # A GeoJSON has seven decimals, of degrees or of metres.
    assert shapely.hausdorff_distance(back.geometry[0], square) < 1e-6
