"""Builders of the embedded layers: one module a subject, files in our own schema.

Nothing here runs during a siting run; ``siteopt layers build`` calls :func:`build_layers`.
"""
