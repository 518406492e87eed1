"""One trade date of one run as people look at it: what charts and explanations are made of.

record.py its messages by kind, sources.py the journals they are read from, played.py files played
instead. candidate_outcomes.py what became of every candidate, trades.py of every position,
no_trade_reasons.py why there was none, outcome_text.py their sentences. milestones.py phases and
opening ranges, levels.py the prices a trader knows by name, market_profile.py value areas, gaps.py
fair-value gaps, bars.py the bars of readings. to_json.py all of it for scripts.
"""
