"""Clean supply by the hour: the energy program and its data, a plan over all hours, its scores.

No stage of a run uses it yet.
"""
