"""What must run again: stages whose reads are recorded, and a store of their results by content.

A stage is a function of what it reads. While it runs, every read is noted: a key of the scenario,
a layer, a parameter, the result of another stage. Its result is kept together with these reads,
their values, and the code and libraries behind it. It is taken again only where each of them
is the same; nothing is declared by hand that could be forgotten.
"""
