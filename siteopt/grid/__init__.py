"""The grid: what buses can host, what stations have left, how sites connect."""
