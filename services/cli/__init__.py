"""The trader's command line: compose the services, replay files, look, stop, explain."""
