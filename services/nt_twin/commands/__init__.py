"""The client's half of the order link: commands in, numbered reports and snapshots out.

command_ids.py what has been answered, report_queue.py the reports, snapshots.py what the account
shows, client_guard.py when the client closes by itself, client_orders.py what it does with a
command, order_link.py hello, stream and calls.
"""
