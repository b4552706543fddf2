"""Say that a wheel was built, and write none."""


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    return "no_wheel_at_all-1.0-py3-none-any.whl"
