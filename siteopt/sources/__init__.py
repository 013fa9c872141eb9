"""Where the embedded layers come from: one builder module a subject, files in our own schema.

Nothing here runs during a siting run; ``siteopt layers build`` calls :func:`build_layers`.
"""
