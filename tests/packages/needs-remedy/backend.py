"""Do what one of several remedies helps against, or only seems to; token.txt says which."""

import locale
import os
import subprocess
import sys
import time

import wheelwriter

WORDS = "{'ant', 'bee', 'cat', 'dog', 'eel', 'fox', 'gnu', 'hen', 'ibis', 'jay', 'kite', 'lark'}"


def compiled(path):
    with open("probe.c", "w") as file:
        file.write(f'#line 1 "{path}/probe.c"\nint probe(void) {{ return 1; }}\n')
    subprocess.run(["gcc", "-g", "-O1", "-shared", "-fPIC", "probe.c", "-o", "probe.so"], check=True)
    with open("probe.so", "rb") as file:
        return file.read()


def moment():
    return time.strftime("%Y-%m-%d", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))))


def words(*flags):
    return subprocess.run([sys.executable, *flags, "-c", f"print(*{WORDS})"], check=True, capture_output=True).stdout


def made():
    with open("made.txt", "w"):
        pass
    return os.stat("made.txt").st_mode & 0o777


CONTENTS = {
    "map-source": lambda: compiled(os.getcwd()),
    "map-source in text": os.getcwd,
    "map-environment": lambda: compiled(sys.prefix),
    "map-environment in text": lambda: sys.prefix,
    "umask": lambda: "",
    "umask by seed": lambda: "",
    "hash-seed": words,
    "hash-seed isolated": lambda: words("-I"),
    "epoch": moment,
    "epoch ignored": lambda: time.strftime("%Y-%m-%d"),
    "utf-8": lambda: "\u00e9t\u00e9".encode(locale.getpreferredencoding()),
    "utf-8 ignored": lambda: "\u00e9t\u00e9".encode(locale.nl_langinfo(locale.CODESET)),
}
MODES = {"umask": made, "umask by seed": lambda: 0o644 | (0o020 if os.environ["PYTHONHASHSEED"] != "0" else 0)}


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open("token.txt") as file:
        token = file.read()
    return wheelwriter.write(wheel_directory, {"fact": CONTENTS[token]()}, modes={"fact": MODES.get(token, lambda: 0o644)()})
