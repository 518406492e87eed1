"""What the desk costs, measured beside the least it could cost: `python -m benchmarks`.

Every figure stands beside a bare limit of the same run, and the two are measured in turns: on a
shared machine the ratio is what can be trusted, and on a busy one not even that is judged.
`baseline.py` is the limit, `latency.py` and `throughput.py` measure the desk, `__main__.py` gives
the order of things, `tables.py` prints. `counters.py` counts instead of timing; `peers/` measures
other engines beside the desk. What is judged and why: docs/performance.md.
"""
