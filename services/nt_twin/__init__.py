"""A stand-in for NinjaTrader 8: client.py is the pure machine, link.py its gRPC shell."""
