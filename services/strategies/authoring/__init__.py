"""What strategies are written with: base class, guards, entry signals, exits, parameters."""
