"""The decision trace of a day: what `pitwire explain` prints, as data.

reading_text.py a session's reading in families, minute.py one minute from reading to fill, day.py
a whole day.
"""
