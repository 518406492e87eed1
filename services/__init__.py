"""The desk: separate services around a shared vocabulary and one way to run.

Beneath all: domain/ units, instruments, calendar, messages; runtime/ how a process lives.
In the flow's order: ingest/ feeds in, state/ sessions, strategies/ what to do with them, risk/
what may be done, orders/ commands out. Around them: venue/ a simulated exchange, synthetic/ a
market generator, nt_twin/ a stand-in for NinjaTrader, composition/ the services put together,
backtest/ bars played in one process, launch/ processes, doctor/ the morning check, review/ a day
read back, research/ offline work, cli/ the command line.
"""
