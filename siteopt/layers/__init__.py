"""What is known: the catalogue of layers, their schemas, and readers to EPSG:5179."""
