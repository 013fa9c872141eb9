"""A set of three variants of the small scenario: as it is, in a hotter climate, without a plan."""

SMALL_SET = """
name = "small-set"
title = { ko = "작은 묶음", en = "Small set" }
base = "small.toml"

[[variant]]
id = "base"
title = { ko = "기준", en = "Base" }

[[variant]]
id = "hot"
title = { ko = "더운 기후", en = "Hotter climate" }
parameters = { pue_liquid = 1.25, wue_evap = 1.8 }

[[variant]]
id = "many"
title = { ko = "불가", en = "Too many provinces" }
set = { "provinces.count_min" = 17 }
"""
