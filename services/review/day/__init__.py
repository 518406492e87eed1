"""One trade date of one run as people look at it: what charts and explanations are made of.

Where it is read from: `sources.py`. What was said: `record.py`. What became of every candidate:
`cases.py`, `trades.py`, in `words.py`. The prices a trader knows by name: `levels.py`, `spread.py`,
`value.py`, `gaps.py`.
"""
