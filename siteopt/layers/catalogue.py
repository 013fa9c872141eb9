"""Catalogue of layers: description, provenance, purposes and limitations."""

from __future__ import annotations

import hashlib
import re
import shlex
from dataclasses import MISSING, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from siteopt._data import data_folder
from siteopt._files import write_whole
from siteopt._plain_data import read_toml
from siteopt.errors import LayerError, LayerFileError, why_not_read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = [
    "Catalogue",
    "Commercial",
    "Entry",
    "LayerKind",
    "Redistribution",
    "check_hash",
    "file_hash",
    "layer_rows",
    "read_catalogue",
    "rehash_catalogue",
    "render_catalogue",
]

LayerKind = Literal["vector", "table", "raster"]
"""``vector`` also for CSV files whose rows are points (columns lon, lat)."""

Redistribution = Literal["free", "share alike", "forbidden", "unknown"]
"""Whether a layer may be given to others."""

Commercial = Literal["free", "forbidden", "unknown"]
"""Whether a layer may be used commercially."""

_WORDS_OF: Final[dict[str, tuple[str, ...]]] = {
    "kind": get_args(LayerKind),
    "redistribution": ("", *get_args(Redistribution)),
    "commercial": ("", *get_args(Commercial)),
}
"""What keys may hold that hold one of a few words."""

_ID: Final = re.compile(r"[\w.-]{1,100}")
_PART: Final = re.compile(r"[^/\\:~]{1,200}")
"""Of a path: no separator of another system, no name of a drive."""

_LISTED: Final = (
    "id", "title_ko", "title_en", "kind", "crs", "unit", "vintage", "confidence", "source",
    "licence", "notice", "good_for", "not_good_for", "file",
)  # fmt: skip
"""Keys of a layer that are listed."""

