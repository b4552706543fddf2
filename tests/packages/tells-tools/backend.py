"""Tell in an SBOM which Python and which distributions took part in the build, and for which time."""

import importlib.metadata
import json
import os
import pathlib
import platform

import wheelwriter


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    tools = [("pypi", found.name, found.version) for found in importlib.metadata.distributions()]
    token = pathlib.Path("token.txt")
    python = token.read_text() if token.exists() else platform.python_version()
    tools = [("generic", "cpython", python), *sorted(tools)]
    components = [{"purl": f"pkg:{kind}/{name}@{version}", "name": name, "version": version} for kind, name, version in tools]
    epoch = {"name": "SOURCE_DATE_EPOCH", "value": os.environ.get("SOURCE_DATE_EPOCH", "")}
    sbom = {
        "metadata": {"tools": {"components": components}},
        "formulation": [{"workflows": [{"inputs": [{"environmentVars": [epoch]}]}]}],
    }
    return wheelwriter.write(wheel_directory, {}, described={"sboms/build.cdx.json": json.dumps(sbom)})
