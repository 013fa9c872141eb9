"""The code behind a stage: its function, and all modules and libraries that this one reaches.

Found in the source files themselves, without importing anything. A change of the map's code
therefore does not concern screening.
"""

from __future__ import annotations

import ast
import hashlib
import platform
import sys
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["LIBRARIES", "code_of", "libraries_of", "module_code", "package_files"]

PACKAGE: Final = "siteopt"
_ROOT: Final = Path(__file__).resolve().parent.parent

LIBRARIES: Final = {
    "branca": "branca", "clarabel": "clarabel", "cv2": "opencv-python-headless",
    "folium": "folium", "geopandas": "geopandas", "highspy": "highspy", "numpy": "numpy",
    "osmnx": "osmnx", "pandas": "pandas", "pandera": "pandera", "pulp": "pulp",
    "pydantic": "pydantic", "pyflwdir": "pyflwdir", "pyogrio": "pyogrio", "pyproj": "pyproj",
    "rasterio": "rasterio", "rich": "rich", "scipy": "scipy", "shapely": "shapely",
    "skimage": "scikit-image", "tomli_w": "tomli-w", "tsam": "tsam", "typer": "typer", "xstatic": "xstatic-leaflet",
}  # fmt: skip
"""Distribution of every module outside the standard library that siteopt imports."""


def package_files() -> list[Path]:
    """Return all files of the package, in order."""
    return sorted(
        path
        for path in _ROOT.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and "_data" not in path.parts
    )


@cache
def code_of(function: str, module: str) -> dict[str, str]:
    """Return what a function consists of, with a hash of each part.

    Parameters
    ----------
    function, module : str
        Name of a function, and of the module of siteopt that holds it.

    Returns
    -------
    dict of str to str
        The function itself with the helpers of its module that it names, every module that
        these reach, and the data files beside modules that read their own folder.
    """
    source = _source(module)
    named = source.named(function)
    text = "\n".join(source.text(node) for node in named)
    parts = {f"{module}:{function}": _hash(text.encode())}
    todo = [found for node in named for found in _imports(node)]
    used = {name for node in named for name in _names(node)} & source.taken.keys()
    todo += [_home(*source.taken[name]) for name in used]
    parts |= module_code(todo)
    # What notes the reads and keeps the results stands behind every stage.
    for path in (path for path in package_files() if path.parent == Path(__file__).parent):
        parts[f"{PACKAGE}.stages.{path.stem}"] = _hash(path.read_bytes())
    return parts


def module_code(modules: Iterable[str]) -> dict[str, str]:
    """Return some modules and all that they reach, with a hash of each, and their data files."""
    todo, reached = list(modules), set[str]()
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += _source(name).imports
    parts: dict[str, str] = {}
    for name in sorted(reached):
        parts[name] = _source(name).sha256
        parts |= _data_files(name)
    return parts


def libraries_of(code: Iterable[str]) -> dict[str, str]:
    """Return the version of Python, of the machine, and of all libraries that code imports."""
    modules = [part for part in code if ":" not in part and "/" not in part]
    names = {name for module in modules for name in _source(module).libraries}
    found = {LIBRARIES[name]: installed(LIBRARIES[name]) for name in names}
    found |= {"python": platform.python_version(), "machine": platform.machine()}
    return dict(sorted(found.items()))


@cache
def installed(distribution: str) -> str:
    """Return the version of a library, empty where it is not there."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


class _Source:
    """One module as its file has it."""

    def __init__(self, module: str) -> None:
        self.path = _path(module)
        content = self.path.read_bytes()
        self.sha256 = _hash(content)
        text = content.decode("utf-8")
        self._lines = text.split("\n")
        self.tree = ast.parse(text)

    @cached_property
    def imports(self) -> list[str]:
        """Modules of siteopt that it reaches when it runs, each once."""
        return sorted(set(_imports(self.tree)))

    @cached_property
    def libraries(self) -> set[str]:
        """Modules of other packages that it imports when it runs."""
        found = set()
        for node in _statements(self.tree):
            if isinstance(node, ast.Import):
                found |= {item.name.partition(".")[0] for item in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
        return found - sys.stdlib_module_names - {PACKAGE, "__future__"}

    @cached_property
    def reads_folder(self) -> bool:
        """Whether it reads files that lie beside it."""
        return any(
            isinstance(node, ast.ImportFrom) and node.module == "importlib.resources"
            for node in _statements(self.tree)
        )

    @cached_property
    def taken(self) -> dict[str, tuple[str, str]]:
        """Names that it takes from siteopt's modules, each with the module and its name there."""
        return {
            item.asname or item.name: (str(node.module), item.name)
            for node in _statements(self.tree, checked=True)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE)
            for item in node.names
        }

    def named(self, function: str) -> list[ast.stmt]:
        """Return the statement that defines a name, and those of all names it uses."""
        defined = {name: node for node in self.tree.body for name in _defines(node)}
        todo, found = [function], {}
        while todo:
            name = todo.pop()
            if name in defined and name not in found:
                found[name] = defined[name]
                todo += sorted(_names(defined[name]))
        return [found[name] for name in sorted(found)]

    def text(self, node: ast.stmt) -> str:
        """Return the lines of a statement of the module, its decorators with it."""
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        return "\n".join(self._lines[first - 1 : node.end_lineno])


@cache
def _source(module: str) -> _Source:
    return _Source(module)


def _path(module: str) -> Path:
    place = _ROOT.joinpath(*module.split(".")[1:])
    whole = place.with_suffix(".py")
    return whole if whole.is_file() else place / "__init__.py"


def _is_module(module: str) -> bool:
    return module.startswith(PACKAGE) and _path(module).is_file()


def _home(module: str, name: str) -> str:
    """Return the module that a name comes from; some modules only hand names on."""
    seen = set()
    while not _is_module(f"{module}.{name}"):
        taken = _source(module).taken
        if name not in taken or (module, name) in seen:
            return module
        seen.add((module, name))
        module, name = taken[name]
    return f"{module}.{name}"


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            yield from (item.name for item in node.names if _is_module(item.name))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            yield from (_home(str(node.module), item.name) for item in node.names)


_BLOCKS: Final = ("body", "orelse", "finalbody", "handlers", "cases")
"""Where statements hold other statements; an import never stands in an expression."""


def _statements(tree: ast.AST, *, checked: bool = False) -> Iterator[ast.AST]:
    """Return all statements but those that only a type checker sees; these too where asked."""
    todo = [tree]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, ast.If) and not checked and "TYPE_CHECKING" in ast.dump(node.test):
            todo += node.orelse
        else:
            todo += [inner for name in _BLOCKS for inner in getattr(node, name, ())]


def _defines(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign):
        targets = [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _names(node: ast.AST) -> set[str]:
    return {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}


def _data_files(module: str) -> dict[str, str]:
    """Return the hashes of data files in the folder of a module that reads such."""
    source = _source(module)
    if not source.reads_folder:
        return {}
    folder = source.path.parent
    files = (path for path in package_files() if path.is_relative_to(folder))
    return {
        f"{PACKAGE}/{path.relative_to(_ROOT).as_posix()}": _hash(path.read_bytes())
        for path in files
        if path.suffix != ".py"
    }


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
