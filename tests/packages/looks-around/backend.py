"""Tell what can be seen from inside of a build, and of a directory outside that token.txt names."""

import json
import os
import socket

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open("token.txt") as file:
        outside = file.read()
    seen = {
        "environ": dict(os.environ),
        "uid": os.getuid(),
        "interfaces": [name for _, name in socket.if_nameindex()],
        "processes": [name for name in os.listdir("/proc") if name.isdigit()],
        "home": os.listdir(os.environ["HOME"]),
        "homes": os.listdir("/home"),
        "outside": os.listdir(outside) if os.path.exists(outside) else [],
        "environment-writable": os.access(os.path.dirname(os.path.dirname(os.path.dirname(os.__file__))), os.W_OK),
    }
    return wheelwriter.write(wheel_directory, {"seen.json": json.dumps(seen, sort_keys=True)})
