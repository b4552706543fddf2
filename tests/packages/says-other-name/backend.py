"""Write one wheel, and name another."""

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    wheelwriter.write(wheel_directory, {})
    return "another-1.0-py3-none-any.whl"
