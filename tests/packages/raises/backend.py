"""Raise an exception."""


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    raise RuntimeError("the glue is missing")
