"""What speaks for or against a level: sweeps, wicks, divergence, compression."""
