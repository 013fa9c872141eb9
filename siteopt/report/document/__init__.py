"""The report of a run as PDF, in Korean or English: contents, pictures and typesetting."""
