"""Clean supply by the hour: the energy program and what it is built from."""
