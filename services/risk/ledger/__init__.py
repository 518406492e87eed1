"""Ledger: to be described."""
