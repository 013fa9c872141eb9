"""Code that the pages cite is there: files, modules, classes, methods, functions and equations.

A name is cited in backticks, in one of these forms; whatever else stands in backticks (columns,
keys, commands, values) is no name of code.

- ``grid/flow.py``, ``docs/site_builder/``: a file or folder, from the top, from ``siteopt/``, or
  the end of one path alone;
- ``grid/flow.py:name``, ``:Class.member``: what a file defines;
- ``siteopt.grid.flow``, ``siteopt.Study.change()``: what can be imported;
- ``Problem``, ``Problem.take()``: a class of the package, and a member of it;
- ``solve()``: a function or method of the package.

Equations have labels: ``{eq}`label``` on a page is checked by Sphinx, "equation LABEL of
docs/method.md" in code is checked here.
"""

import ast
import importlib
import inspect
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from tests.docs.conftest import ROOT

FENCE = re.compile(r"^ *(```|:::).*?^ *\1", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
ARGUMENTS = r"(?:\([^()]*\))?"
FILE = re.compile(r"(?P<path>[\w./-]+\.py)(?::(?P<name>[\w.]+))?")
FOLDER = re.compile(r"[\w.-]+(?:/[\w.-]+)*/")
DOTTED = re.compile(rf"(?P<name>siteopt(?:\.\w+)+){ARGUMENTS}")
MEMBER = re.compile(rf"(?P<kind>[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*)\.(?P<member>\w+){ARGUMENTS}")
CLASS = re.compile(r"[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*")
CALL = re.compile(r"(?P<name>\w+)\([^()]*\)")
EQUATION = re.compile(r"\bequation\s+([\w.-]*\w)\s+of\s+docs/method\.md")
LABEL = re.compile(r"^\$\$ \((?P<label>[\w-]+)\)$", re.MULTILINE)

TOPS = ("siteopt", "benchmarks", "docs", "notebooks", "tests", ".ci")

OTHERS = {
    "Inf": "how MATPOWER writes that there is no limit",
}
"""What looks like a name of ours and is another's."""

AWAITED = {}
"""Names of decision 0006 whose code comes after it; each goes from here when its code is there."""


@cache
def files():
    """Return the Python files of the repository by their path from the top."""
    found = [path for top in TOPS for path in (ROOT / top).rglob("*.py")]
    return sorted(path.relative_to(ROOT) for path in found)


@cache
def defined(path):
    """Return what a file defines at its top, and the members of each class."""
    top, members = set(), {}
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        top |= _names(node)
        if isinstance(node, ast.ClassDef):
            members[node.name] = set().union(*(_names(inner) for inner in node.body))
            members[node.name] |= _own_attributes(node)
    return top, members


def _names(node):
    """Return the names that a statement binds."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _own_attributes(kind):
    """Return the attributes that methods of a class set on ``self``."""
    return {
        node.attr
        for node in ast.walk(kind)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }


@cache
def package():
    """Return the functions and methods of the package, and its classes with their members."""
    functions, classes = set(), defaultdict(set)
    for path in files():
        if path.parts[0] == "siteopt":
            top, members = defined(path)
            functions |= top.union(*members.values())
            for kind, names in members.items():
                classes[kind] |= names
    return functions, classes


@cache
def ignored():
    """Return the folders that git ignores: what commands make, and nobody keeps."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    return {line.strip("/") for line in lines}


def named_files(cited):
    """Return the files that a cited path can mean."""
    wanted = Path(cited)
    for whole in (wanted, Path("siteopt") / wanted):
        if whole in files():
            return [whole]
    return [path for path in files() if path.parts[-len(wanted.parts) :] == wanted.parts]


def fault_of_file(cited):
    found = FILE.fullmatch(cited)
    meant = named_files(found["path"])
    if len(meant) != 1:
        among = ", ".join(map(str, meant))
        return f"may be any of {among}: give more of its path" if meant else "no such file"
    if found["name"] is None:
        return None
    top, members = defined(meant[0])
    name, _, member = found["name"].partition(".")
    there = name in top and (not member or member in members.get(name, ()))
    return None if there else f"{meant[0]} does not define {found['name']}"


def fault_of_folder(cited):
    there = any((ROOT / above / cited).is_dir() for above in ("", "siteopt"))
    return None if there or cited.split("/")[0] in ignored() else "no such folder"


def fault_of_dotted(cited):
    names = DOTTED.fullmatch(cited)["name"].split(".")
    thing = importlib.import_module(names[0])
    for place, name in enumerate(names[1:], 1):
        if hasattr(thing, name):
            thing = getattr(thing, name)
            continue
        if inspect.isclass(thing) and name in package()[1].get(thing.__name__, ()):
            return None  # a field without a default
        try:
            thing = importlib.import_module(".".join(names[: place + 1]))
        except ModuleNotFoundError:
            return f"{'.'.join(names[:place])} has no {name}"
    return None


def fault_of_member(cited):
    found = MEMBER.fullmatch(cited)
    kind, member = found["kind"], found["member"]
    classes = package()[1]
    if kind not in classes:
        return f"no class {kind} in siteopt"
    return None if member in classes[kind] else f"class {kind} has no {member}"


def fault_of_class(cited):
    return None if cited in package()[1] or cited in OTHERS else "no such class in siteopt"


def fault_of_call(cited):
    there = CALL.fullmatch(cited)["name"] in package()[0]
    return None if there else "no such function or method in siteopt"


CHECKS = (
    (FILE, fault_of_file),
    (FOLDER, fault_of_folder),
    (DOTTED, fault_of_dotted),
    (MEMBER, fault_of_member),
    (CLASS, fault_of_class),
    (CALL, fault_of_call),
)
"""Each form of a name, and what finds its fault; the first that fits counts."""


def fault(cited):
    """Return what is wrong with what stands in backticks; None where nothing is."""
    return None if cited in AWAITED else fault_of(cited)


def fault_of(cited):
    """Return the same of a name whether it is awaited or not."""
    for form, check in CHECKS:
        if form.fullmatch(cited):
            return check(cited)
    return None


def cited_on(text):
    """Yield what stands in backticks on a page, with its line."""
    plain = FENCE.sub(lambda found: "\n" * found[0].count("\n"), text)
    for number, line in enumerate(plain.splitlines(), 1):
        for found in SPAN.finditer(line):
            yield number, found[1]


def test_every_name_of_code_on_a_page_is_there(pages):
    seen, wrong = 0, []
    for page, text in sorted(pages.items()):
        for number, cited in cited_on(text):
            seen += any(form.fullmatch(cited) for form, _ in CHECKS)
            why = fault(cited)
            if why is not None:
                wrong.append(f"{page}:{number}: `{cited}`: {why}")
    assert not wrong, "names of code to mend:\n" + "\n".join(wrong)
    assert seen > 150, "hardly any name was found: the forms above no longer fit the pages"


@pytest.mark.parametrize(
    "cited",
    [
        "grid/flow.py", "siteopt/grid/flow.py", "cut_pool.py", "portfolio/cuts/", "docs/how-to/",
        "runs/mine/", "portfolio/problem/problem.py:Problem.take", "siteopt.open_run(folder)",
        "portfolio/constraints/__init__.py:FAMILIES", "siteopt.Study.change()", "siteopt.grid.flow",
        "Problem", "Problem.take()", "Problem.blocks_max", "build_problem()", "undominated(part)",
        "blocks_max", "[reasons] prices_time_limit_s = 30", "ranking.csv", "N_ct", "map.html",
    ],
)  # fmt: skip
def test_names_that_are_there_and_words_that_are_no_names_pass(cited):
    assert fault(cited) is None


@pytest.mark.parametrize(
    ("cited", "why"),
    [
        ("grid/made_up.py", "no such file"),
        ("verification.py", "may be any of"),
        ("rid/flow.py", "no such file"),
        ("portfolio/made_up/", "no such folder"),
        ("grid/flow.py:made_up", "does not define"),
        ("portfolio/problem/problem.py:Problem.made_up", "does not define"),
        ("siteopt.made_up", "has no made_up"),
        ("siteopt.grid.flow.made_up()", "has no made_up"),
        ("Problem.made_up", "class Problem has no made_up"),
        ("MadeUp.take()", "no class MadeUp"),
        ("MadeUp", "no such class"),
        ("made_up(problem)", "no such function"),
    ],
)
def test_a_made_up_name_is_found(cited, why):
    assert why in fault(cited)


def test_a_made_up_name_is_told_with_page_and_line():
    page = "# Page\n\n```sh\n`made_up()`\n```\n\nSee `made_up()` and `ranking.csv`.\n"
    assert list(cited_on(page)) == [(7, "made_up()"), (7, "ranking.csv")]


@pytest.mark.parametrize("name", OTHERS)
def test_an_exception_is_needed(pages, name):
    assert any(cited == name for text in pages.values() for _, cited in cited_on(text))
    assert name not in package()[1]


@pytest.mark.parametrize("name", AWAITED)
def test_an_awaited_name_is_cited_and_not_there_yet(pages, name):
    assert any(cited == name for text in pages.values() for _, cited in cited_on(text))
    assert fault_of(name), f"`{name}` is there now: take it out of AWAITED"


def test_every_equation_that_code_cites_has_its_label(pages):
    labels = set(LABEL.findall(pages["docs/method.md"]))
    cited = {
        (str(path), label)
        for path in files()
        if path.parts[0] in {"siteopt", "benchmarks"}
        for label in EQUATION.findall((ROOT / path).read_text(encoding="utf-8"))
    }
    assert cited
    assert {(path, label) for path, label in cited if label not in labels} == set()
