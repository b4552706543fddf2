"""Let a build compress with the zlib that REPROWHEELS_ZLIB names, and see and write files as on REPROWHEELS_PLATFORM.

Python imports this at its start, because its directory is on PYTHONPATH. What a build compresses depends on the zlib of
its Python: distributions replace it, and nothing says to which bytes zlib has to compress (RFC 1951).
"""

import importlib
import os
import zlib

name = os.environ.get("REPROWHEELS_ZLIB")
if name:
    other = importlib.import_module(name)
    zlib.compress = other.compress
    zlib.compressobj = other.compressobj
platform = os.environ.get("REPROWHEELS_PLATFORM")
if platform:
    importlib.import_module("reprowheels_" + platform)
