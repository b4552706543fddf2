"""Write a text in the encoding of the machine, which is not always enough for it."""

import locale

import wheelwriter

locale.setlocale(locale.LC_ALL, "")


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open("made.txt", "w", encoding=locale.nl_langinfo(locale.CODESET)) as file:
        file.write("\N{RIGHTWARDS ARROW}\n")
    return wheelwriter.write(wheel_directory, {"made.txt": "made\n"})
