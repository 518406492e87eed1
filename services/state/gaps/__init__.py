"""Gaps between bars: session_gaps.py of one session, at every length of bar.

fair_value_gaps.py the rule, and the longer bars it takes.
"""
