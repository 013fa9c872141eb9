import ast
import importlib.metadata
import sys
from importlib.metadata import packages_distributions

import pytest

from siteopt.stages import version
from siteopt.stages.version import LIBRARIES, package_files, versions


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of two files whose version is looked at anew with each call."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "sub" / "texts.csv").write_text("key\n")
    monkeypatch.setattr(version, "_ROOT", tmp_path)
    monkeypatch.setattr(version, "versions", versions.__wrapped__)
    return tmp_path


def test_any_edit_of_the_package_is_another_version(package):
    seen = [version.versions()["siteopt"]]

    def changed():
        seen.append(version.versions()["siteopt"])
        return seen[-1] not in seen[:-1]

    (package / "a.py").write_text("x = 1  # the same\n")
    assert changed()
    (package / "sub" / "texts.csv").write_text("key,more\n")
    assert changed()
    (package / "sub" / "texts.csv").rename(package / "sub" / "words.csv")
    assert changed()
    (package / "new.py").write_text("")
    assert changed()


def test_what_python_compiled_and_the_data_are_no_sources(package):
    before = version.versions()["siteopt"]
    for folder in ("__pycache__", "_data"):  # layers count by their own content
        (package / folder).mkdir()
        (package / folder / "x").write_text("x")
    assert version.versions()["siteopt"] == before


def test_scripts_texts_and_pages_are_in_it():
    names = {path.name for path in package_files()}
    assert {"app.js", "texts.csv", "pipeline.py", "version.py"} <= names


def test_every_library_that_siteopt_imports_is_known():
    found = set()
    for path in package_files():
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [item.name for item in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.module:
                    names = [node.module]
                found |= {name.partition(".")[0] for name in names}
    imported = found - sys.stdlib_module_names - {"siteopt"}
    homes = packages_distributions()
    for name in imported - {"xstatic"}:  # a namespace of several
        known = {home.lower().replace("_", "-") for home in homes.get(name, [name])}
        assert known & set(LIBRARIES), name
    assert imported


def test_versions_name_python_the_machine_and_every_library():
    assert {"siteopt", "python", "machine", "highspy", "numpy"} <= versions().keys()
    for name in set(LIBRARIES) & {*versions()}:
        assert versions()[name] == importlib.metadata.version(name)
