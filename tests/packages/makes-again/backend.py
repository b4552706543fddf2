"""Write a Makefile as qmake does: make makes it again, and reads it again, while a file of the system is younger."""

import os
import subprocess
import sys
import time

import wheelwriter

MAKEFILE = """all: ;
Makefile: {}
\techo made again >> made.txt
\ttouch Makefile
"""


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open("Makefile", "w") as file:
        file.write(MAKEFILE.format(os.path.realpath(sys.executable)))
    subprocess.run(["make"], check=True)
    made = "again" if os.path.exists("made.txt") else "once"
    return wheelwriter.write(wheel_directory, {"fact.txt": f"{made} in {time.gmtime().tm_year}"})
