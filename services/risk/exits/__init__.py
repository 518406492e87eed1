"""What must leave: positions closed, stops and targets moved.

exits.py exits by request, time and loss limit, unfilled_exits.py those that do not fill,
unknown_entries.py calls to entries of unknown outcome,
orphan_cancels.py ends of entries nobody knows, emergency.py what cannot wait,
order_commands.py the commands of all, and of entries, approvals.py risk's approval in each.
"""
