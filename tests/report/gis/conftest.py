"""What pytest leaves to another Python."""

collect_ignore = ["render_project.py"]  # imports QGIS, which only the Python of the system has
