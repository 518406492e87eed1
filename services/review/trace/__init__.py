"""The decision trace of a day: what `pitwire explain` tells, as data and on a terminal.

`reading.py` a session's reading in families · `stamp.py` one stamp from reading to fill ·
`daytrace.py` a whole day · `show.py` both on a terminal.
"""
