"""The desk: separate services around a shared vocabulary (domain) and a shared way to live (runtime)."""
