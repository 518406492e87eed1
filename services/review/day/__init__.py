"""One trade date of one run as people look at it: what charts and explanations are made of.

sources.py where it is read from, record.py every message by kind. candidate_outcomes.py what became
of candidates, no_trade_reasons.py why there was none, trades.py, all as text in sentences.py and as
data in to_json.py. Prices a trader knows by name: levels.py, gaps.py, market_profile.py, over
bars.py.
"""
