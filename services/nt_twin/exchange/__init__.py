"""An exchange in another process.

exchange_session.py is the client's half of that link, exchange_link.py its socket,
exchange_process.py an exchange of our own.
"""
