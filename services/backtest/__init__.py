"""The desk without NinjaTrader: a simulated exchange and account, and the wiring of a whole day."""
