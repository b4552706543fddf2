"""Write two wheels."""

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    wheelwriter.write(wheel_directory, {}, name="one-more")
    return wheelwriter.write(wheel_directory, {})
