"""What the pages say is what the program does: commands, keys, links, layers, sections."""

import re
import shlex
import tomllib

import pytest
import typer.main

from siteopt.cli import app
from siteopt.layers import open_layers, read_catalogue
from siteopt.scenario import Scenario, ScenarioSet, load_scenario
from siteopt.sources.fetching.file_recipes import FileRecipe
from tests.docs.conftest import ROOT

FENCE = re.compile(r"^ *```(?P<language>\w+)[^\n]*\n(?P<code>.*?)^ *```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^ *(?:\.venv/bin/)?siteopt (?P<words>[^\n#]+)", re.MULTILINE)
IN_TEXT = re.compile(r"`(?P<code>(?:\.venv/bin/)?siteopt [^`\n]+)`")
WEIGHTS = {"grid", "clean_energy", "water", "network", "land", "cooling", "hazard", "people"}


def blocks(pages, language):
    return [
        (page, found["code"])
        for page, text in sorted(pages.items())
        for found in FENCE.finditer(text)
        if found["language"] == language
    ]


def commands(pages):
    """Yield every command of siteopt on a page: in a block of its own, or in a line of text."""
    written = blocks(pages, "sh")
    written += [(page, one["code"]) for page in pages for one in IN_TEXT.finditer(pages[page])]
    for page, code in written:
        for found in COMMAND.finditer(code.replace("\\\n", " ")):
            yield page, shlex.split(found["words"])


def test_every_command_on_a_page_is_one_that_siteopt_has(pages):
    seen = set()
    for page, words in commands(pages):
        command = typer.main.get_command(app)
        rest = list(words)
        while rest and rest[0].startswith("-"):  # `siteopt -v COMMAND`
            assert rest.pop(0) in {name for option in command.params for name in option.opts}
        if rest == ["COMMAND"]:
            continue
        while hasattr(command, "commands") and rest:
            first = rest.pop(0)
            for name in first.split("|"):  # `layers list|check`
                assert name in command.commands, f"{page}: siteopt {' '.join(words)}"
            command = command.commands[first.split("|")[0]]
        options = {
            name for option in command.params for name in (*option.opts, *option.secondary_opts)
        }
        given = {word for word in rest if word.startswith("--")}
        assert given <= options, f"{page}: siteopt {' '.join(words)}"
        seen.add(words[0])
    assert {"run", "explain", "compare", "layers", "scenario", "grid"} <= seen


def _tables(value):
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _merged(whole, part):
    out = dict(whole)
    for key, value in part.items():
        was = out.get(key)
        if isinstance(value, dict) and isinstance(was, dict):
            out[key] = _merged(was, value)
        elif _tables(value) and _tables(was):  # [[...]] of a page go on from those of the file
            out[key] = [*was, *value]
        else:
            out[key] = value
    return out


def test_every_part_of_a_scenario_on_a_page_is_valid(pages):
    ready = load_scenario("national-2035").model_dump(mode="json", exclude_none=True)
    known = open_layers().parameters
    found = blocks(pages, "toml")
    for page, code in found:
        part = tomllib.loads(code)
        if "variant" in part:  # a set of scenarios
            assert ScenarioSet.model_validate(part).variants
            continue
        if "source" in part:  # a recipe of files
            assert FileRecipe.model_validate(part).columns
            continue
        Scenario.model_validate(_merged(ready, part))
        for key in part.get("parameters", {}):
            assert key in known, f"{page}: {key}"
        ruled = {rule.get("layer") for rule in part.get("screening", {}).get("exclusions", [])}
        for layer in part.get("layers", {}):  # a new name serves a rule of its own
            assert layer in read_catalogue() or layer in ruled, f"{page}: {layer}"
        for weight in part.get("weights", {}):
            assert weight in WEIGHTS, f"{page}: {weight}"
    assert len(found) >= 4


def test_python_on_a_page_uses_names_that_are_public(pages):
    import siteopt  # noqa: PLC0415 - asked by name below

    found = blocks(pages, "python")
    assert found
    for page, code in found:
        compile(code, page, "exec")
        for name in re.findall(r"\bsiteopt\.(\w+)", code):
            assert name in siteopt.__all__, f"{page}: siteopt.{name}"


def test_files_named_on_a_page_are_there(pages):
    named = re.compile(r"`((?:data|docs|siteopt|tests|notebooks|\.ci|\.github)/[\w./-]+)`")
    for page, text in pages.items():
        for path in named.findall(text):
            assert (ROOT / path).exists() or "NNNN" in path, f"{page}: {path}"


def test_targets_of_make_on_a_page_are_there(pages):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][\w-]*):", makefile, flags=re.MULTILINE))
    for page, text in pages.items():
        for target in re.findall(r"`make ([a-z][\w-]*)", text):
            assert target in targets, f"{page}: make {target}"


def test_every_decision_has_a_number_of_its_own():
    names = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    numbers = [name[:4] for name in names]
    assert all(re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", name) for name in names)
    assert len(numbers) == len(set(numbers))
    for name in names:
        head = (ROOT / "docs" / "decisions" / name).read_text(encoding="utf-8").split("\n", 1)[0]
        assert head.startswith(f"# {name[:4]}"), name


@pytest.mark.parametrize(
    "page", ["data.md", "developers.md", "scenario.md", "start.md", "how-to/change-a-layer.md"]
)
def test_made_text_takes_the_place_of_its_mark(site_builder, page):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    made = site_builder("made_text").with_made_text(text)
    assert "<!-- made:" in text
    assert "<!-- made:" not in made
    assert len(made) > 2 * len(text)


def test_every_layer_is_told_with_its_licence_and_what_it_is_not_good_for(site_builder):
    text = site_builder("made_text").layer_text()
    told = {part.split("`")[1]: part for part in text.split("\n### ")[1:]}
    assert set(told) == set(read_catalogue().entries)
    for entry in read_catalogue():
        for said in (entry.licence, entry.not_good_for, entry.source, entry.title_ko, entry.notice):
            assert " ".join(said.split()) in " ".join(told[entry.id].split())


def test_every_key_of_a_scenario_is_told(site_builder):
    text = site_builder("scenario_keys").scenario_text()

    def keys(model):
        yield from model.model_fields
        for field in model.model_fields.values():
            if hasattr(field.annotation, "model_fields"):
                yield from keys(field.annotation)

    for key in keys(Scenario):
        assert re.search(rf"^\| `{key}` \|", text, flags=re.MULTILINE) or key in {"ko", "en"}, key
    assert '`[[screening.exclusions]] kind = "far"`' in text
    assert "| `it_mw` | number, above 0 | must be given |" in text


def test_a_section_that_the_readme_lost_stops_the_build(site_builder):
    with pytest.raises(ValueError, match=r"README.md has no section 'Gone'"):
        site_builder("made_text").readme_text("Two commands; Gone")
    with pytest.raises(KeyError, match="nothing"):
        site_builder("made_text").with_made_text("<!-- made: nothing -->")
