"""What is printed: no name, wherever it comes from, does anything to a terminal."""

import ast
import io
import json
import os
import subprocess
import sys
import unicodedata
import warnings
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import siteopt
from siteopt import _markdown, _shown, _terminal, cli
from siteopt.errors import InfeasibleError, LayerError

PACKAGE = Path(siteopt.__file__).parent
ACTING = {
    "colour": "\x1b[31m", "title": "\x1b]0;x\x07", "link": "\x1b]8;;https://x.kr\x1b\\x\x1b]8;;\x1b\\",
    "c1": "\x9b2J", "back": "\x08\x08", "return": "fine\rbad", "line": "a\nsiteopt: fine",
    "direction": "\u202egpj\u2066", "mark": "\u200f", "unseen": "a\u200bb", "bom": "\ufeff",
    "separator": "a\u2028b\u2029c", "next line": "a\x85b", "delete": "\x7f", "null": "\x00",
    "tag": "\U000e0041", "half": "\udcff",
}  # fmt: skip
FORMS = ("Cc", "Cf", "Cs", "Zl", "Zp")


def acts(text, *, lines=True):
    return [s for s in text if unicodedata.category(s) in FORMS and not (lines and s == "\n")]


@pytest.mark.parametrize("name", ACTING)
def test_a_sign_that_a_terminal_obeys_is_shown_by_its_code(name):
    told = _shown.shown(ACTING[name])
    assert acts(told, lines=False) == []
    assert "\\" in told


def test_the_codes_are_those_that_people_look_up():
    assert _shown.shown("a\x1b\n\u202e\U000e0041") == "a\\x1b\\x0a\\u202e\\U000e0041"


@pytest.mark.parametrize(
    "text", ["나주 변전소 345 kV", "전남 ① ㎿ → ≤ “”…", "a\u3000b\xa0c", "🙂", "[x]\\"]
)
def test_any_other_text_is_shown_as_it_is(text):
    assert _shown.shown(text) == text


@given(st.text())
def test_nothing_acts_and_json_says_the_same(text):
    assert acts(_shown.shown(text), lines=False) == []
    dumped = _shown.shown_json(json.dumps({text: [text]}, ensure_ascii=False))
    assert acts(dumped) == []
    assert json.loads(dumped) == {text: [text]}


