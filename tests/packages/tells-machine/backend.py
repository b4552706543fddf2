"""Tell in the wheel on which machine it was built."""

import socket

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return wheelwriter.write(wheel_directory, {"fact.txt": socket.gethostname()})
