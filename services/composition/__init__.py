"""The services put together, for separate processes, one process, or no process at all.

services.py every kind of service in flow order, in_process.py a desk on one MemoryBus.
"""
