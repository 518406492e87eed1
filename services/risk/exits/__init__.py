"""What must leave: stops and targets kept up, positions closed, commands made.

exits.py exits in time and by rule, emergency.py what cannot wait, order_commands.py the commands.
"""
