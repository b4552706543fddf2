"""Let all files have all permission bits, as on a mount that knows none: a disk of Windows in its subsystem for Linux."""

import importlib
import stat

importlib.import_module("reprowheels_modes").show(
    lambda mode, path: mode | 0o777 if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else mode
)
