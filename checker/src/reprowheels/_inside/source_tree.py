"""Lay out what a build finds: the unpacked sdist, and somebody else's repository above it. Standard library only."""

import os
import shutil
import stat
import subprocess
import tarfile
import zipfile


def make_parents(path, mode):
    """Make the missing directories above a path, and the path."""
    if not os.path.isdir(path):
        make_parents(os.path.dirname(path), mode)
        os.mkdir(path, mode)


def entries(path):
    """Yield (name, kind, mode, mtime, link target, read) for each member of the archive, in the archive's order."""
    if zipfile.is_zipfile(path):
        archive = zipfile.ZipFile(path)
        for info in archive.infolist():
            mode = info.external_attr >> 16
            kind = "dir" if info.filename.endswith("/") else "file"
            yield info.filename.rstrip("/"), kind, mode & 0o777, None, "", lambda info=info: archive.open(info)
        return
    archive = tarfile.open(path, "r:*")
    for info in archive:
        name = info.name[2:] if info.name.startswith("./") else info.name
        kind = "dir" if info.isdir() else "link" if info.issym() else "hard" if info.islnk() else "file"
        yield name, kind, info.mode & 0o777, info.mtime, info.linkname, lambda info=info: archive.extractfile(info)


def unpack(job):
    """Unpack the sdist as pip does: modes from the umask plus the executable bit, dates from the archive.

    A tmpfs lists a directory in the reverse order of creation, so all names are created first, in the order wanted,
    and filled afterwards in the archive's order, which needs one pass over the compressed data only.
    """
    base = job["build_dir"]
    make_parents(base, 0o777)
    archive = job["sdist"]
    listed = [(name, kind) for name, kind, _, _, _, _ in entries(archive)] if job["order"] else []
    group = 0o020 if job["group_writable"] else 0
    seen = set()
    for name, kind in sorted(set(listed), reverse=job["order"] == "sorted"):
        # Directories appear where the first of their files is created; a link is made when its target is known.
        folder = os.path.join(base, os.path.dirname(name) if kind != "dir" else name)
        make_parents(folder, 0o777)
        if kind == "file":
            seen.add(name)
            os.close(os.open(os.path.join(base, name), os.O_CREAT | os.O_WRONLY, 0o666))
    dates = []
    for name, kind, mode, mtime, target, read in entries(archive):
        path = os.path.join(base, name)
        make_parents(path if kind == "dir" else os.path.dirname(path), 0o777)
        if kind == "link":
            if not os.path.lexists(path):
                os.symlink(target, path)
            continue
        if kind == "hard":
            if not os.path.lexists(path):
                os.link(os.path.join(base, target[2:] if target.startswith("./") else target), path)
            continue
        if kind == "file":
            with read() as source, open(path, "wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)
            if job["source_modes"] != "umask":
                os.chmod(path, mode & (0o777 if job["source_modes"] == "archive" else 0o755))
            elif mode & 0o111:
                os.chmod(path, 0o777 & ~job["umask"])
        if mtime is not None:
            dates.append((path, float({"exact": mtime, "rounded": round(mtime)}.get(job["source_dates"], job["source_dates"]))))
    if group:
        for folder, _, names in os.walk(base):
            for path in [folder] + [os.path.join(folder, name) for name in names]:
                if not os.path.islink(path):
                    os.chmod(path, stat.S_IMODE(os.stat(path).st_mode) | group)
    for path, mtime in reversed(dates):
        os.utime(path, (mtime, mtime))


def run_git(job):
    """Make somebody else's repository above the source tree, with one commit and a tag."""
    dates = {"GIT_AUTHOR_DATE": "2001-02-03T04:05:06Z", "GIT_COMMITTER_DATE": "2001-02-03T04:05:06Z"}
    identity = ["-c", "user.name=Zq Parent", "-c", "user.email=zq-parent@localhost"]
    base = job["build_dir"]
    with open(os.path.join(base, "ZQ-PARENT"), "w") as file:
        file.write("Somebody else's project.\n")
    for arguments in (
        ["init", "-q", "-b", "zq-parent"],
        ["add", "ZQ-PARENT"],
        ["commit", "-q", "-m", "zq-parent"],
        ["tag", "v99.77.55"],
    ):
        subprocess.run(["git"] + identity + arguments, cwd=base, env=dict(job["environ"], **dates), check=True)
