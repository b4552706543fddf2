"""Give a file the mode that a newly made one has."""

import os

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open("made.txt", "w") as file:
        file.write("made\n")
    return wheelwriter.write(wheel_directory, {"made.txt": "made\n"}, modes={"made.txt": os.stat("made.txt").st_mode & 0o777})
