"""Clean supply by the hour: the energy program and its data.

No stage of a run uses it yet.
"""
