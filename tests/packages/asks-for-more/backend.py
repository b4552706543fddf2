"""Ask for a build requirement that pyproject.toml does not name, and use it."""

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    import companion

    return wheelwriter.write(wheel_directory, {"fact.txt": companion.WORD})


def get_requires_for_build_wheel(config_settings=None):
    return ["companion"]
