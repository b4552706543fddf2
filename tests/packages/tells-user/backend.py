"""Tell in the wheel who built it."""

import os
import pwd

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return wheelwriter.write(wheel_directory, {"fact.txt": pwd.getpwuid(os.getuid()).pw_gecos})
