"""Print 8 MiB, more than any pipe holds."""

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    print("the first line")
    for _ in range(8 << 10):
        print("x" * 1023)
    print("the last line", flush=True)
    return wheelwriter.write(wheel_directory, {})
