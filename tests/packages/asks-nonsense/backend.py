"""Ask for a build requirement that is none."""

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return wheelwriter.write(wheel_directory, {})


def get_requires_for_build_wheel(config_settings=None):
    return ["no requirement at all!"]
