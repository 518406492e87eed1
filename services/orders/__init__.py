"""Commands to NinjaTrader and reports back: router.py decides, lifecycle.py is the table."""
