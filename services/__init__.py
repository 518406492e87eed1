"""The desk: separate services around a shared vocabulary (domain) and way to live (runtime)."""
