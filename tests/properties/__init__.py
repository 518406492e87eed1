"""What is true of router, client and ledger whatever goes wrong between them, tried by seeds."""
