"""Take 512 MiB of memory."""

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return wheelwriter.write(wheel_directory, {"fact.txt": str(len(bytearray(512 << 20)))})
