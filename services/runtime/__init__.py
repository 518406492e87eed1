"""How a process lives: machine, node, service, bus, codec, clock, config, journal, metrics, log."""
