"""What must leave: positions closed, stops and targets moved.

exits.py exits by request, time and loss limit, emergency.py what cannot wait, order_commands.py the
commands of both, and of entries, approvals.py risk's approval in each.
"""
