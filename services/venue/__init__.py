"""The simulated exchange and the broker's account at it, as NinjaTrader's Account shows them.

orders.py what is requested and what is reported, exchange.py orders, executions and positions,
fills.py when a price fills, price_path.py the prices inside a minute, config.py how kind it is and
what it charges, account.py balance and margin. faulty_exchange.py misbehaves as a file of faults.py
has it. What a bracket is, the exchange does not
know: it is the client's (services/nt_twin).
"""
