"""Profiles of regular hours: tpo.py, volume_profile.py, value_area.py."""
