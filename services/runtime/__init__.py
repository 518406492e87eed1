"""How a process lives: a pure machine, and everything around it that is not pure.

machine.py what a machine is, node.py order, journal and recovery around one, shell.py one turn of
the loop, service.py a process, assembly.py how they are put together, approval_key.py what risk and
orders share, stop_signals.py what ends one, folder_lock.py who holds a folder,
operator_name.py who gives a command.
In and out: inbox.py with recorded.py and catch_up.py, outbox.py, bus.py with zmq_bus.py and
memory_bus.py, frame.py, codec.py, replay.py, live_subscriber.py, grpc_edge.py, operator_edge.py,
queued_commands.py, call_queue.py.
Kept: journal.py, undated.py, journal_files.py, journal_sqlite.py, journal_chain.py, write_lock.py,
journal_records.py, storage.py, disk_reserve.py, recomputed.py.
Configured: config.py, config_error.py, build.py.
Watched: clock.py, liveness.py, health.py, service_status.py, metrics.py, log.py, end_reason.py.
Printed: streams.py, terminal.py.
"""
