"""Write a wheel that is the same each time; a backend beside this file says what is in it."""

import base64
import hashlib
import os
import tomllib
import zipfile


def write(directory, files, name="", modes=None, tag="py3-none-any", described=None):
    """Write a wheel with these files of the package, and those `described` of its .dist-info, and return its file name."""
    with open("pyproject.toml", "rb") as file:
        project = tomllib.load(file)["project"]
    package, version = (name or project["name"]).replace("-", "_"), project["version"]
    info = f"{package}-{version}.dist-info"
    pure = str(tag.endswith("none-any")).lower()
    members = {f"{package}/{path}": content for path, content in files.items()}
    members[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
    members[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: wheelwriter\nRoot-Is-Purelib: {pure}\nTag: {tag}\n"
    members |= {f"{info}/{path}": content for path, content in (described or {}).items()}
    members = {path: content if isinstance(content, bytes) else content.encode() for path, content in members.items()}
    members[f"{info}/RECORD"] = "".join(f"{path},sha256={digest(data)},{len(data)}\n" for path, data in members.items()).encode()
    members[f"{info}/RECORD"] += f"{info}/RECORD,,\n".encode()
    with zipfile.ZipFile(os.path.join(directory, f"{package}-{version}-{tag}.whl"), "w") as archive:
        for path, data in members.items():
            member = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            mode = (modes or {}).get(path.removeprefix(f"{package}/"), 0o644)
            member.external_attr = (0o100000 | mode) << 16
            archive.writestr(member, data)
    return f"{package}-{version}-{tag}.whl"


def digest(data):
    """Return the digest of a file as a RECORD wants it."""
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
