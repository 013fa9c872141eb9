"""TOML and JSON as plain data: whatever a parser raises is one line with the file's name."""

import pytest

from siteopt._plain_data import hidden_sign, read_json, read_toml
from siteopt.errors import LayerError, LayerFileError, SiteoptError

DEEP = 100_000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "not valid JSON: Expecting property name"),
        (b"", "not valid JSON: Expecting value"),
        (b'{"a": NaN}', "not valid JSON: NaN is no number of JSON"),
        (b'{"a": -Infinity}', "not valid JSON: -Infinity is no number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not valid JSON: Exceeds the limit"),
        (b'{"a": ' + b"9" * 100 + b"}", "a: a number of more than 64 bits"),
        (b"[" * DEEP, "nested too deeply"),
        (b"[" * 40 + b"]" * 40, "nested too deeply; 32 levels are the most"),
        (b'{"a": ["x", "\\ud800"]}', "a.2: holds U+D800, a sign that is not to be seen"),
        (b'{"a\\u202e": 1}', "a key: holds U+202E"),
        (b'{"b": {"a": "\\u001b[31m"}}', "b.a: holds U+001B"),
        (b"\xff\xfe{}", "is no UTF-8 text; save it as UTF-8"),
    ],
)
def test_json_that_is_none_is_one_line(tmp_path, content, message):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(SiteoptError) as caught:
        read_json(path)
    assert f"a.json: {message}" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a = ", "not valid TOML"),
        (b"a = " + b"9" * 5000, "not valid TOML: Exceeds the limit"),
        (b"a = 0x" + b"f" * 4000, "a: a number of more than 64 bits"),
        (b"a = " + b"[" * DEEP + b"]" * DEEP, "nested too deeply"),
        (b"a = " + b"{a=" * 500 + b"1" + b"}" * 500, "nested too deeply"),
        (b'a = "x\\u200e"', "a: holds U+200E"),
        ("이름 = '가'".encode("cp949"), "is no UTF-8 text"),
    ],
)
def test_toml_that_is_none_is_one_line(tmp_path, content, message):
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    with pytest.raises(SiteoptError) as caught:
        read_toml(path)
    assert f"a.toml: {message}" in str(caught.value)


def test_files_that_cannot_be_opened(tmp_path):
    for path in (tmp_path, tmp_path / "none.json", tmp_path / "a\0b", tmp_path / ("a" * 5000)):
        with pytest.raises(LayerFileError, match="cannot be read"):
            read_json(path)


def test_a_byte_order_mark_and_texts_of_several_lines_are_fine(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('\ufeff{"a": "가\\n\\tb", "n": -9223372036854775807, "x": 1.5}', "utf-8")
    assert read_json(path) == {"a": "가\n\tb", "n": -9223372036854775807, "x": 1.5}
    toml = tmp_path / "a.toml"
    toml.write_text("\ufeffa = '''\n가\n\tb'''\n", "utf-8")
    assert read_toml(toml) == {"a": "가\n\tb"}


def test_an_own_error_of_the_parser_is_a_fault_of_the_layer(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("[")
    with pytest.raises(LayerError):
        read_json(path)


def test_signs_that_are_not_to_be_seen():
    assert [hidden_sign(text) for text in ("한글\n\tx", "a\x00", "a\u2066", "\x9b", "a\r\n")] == [
        None, "U+0000", "U+2066", "U+009B", None,
    ]  # fmt: skip
