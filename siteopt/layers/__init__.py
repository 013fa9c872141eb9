"""What is known: the catalogue of layers, their schemas, and readers to EPSG:5179."""

from siteopt.layers.catalogue import Catalogue, Entry, data_folder, read_catalogue
from siteopt.layers.parameters import Parameter, Parameters
from siteopt.layers.rasters import Raster
from siteopt.layers.store import Layers, Provenance, check_layers, list_layers, open_layers

__all__ = [
    "Catalogue",
    "Entry",
    "Layers",
    "Parameter",
    "Parameters",
    "Provenance",
    "Raster",
    "check_layers",
    "data_folder",
    "list_layers",
    "open_layers",
    "read_catalogue",
]
