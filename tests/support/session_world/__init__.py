"""A desk, its client and the exchange in one process, between them everything that can go wrong.

world.py draws and counts the steps, durable_service.py is a service with its journal, client_end.py
the client, client_wire.py the calls and streams between the two, bus.py who reads what, faults.py
what goes wrong and how often, market.py prices and strategies, reference.py the model that says
what must be true. Everything comes from one seed.
"""
