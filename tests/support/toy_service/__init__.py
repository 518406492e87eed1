"""A service of one's own, as small as one can be: it counts the bars of a contract.

machine.py what it does, shell.py how it becomes a process, __main__.py its start.
"""
