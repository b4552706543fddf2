"""Write 64 MiB into a place that belongs to the build."""

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open("/var/tmp/much", "wb") as file:
        for _ in range(64):
            file.write(bytes(1 << 20))
    return wheelwriter.write(wheel_directory, {})
