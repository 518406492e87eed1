"""What words mean: units, instruments, calendar, messages, topics, errors.

Pure: no clock, no I/O.
"""
