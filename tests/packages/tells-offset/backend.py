"""Tell in the wheel how far the local time is from UTC."""

import time

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return wheelwriter.write(wheel_directory, {"fact.txt": time.strftime("%z")})
