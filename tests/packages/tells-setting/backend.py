"""Tell in the wheel what the frontend asked for."""

import json

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return wheelwriter.write(wheel_directory, {"fact.txt": json.dumps(config_settings, sort_keys=True)})
