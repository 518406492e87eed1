"""The services put together, for separate processes, one process, or no process at all.

services.py every service by the rows of the table, in_process.py a desk on one MemoryBus,
start_notes.py what a trader should know before it starts.
"""