def test_every_print_goes_through_one_place():
    """What prints by itself would print what a layer says."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if name == "_terminal.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                ends = ("echo", "secho", "write")
                if called in {"print", "rich.print"} or (
                    called.split(".")[-1] in ends and called.split(".")[0] in {"typer", "click", "sys"}
                ):  # fmt: skip
                    found.append(f"{name}: {called}")
    assert found == []


def ran(monkeypatch, capsys, *words):
    monkeypatch.setattr("sys.argv", ["siteopt", *map(str, words)])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    said = capsys.readouterr()
    assert acts(said.out) == acts(said.err) == []
    return stopped.value.code, said.out, said.err


@pytest.mark.parametrize("name", [name for name in ACTING if name not in {"null", "half"}])
def test_a_file_name_in_an_error_is_one_line(monkeypatch, capsys, tmp_path, name):
    for words in (
        ["run", tmp_path / f"{ACTING[name]}.toml", "--out", tmp_path / "out"],
        ["explain", tmp_path / ACTING[name], "S1"],
        ["layers", "list", ACTING[name]],
        ["scenario", "check", ACTING[name]],
        ["grid", "hosting", "--case", tmp_path / ACTING[name]],
        ["layers", "check", tmp_path / ACTING[name]],
        ["nothing", ACTING[name]],
        ["run", f"--{ACTING[name]}"],
    ):
        code, out, err = ran(monkeypatch, capsys, *words)
        assert (code, out, err.count("\n")) == (2, "", 1), words


@pytest.mark.parametrize("kind", [LayerError, InfeasibleError])
def test_an_error_is_one_line_and_its_details_are_as_many_as_they_are(monkeypatch, capsys, kind):
    def fails(*_, **__):
        error = kind("".join(ACTING.values()))
        error.details = "one\x1b[1m\ntwo"
        raise error

    monkeypatch.setattr("siteopt.layers.check_layers", fails)
    _, _, err = ran(monkeypatch, capsys, "layers", "check")
    assert err.splitlines()[1:] == ["one\\x1b[1m", "two"]


def test_a_warning_of_a_library_is_one_line(monkeypatch, capsys):
    def warns(*_):
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("a\x1b[31m\nb", RuntimeWarning, stacklevel=1)
        return []

    monkeypatch.setattr("siteopt.layers.check_layers", warns)
    monkeypatch.setattr("siteopt.cli.warnings.catch_warnings", Kept)
    before = warnings.showwarning
    try:
        _, _, err = ran(monkeypatch, capsys, "layers", "check")
    finally:
        warnings.showwarning = before
    assert err == "siteopt: RuntimeWarning: a\\x1b[31m\\x0ab\n"


class Kept:
    """A `catch_warnings` that leaves the way warnings are shown alone."""

    def __enter__(self):
        return None

    def __exit__(self, *_):
        return None


MARKUP = "[bold red]a[/] [link=https://x.kr]b[/link] :smile: [/nothing] [@click=x]c[/]"


def test_a_table_has_no_markup_and_no_sign_that_acts(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("FORCE_COLOR", "1")
    cell = MARKUP + "".join(ACTING.values())
    # As objects: strings of pyarrow, where it is installed, hold no half of a surrogate pair.
    _terminal.print_table(pd.DataFrame({MARKUP: [cell, None]}, dtype=object), MARKUP)
    said = capsys.readouterr().out
    left = said.replace("\x1b[1m", "").replace("\x1b[3m", "").replace("\x1b[0m", "")  # rich's own
    assert acts(left) == []
    assert left.count(MARKUP) == 3
    assert "\\x1b]8;;https://x.kr" in left


@pytest.fixture
def case(tmp_path):
    """A folder with a small grid whose ids and names act."""
    folder = tmp_path / "case"
    folder.mkdir()
    name = f"{MARKUP}\x1b]8;;https://x.kr\x1b\\n\u202e"
    pd.DataFrame(
        {"bus_id": ["1", "2"], "name_ko": name, "name_en": name, "p_load_mw": [0, 50]}
    ).to_csv(folder / "case_buses.csv", index=False)
    pd.DataFrame(
        {"branch_id": [f"L\x9b2J{MARKUP}"], "from_bus": ["1"], "to_bus": ["2"], "x_pu": [0.1],
         "rate_a_mva": [100.0]}
    ).to_csv(folder / "case_branches.csv", index=False)  # fmt: skip
    pd.DataFrame({"generator_id": ["g"], "bus_id": ["1"], "p_max_mw": [200.0]}).to_csv(
        folder / "case_generators.csv", index=False
    )
    return folder


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_names_of_a_grid_case_do_nothing(monkeypatch, capsys, case, form):
    """They are printed by their codes, or refused when they are read: in one line."""
    code, out, err = ran(monkeypatch, capsys, "grid", "hosting", "--case", case, "--format", form)
    assert code in {0, 2}
    assert out if code == 0 else err.count("\n") == 1
    if form == "json" and code == 0:
        assert json.loads(out)


def hostile_run(folder, signs=""):
    """Write a run folder as a stranger would: every text in it acts."""
    text = MARKUP + signs + "| <img src=x> ![y](https://x.kr) @someone"
    folder.mkdir()
    site = {"site_id": "S1", "name_ko": text, "name_en": text, "it_mw": 40.0, "option_id": text,
            "province_code": text, "lon": 127.0, "lat": 36.0, "rank": 1, "voltage_kv": 154,
            "bn_krw_per_mw": 1.0}  # fmt: skip
    record = {"scenario": {"name": text, "title": {"ko": text, "en": text}, "screening": {"exclusions": []}},
              "status": text, "sites": 1, "eligible_km2": 1.0, "screening": [], "versions": {text: text},
              "inputs": [{"id": text, "sha256": text}], "timings_s": {"x": 1.0}, "notes": [text]}  # fmt: skip
    plan = {"objective_bn_krw": 1.0 * len(folder.name), "bound_bn_krw": 1.0 * len(folder.name),
            "gap": 0.0, "sites": [site] if folder.name == "one" else [], "limits": []}  # fmt: skip
    (folder / "run.json").write_text(json.dumps(record))
    (folder / "portfolio.json").write_text(json.dumps(plan))
    (folder / "ranking.csv").write_text("site_id,rank,proof\n")
    (folder / "eligibility.tif").touch()
    return folder


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_a_run_folder_of_a_stranger_says_nothing_to_the_terminal(
    monkeypatch, capsys, tmp_path, form
):
    one, two = hostile_run(tmp_path / "one"), hostile_run(tmp_path / "three")
    words = ["compare", one, two, "--no-causes", "--format", form]
    code, out, err = ran(monkeypatch, capsys, *words)
    assert code == 0, err
    assert "x.kr" in out
    if form == "markdown":
        assert "<img" not in out
        assert "![" not in out
        assert "https://" not in out
        assert "@someone" not in out


@pytest.mark.parametrize("signs", ["\x1b]8;;https://x.kr\x1b\\", "\u202e"])
def test_a_run_folder_with_signs_that_act_is_refused_in_one_line(
    monkeypatch, capsys, tmp_path, signs
):
    folder = hostile_run(tmp_path / "one", signs)
    code, out, err = ran(monkeypatch, capsys, "explain", folder, "S1")
    assert code == 2
    assert not out
    assert len(err.splitlines()) == 1
    assert "run.json: " in err
    assert f"U+{ord(signs[0]):04X}" in err


def test_a_summary_has_a_line_for_each_thing_it_says(tmp_path):
    said = siteopt.open_run(hostile_run(tmp_path / "one")).summary()
    assert len(said.splitlines()) == 4
    assert acts("".join(line for line in said.splitlines()[1:])) == []


@pytest.mark.parametrize("encoding", ["ascii", "cp949", "latin-1"])
def test_a_terminal_that_lacks_a_sign_gets_its_code(encoding, monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    _terminal.say("나주 → 🙂")
    sys.stdout.flush()
    assert "\\U0001f642" in raw.getvalue().decode(encoding)


def test_help_needs_no_table_and_a_library_no_command_line():
    """What is imported to show a text by its codes is little."""
    code = "import sys, siteopt._shown, siteopt._logging; sys.exit('typer' in sys.modules)"
    env = os.environ | {"PYTHONPATH": str(PACKAGE.parent)}
    assert subprocess.run([sys.executable, "-c", code], env=env, check=False).returncode == 0  # noqa: S603 - this Python


MARKDOWN = {
    "a|b": r"a\|b", "![x](y)": r"!\[x\](y)", "[x](y)": r"\[x\](y)", "<b>&": "&#60;b&#62;&#38;",
    "https://x.kr": "https&#58;//x.kr", "WWW.x.kr": "WWW&#46;x.kr", "@a": "&#64;<!-- -->a",
    "#1": r"\#1", "`x`": r"\`x\`", "$x$": "&#36;x&#36;", "a\nb\tc": "a b c", "\x1b\u202e": r"\\x1b\\u202e",
    "**b** _i_ ~s~": r"\*\*b\*\* \_i\_ \~s\~", "나주 345 kV": "나주 345 kV", "\\": r"\\",
}  # fmt: skip


@pytest.mark.parametrize("text", MARKDOWN)
def test_a_text_means_nothing_in_markdown(text):
    assert _markdown.plain(text) == MARKDOWN[text]
