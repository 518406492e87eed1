"""`pitwire doctor`: whether this desk is ready for the open, one line per check.

preflight.py every check in order, finding.py the result of one, snapshot.py what all of them read.
Checks: market.py calendar and contract months, news_releases.py the list of releases, host.py
clock, ports, disk, journals and interpreter, desk.py services, link, account, feed and licence,
limits.py the limits, tradable.py strategies within them, approval.py which of them are approved,
prior_session.py the session before.
"""
