"""`pitwire doctor`: what stands between this desk and a sound open, one line per check.

Parts: finding.py the result of a check, snapshot.py what all of them read, market.py calendar and
contracts, releases.py the list of releases, host.py clock, ports, disk and journals, desk.py
services, link, account, feed and licence, limits.py limits, playable.py strategies within them,
approval.py which of them are approved, record.py the session before. The command:
services/cli/doctor.py.
"""
