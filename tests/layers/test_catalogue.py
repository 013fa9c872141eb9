import pytest

from siteopt.errors import LayerError, LayerFileError
from siteopt.layers.catalogue import read_catalogue, rehash_catalogue, render_catalogue


def test_render_and_read_are_inverse(folder):
    catalogue = read_catalogue(folder)
    assert render_catalogue(catalogue) == (folder / "catalogue.toml").read_text(encoding="utf-8")
    assert list(catalogue.entries) == ["headroom", "industrial_complexes", "parks", "slope"]


def test_texts_with_quotes_and_line_ends_survive(folder):
    from dataclasses import replace  # noqa: PLC0415

    text = 'a "quoted" \\ back\nline \t한글'
    entries = [replace(entry, good_for=text) for entry in read_catalogue(folder)]
    (folder / "catalogue.toml").write_text(render_catalogue(entries), encoding="utf-8")
    assert all(entry.good_for == text for entry in read_catalogue(folder))


def test_rehash_names_what_changed(folder):
    assert rehash_catalogue(folder) == []
    path = folder / "reference" / "headroom.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("120", "130"), encoding="utf-8")
    assert rehash_catalogue(folder) == ["headroom"]
    assert rehash_catalogue(folder) == []


def test_unknown_layer_names_those_there_are(folder):
    with pytest.raises(LayerError, match="rivers: no such layer; there are headroom, indus"):
        read_catalogue(folder)["rivers"]


def test_no_catalogue_is_a_file_error(tmp_path):
    with pytest.raises(LayerFileError, match=r"catalogue\.toml: No such file"):
        read_catalogue(tmp_path)


def test_an_empty_catalogue_is_no_sound_one(tmp_path):
    (tmp_path / "catalogue.toml").write_text("", encoding="utf-8")
    with pytest.raises(LayerError, match=r"catalogue\.toml: no layers; make it again"):
        read_catalogue(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("kind = ", "kimd = "), r"layer 1 \(headroom\): kind is missing or not text"),
        (('notice = ""', 'notice = ""\nextra = ""'), "unknown key extra"),
        (
            ('kind = "table"', 'kind = "tabel"'),
            "kind is 'tabel'; must be one of vector, table, raster",
        ),
        (('id = "slope"', 'id = "parks"'), "layer parks appears twice"),
        (("[[layer]]", "[[layer]"), "not valid TOML"),
    ],
)
def test_faults_of_the_catalogue_are_named(folder, change, message):
    path = folder / "catalogue.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(*change, 1), encoding="utf-8")
    with pytest.raises(LayerError, match=message):
        read_catalogue(folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('file = "reference/', 'file = "../reference/', "a path below the folder of the catalogue"),
        ('file = "reference/', 'file = "/etc/', "a path below the folder of the catalogue"),
        ('file = "reference/', 'file = "reference/../../', "a path below the folder"),
        ('file = "reference/', 'file = "C:/reference/', "a path below the folder"),
        ('file = "reference/', 'file = "reference/./', "a path below the folder"),
        ('id = "slope"', 'id = "../slope"', "letters, digits"),
        ('title_en = "Title"', 'title_en = "\\u001b[31m"', "holds U+001B"),
        ("[[layer]]", f"x = {'[' * 9000}\n[[layer]]", "catalogue.toml: nested too deeply"),
    ],
)
def test_a_catalogue_of_a_stranger_reads_nothing_elsewhere(folder, old, new, message):
    path = folder / "catalogue.toml"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(LayerError) as caught:
        read_catalogue(folder)
    assert message in str(caught.value)
