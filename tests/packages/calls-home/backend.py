"""Try the port of token.txt on this machine, then a name on the network."""

import socket
import urllib.request


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open("token.txt") as file:
        port = int(file.read())
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        print("reached the machine outside")
    except OSError as error:
        print("no way out:", error)
    urllib.request.urlopen("http://files.invalid/")
