"""Try to write files outside of the source tree, named by token.txt, and tell where it worked."""

import os

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open("token.txt") as file:
        token, *places = file.read().split()
    worked = []
    for place in ["/tmp", "/var/tmp", "/dev/shm", "/home/builder", "/usr/lib", "/etc", "/opt", "/run", *places]:
        try:
            with open(os.path.join(place, token), "w") as file:
                file.write(token)
            worked.append(place)
        except OSError:
            continue
    return wheelwriter.write(wheel_directory, {"worked.txt": "\n".join(worked)})
