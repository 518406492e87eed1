"""What kind of day it is: acceptance.py, day_type.py, confidence.py."""
