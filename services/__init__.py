"""The desk, its services and everything around them; each package sees what stands above it here.

domain/ messages, units, calendar; runtime/ journals, sockets, the loop.
ingest/, state/, strategies/, risk/ and orders/ are the services, in the order of the flow.
venue/ the simulated exchange, synthetic/ generated days, nt_twin/ the stand-in for NinjaTrader.
composition/ the services put together, launch/ processes, backtest/ files played through them,
doctor/ the check before the open, review/ a day read back, research/ offline
work, cli/ the command line.
"""
