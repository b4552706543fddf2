"""End by a signal."""

import os
import signal


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    os.kill(os.getpid(), signal.SIGSEGV)
