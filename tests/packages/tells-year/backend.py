"""Tell in the wheel in which year it was built."""

import time

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return wheelwriter.write(wheel_directory, {"fact.txt": str(time.gmtime().tm_year)})