_HEAD: Final = """\
# Every embedded layer. Written by `siteopt layers build`; after a change of a file by hand
# run `siteopt layers hash`. Files lie in reference/.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One layer of the catalogue.

    Attributes
    ----------
    id : str
        Catalogue id.
    title_ko, title_en : str
        What people read.
    file : str
        Path below the folder of the catalogue, with ``/``.
    kind : {'vector', 'table', 'raster'}
        ``vector`` also for CSV files whose rows are points.
    crs : str
        CRS of the file, ``EPSG:4326`` or ``EPSG:5179``; empty for a table without place.
    unit : str
        Units of the main columns, or of the raster's values.
    source, licence, vintage : str
        Where it comes from, under which licence, which year or period it describes.
    confidence : str
        ``published``, ``compiled-high|medium|low``, ``derived``, ``model`` or ``per row``.
    good_for, not_good_for : str
        What it may be used for, and what it must not.
    notice : str
        Attribution that must travel with the layer (ODbL), or empty.
    sha256 : str
        Hash of the file.
    address, fetched : str, optional
        Of a layer that was fetched: where from, and when (UTC, ISO 8601).
    redistribution : str, optional
        Of a layer that was fetched: ``free``, ``share alike``, ``forbidden`` or ``unknown``.
    commercial : str, optional
        Of a layer that was fetched: ``free``, ``forbidden`` or ``unknown``.
    bytes : int, optional
        Size of the file of a layer that was fetched; 0 where it was not written down.
    """

    id: str
    title_ko: str
    title_en: str
    file: str
    kind: LayerKind
    crs: str
    unit: str
    source: str
    licence: str
    vintage: str
    confidence: str
    good_for: str
    not_good_for: str
    notice: str
    sha256: str
    address: str = ""
    fetched: str = ""
    redistribution: str = ""
    commercial: str = ""
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The layers of one data folder, in order of id.

    Attributes
    ----------
    folder : Path
        Folder that holds ``catalogue.toml``; files are named from here.
    entries : dict of str to Entry
        By id.
    """

    folder: Path
    entries: dict[str, Entry]

    def __getitem__(self, layer_id: str) -> Entry:
        """Return the layer of that id; LayerError names the ids there are."""
        try:
            return self.entries[layer_id]
        except KeyError as error:
            known = ", ".join(self.entries)
            raise LayerError(
                f"{layer_id}: no such layer; there are {known}, and a scenario may name its own "
                "under [layers]"
            ) from error

    def __contains__(self, layer_id: str) -> bool:
        return layer_id in self.entries

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())

    def __len__(self) -> int:
        return len(self.entries)

    def path(self, layer_id: str) -> Path:
        """Return the path of the file of a layer."""
        return self.folder / self[layer_id].file

    def content(self, layer_id: str) -> bytes:
        """Return the content of the file of a layer, which is the one that the catalogue names.

        Raises
        ------
        LayerFileError
            If the file cannot be read.
        LayerError
            If it is another file than the catalogue names.
        """
        path = self.path(layer_id)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise _unread(path, error) from error
        check_hash(self, layer_id, hashlib.sha256(content).hexdigest())
        return content


def _unread(path: Path, error: OSError) -> LayerFileError:
    return LayerFileError(f"{path}: {why_not_read(error)}; the layer file must be readable")


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal text."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unread(path, error) from error


def check_hash(catalogue: Catalogue, layer_id: str, found: str) -> None:
    """Raise LayerError if an embedded file is not the one of the catalogue.

    The message has the command that takes the file into the catalogue, and the remedy where
    nobody meant to change it.
    """
    entry = catalogue[layer_id]
    if found == entry.sha256:
        return
    elsewhere = catalogue.folder.resolve() != data_folder().resolve()
    command = "siteopt layers hash"
    if elsewhere:
        command += f" {shlex.quote(str(catalogue.folder))}"
    raise LayerError(
        f"{entry.file}: not the file of the catalogue (sha256 {found[:12]}…, catalogue.toml says "
        f"{entry.sha256[:12]}…); if the change is meant, `{command}` takes it in; if not, bring "
        "the file back as it was"
    )


def _entry(raw: dict[str, Any], path: Path, place: int) -> Entry:
    where = f"{path}: layer {place} ({raw.get('id', 'without id')})"
    names = [field.name for field in fields(Entry)]
    _must_hold_values(raw, where)
    unknown = sorted(set(raw) - set(names))
    if unknown:
        raise LayerError(f"{where}: unknown key {unknown[0]}; known are {', '.join(names)}")
    for name, words in _WORDS_OF.items():
        if raw.get(name, "") not in words:
            allowed = ", ".join(word for word in words if word)
            raise LayerError(f"{where}: {name} is {raw[name]!r}; must be one of {allowed}")
    if not _ID.fullmatch(raw["id"]):
        raise LayerError(
            f"{where}: id is {raw['id']!r}; letters, digits, '-', '_' and '.' make one"
        )
    if not _is_inside(raw["file"]):
        raise LayerError(
            f"{where}: file is {raw['file']!r}; a path below the folder of the catalogue, with /, is "
            "needed"
        )
    return Entry(**raw)


def _must_hold_values(raw: dict[str, Any], where: str) -> None:
    """Raise LayerError where a key is missing or is no text; the size is a whole number."""
    for field in fields(Entry):
        name = field.name
        value = raw.get(name, None if field.default is MISSING else field.default)
        if name == "bytes":
            if type(value) is not int or value < 0:
                raise LayerError(f"{where}: bytes is {value!r}; must be a whole number from 0")
        elif not isinstance(value, str):
            raise LayerError(f"{where}: {name} is missing or not text; every layer has one")


def _is_inside(file: str) -> bool:
    """Return whether a path cannot lead out of the folder it starts from."""
    parts = file.split("/")
    return all(_PART.fullmatch(part) and part not in {".", ".."} for part in parts)


def read_catalogue(folder: Path | None = None) -> Catalogue:
    """Read ``catalogue.toml`` of a data folder.

    Parameters
    ----------
    folder : Path, optional
        The embedded one by default.

    Returns
    -------
    Catalogue
        Its layers in order of id.

    Raises
    ------
    LayerFileError
        If there is none.
    LayerError
        If it is not TOML, a key is missing or unknown, or an id appears twice.

    Examples
    --------
    >>> from siteopt.layers import read_catalogue
    >>> entry = read_catalogue()["stations"]
    >>> entry.licence
    'ODbL 1.0 (OpenStreetMap data); repository MIT'
    >>> "© OpenStreetMap contributors" in entry.notice
    True
    """
    home = data_folder() if folder is None else folder
    path = home / "catalogue.toml"
    if not path.is_file():
        raise LayerFileError(
            f"{path}: No such file; a data folder holds a catalogue.toml, made by "
            "`siteopt layers build`"
        )
    raw = read_toml(path)
    items = raw.get("layer", [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise LayerError(f"{path}: `layer` must be a list of tables, written as [[layer]]")
    if not items:
        raise LayerError(f"{path}: no layers; make it again with `siteopt layers build`")
    entries: dict[str, Entry] = {}
    for place, item in enumerate(items, start=1):
        entry = _entry(item, path, place)
        if entry.id in entries:
            raise LayerError(f"{path}: layer {entry.id} appears twice; ids must be unique")
        entries[entry.id] = entry
    return Catalogue(folder=home, entries=dict(sorted(entries.items())))


def layer_rows(folder: Path | None = None) -> list[dict[str, str | int | None]]:
    """Return what is listed of each layer of a data folder, in order of id.

    Parameters
    ----------
    folder : Path, optional
        The embedded one by default.

    Returns
    -------
    list of dict
        Keys as the columns of :func:`siteopt.layers.store.list_layers`; ``size_kb`` is None where
        the file is not there.

    Raises
    ------
    LayerError, LayerFileError
        As :func:`read_catalogue`.
    """
    catalogue = read_catalogue(folder)
    return [
        {name: getattr(entry, name) for name in _LISTED} | {"size_kb": _kilobytes(path)}
        for entry in catalogue
        if (path := catalogue.path(entry.id))
    ]


def _kilobytes(path: Path) -> int | None:
    return round(path.stat().st_size / 1024) if path.is_file() else None


def _quoted(text: str) -> str:
    """Return a TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return (
        '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04X}" for c in escaped) + '"'
    )


def _value(value: str | int) -> str:
    return _quoted(value) if isinstance(value, str) else str(value)


def render_catalogue(entries: Iterable[Entry]) -> str:
    """Return the text of ``catalogue.toml``: layers in order of id, one key a line."""
    parts = [_HEAD]
    for entry in sorted(entries, key=lambda item: item.id):
        lines = [
            f"{field.name} = {_value(getattr(entry, field.name))}"
            for field in fields(Entry)
            if field.default is MISSING or getattr(entry, field.name)
        ]
        parts.append("[[layer]]\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def rehash_catalogue(folder: Path | None = None) -> list[str]:
    """Write the hashes of the files as they are now into ``catalogue.toml``.

    Returns
    -------
    list of str
        Ids of the layers whose hash changed.
    """
    catalogue = read_catalogue(folder)
    entries = [replace(item, sha256=file_hash(catalogue.path(item.id))) for item in catalogue]
    changed = [item.id for item in entries if item != catalogue[item.id]]
    if changed:
        write_whole(catalogue.folder / "catalogue.toml", render_catalogue(entries).encode())
    return changed
