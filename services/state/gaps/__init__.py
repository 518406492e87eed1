"""Fair value gaps: fair_value_gaps.py, multi_minute_bar.py, session_gaps.py."""
