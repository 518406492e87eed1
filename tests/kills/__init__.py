"""Every point of a day at which a service can be killed, each tried."""
