"""`pitwire doctor`: whether this desk is ready for the open, one line per check.

preflight.py every check in order, finding.py the result of one, snapshot.py what all of them read.
Checks: market.py calendar, contract months, releases and the session before, host.py clock, ports,
disk, journals and interpreter, desk.py services, link, account, feed and licence, limits.py the
limits, tradable.py strategies within them, and which of them are approved.
"""
