"""The simulated exchange and the broker's account at it, as NinjaTrader's Account shows them.

orders.py what is requested and what is reported, broker_view.py the account at one moment,
exchange.py orders, executions and positions, fills.py when a price fills, price_path.py the prices
inside a minute, config.py how kind it is and what it charges, account.py balance and margin.
faulty_exchange.py misbehaves as a file of faults.py has it. What a bracket is, the exchange does
not know: it is the client's (services/nt_twin).

Live it is a process of its own: live_market.py its minutes on the wall clock, served_account.py its
half of the link, client_messages.py and exchange_messages.py what passes over it, wire.py as bytes,
shell.py socket and clock, __main__.py its options, played_market/ what it and its client play.
"""
