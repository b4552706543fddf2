"""Write a set of words in the order in which Python holds it."""

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return wheelwriter.write(wheel_directory, {"fact.txt": " ".join({"ant", "bee", "cat", "dog", "eel", "fox", "gnu", "hen"})})
