"""Remedies that a build can try, such as a umask, a flag or a variable: whether the wheel becomes reproducible with them."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import causes, machine
from .batches import APART, Batches, Say
from .build import Builder
from .catalogue import BY_ID
from .conclusion import read
from .results import NO, YES, EpochProbe, Finding, Result
from .sandbox import Sandbox
from .variations import NAMES, SOURCE_DATE_EPOCH, Settings, settings

_YEAR = 400 * 86400  # seconds; a little more than one
_COMPILER = re.compile(r"(?:[\w.]+-)*(?:cc|c\+\+|gcc|g\+\+|clang|clang\+\+|gfortran)(?:-\d+(?:\.\d+)*)?")
# Calls what comes next on PATH under its own name. The flags come first, so that those of the interpreter and of the
# project stay as they are: CFLAGS would replace them.
_WRAPPER = """\
#!/bin/sh
name=${0##*/}
IFS=:
for directory in $PATH; do
  if [ -x "$directory/$name" ] && ! [ "$directory/$name" -ef "$0" ]; then
    unset IFS
    exec "$directory/$name" FLAGS "$@"
  fi
done
echo "$name: not found" >&2
exit 127
"""


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """Hold one remedy: its words, the variations that it is for, and what of a build it changes.

    `change` replaces settings; `directory` says which directory compilers are told to map away, if any.
    """

    words: str
    variations: tuple[str, ...]
    change: Callable[[Settings], Settings] = lambda chosen: chosen
    directory: Callable[[Settings], str] | None = None


def _umask(chosen: Settings) -> Settings:
    return dataclasses.replace(chosen, umask=0o022, group_writable=False)


def _hash_seed(chosen: Settings) -> Settings:
    return dataclasses.replace(chosen, hash_seed=0)


def _epoch(chosen: Settings) -> Settings:
    return dataclasses.replace(chosen, source_date_epoch=SOURCE_DATE_EPOCH)


def _utf8(chosen: Settings) -> Settings:
    return dataclasses.replace(chosen, extra_environment=(*chosen.extra_environment, ("PYTHONUTF8", "1")))


REMEDIES: Mapping[str, Remedy] = {
    "umask": Remedy(
        words="umask 022, where the sdist is unpacked and where it is built", variations=("umask", "source-mode"), change=_umask
    ),
    "hash-seed": Remedy(words="PYTHONHASHSEED=0", variations=("hash-seed",), change=_hash_seed),
    "epoch": Remedy(words=f"SOURCE_DATE_EPOCH={SOURCE_DATE_EPOCH}", variations=("time", "timezone"), change=_epoch),
    "utf-8": Remedy(words="PYTHONUTF8=1", variations=("encoding",), change=_utf8),
    "map-source": Remedy(
        words="-ffile-prefix-map=<source tree>=. (rustc: --remap-path-prefix), beside the flags that are there",
        variations=("build-path",),
        directory=lambda chosen: chosen.build_dir,
    ),
    "map-environment": Remedy(
        words="-ffile-prefix-map=<build environment>=. (rustc: --remap-path-prefix), beside the flags that are there",
        variations=("env-path",),
        directory=lambda chosen: chosen.env_dir,
    ),
}


def _link(source: str, target: str) -> None:
    """Put a file in another directory without its bytes, where the file system allows it."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _compilers() -> list[str]:
    """Return the names of the compilers for C, C++ and Fortran that a build finds on this machine."""
    folders = [folder for folder in Settings().path.split(":") if os.path.isdir(folder)]
    return sorted({entry.name for folder in folders for entry in os.scandir(folder) if _COMPILER.fullmatch(entry.name)})


def _wrap(env: Path, directory: Path, away: Iterable[str], *, rust: bool) -> Path:
    """Return a copy of a build environment in which compilers map directories away."""
    shutil.copytree(env, directory, symlinks=True, copy_function=_link)
    flags = dict.fromkeys(_compilers(), "-ffile-prefix-map=") | ({"rustc": "--remap-path-prefix="} if rust else {})
    for name, flag in flags.items():
        program = directory / "bin" / name
        program.unlink(missing_ok=True)  # it may be a link into the environment that all builds share
        program.write_text(_WRAPPER.replace("FLAGS", " ".join(f"'{flag}{path}=.'" for path in away)))
        program.chmod(0o755)
    return directory


def _culprits(finding: Finding, remedy: Remedy, result: Result, batches: Batches) -> frozenset[str] | None:
    """Return the variations under which a remedy has to help, or None where it is not meant for this finding."""
    if result.repeatable == NO:
        return frozenset()
    if not result.depends_on or (finding.variation and finding.variation not in remedy.variations):
        return None
    shows = {*remedy.variations, *BY_ID[finding.cause].variations}
    chosen = frozenset(shows & set(result.depends_on))
    differs = chosen in batches.first and batches.first[chosen].sha256 != result.sha256
    alone = any(
        batches.first.get(frozenset({name})) and batches.first[frozenset({name})].sha256 != result.sha256 for name in chosen
    )
    # What differs only together with other variations is tried under all of them.
    return chosen if differs or alone else frozenset(result.depends_on)


class _Trials:
    """Try remedies: each once for each set of variations."""

    def __init__(self, batches: Batches, directory: Path, jobs: int) -> None:
        self.builder = batches.builder
        self.directory = directory
        self.jobs = jobs
        self.waits = not machine.clock_library(self.builder.request.cache)
        self.known: dict[tuple[str, frozenset[str]], bool] = {}

    def helps(self, key: str, culprits: frozenset[str]) -> bool:
        """Say whether two builds with a remedy give the same wheel, one of them under these variations and a little later."""
        if (key, culprits) not in self.known:
            self.known[key, culprits] = self._build(REMEDIES[key], culprits)
        return self.known[key, culprits]

    def _build(self, remedy: Remedy, culprits: frozenset[str]) -> bool:
        base = self.builder.request.base
        later = dataclasses.replace(base, later=0 if self.waits else APART)
        chosen = [remedy.change(settings((), base)), remedy.change(settings(culprits, later))]
        builder = self._wrapped(remedy) if remedy.directory else self.builder
        with ThreadPoolExecutor(max_workers=self.jobs) as pool:
            one = pool.submit(builder.build, (), chosen[0])
            if self.waits and not culprits:
                time.sleep(APART)
            two = pool.submit(builder.build, (), chosen[1])
        return bool(one.result().sha256) and one.result().sha256 == two.result().sha256

    def _wrapped(self, remedy: Remedy) -> Builder:
        """Return a builder whose compilers map the directory of a remedy away, wherever it is in the two builds."""
        assert remedy.directory is not None
        base = self.builder.request.base
        away = dict.fromkeys(remedy.directory(settings(varied, base)) for varied in ((), NAMES))
        if remedy.directory(base) == base.build_dir:
            away = dict.fromkeys(f"{path}/{self.builder.source.folder}" for path in away)
        place = Path(tempfile.mkdtemp(prefix="advice-", dir=self.directory), "env")
        return self.builder.inside(_wrap(self.builder.env, place, away, rust=self.builder.rust is not None))


def verified(result: Result, batches: Batches, directory: Path, jobs: int, say: Say) -> Result:
    """Return a result whose findings say which remedy was tried and whether the wheel becomes reproducible with it.

    Each remedy takes two builds: one in the environment of the first build and one under the variations that it is for.
    `directory` is for what they need.
    """
    trials = _Trials(batches, directory, jobs)
    findings = []
    for finding in result.findings:
        key = BY_ID[finding.cause].remedy
        culprits = _culprits(finding, REMEDIES[key], result, batches) if key else None
        if culprits is None:
            findings.append(finding)
            continue
        say(f"trying {REMEDIES[key].words}")
        works = trials.helps(key, culprits)
        findings.append(dataclasses.replace(finding, remedy=REMEDIES[key].words, remedy_works=works))
    return dataclasses.replace(result, findings=tuple(findings))


def epoch_probe(builder: Builder, sha256: str, box: Sandbox, say: Say) -> EpochProbe:
    """Build without SOURCE_DATE_EPOCH at two moments, and with another value, and say what depends on it.

    `sha256` is that of the wheel in the environment of the first build.
    """
    say("probing SOURCE_DATE_EPOCH")
    base = builder.request.base
    unset = dataclasses.replace(base, source_date_epoch=None)
    later, _ = box.applicable(("time",))
    one = builder.build((), unset)
    if not later:
        time.sleep(APART)
    two = builder.build(later, unset)
    wheels = read(one), read(two)
    found: tuple[Finding, ...] = ()
    if wheels[0] and wheels[1]:
        found = causes.find(wheels[0], wheels[1], unset, settings(later, unset), later)
    moved = builder.build((), dataclasses.replace(base, source_date_epoch=(base.source_date_epoch or SOURCE_DATE_EPOCH) + _YEAR))
    return EpochProbe(
        needed=NO if one.sha256 == two.sha256 else YES,
        honoured=NO if moved.sha256 == sha256 else YES,
        causes=tuple(finding.cause for finding in found),
        members=tuple(dict.fromkeys(member for finding in found for member in finding.members))[: causes.MAX_MEMBERS],
    )
