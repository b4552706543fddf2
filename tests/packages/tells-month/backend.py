"""Name a month in the language of the machine."""

import locale
import time

import wheelwriter

locale.setlocale(locale.LC_ALL, "")


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return wheelwriter.write(wheel_directory, {"fact.txt": time.strftime("%B", time.gmtime(0))})
