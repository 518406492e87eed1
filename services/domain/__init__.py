"""What words mean, in every service: no clock, no I/O.

units.py ticks, contracts, money, time; instruments.py and contracts.py what is traded; calendar.py
when, with published_closures.py and closures.py, market_hours.py whether it is open now; messages/
what services exchange, topics.py who publishes and reads it, minute_parts.py a minute taken apart,
event_time.py when it happened, sentences.py how people read it, printable.py text from outside,
client_name.py who carries orders out; services.py the services; manifest.py what a desk trades,
indicator_families.py the optional parts of a reading, holdings.py account against desk, identity.py
derived ids, approval.py risk's approval of a command, desk_identity.py whose desk it is, errors.py
faults.
"""
