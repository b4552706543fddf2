"""Check whether the wheels of Python projects can be rebuilt bit for bit from their sdists."""

__version__ = "0.1.0"
