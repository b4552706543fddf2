"""What the index and this machine offer now, beside what is recorded: the facts from which it follows what is due."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version as version_of

from packaging.version import InvalidVersion, Version

from . import __version__, environment, identity, index, machine, runs, sandbox, sdist, targets
from .due import TRANSIENT, Facts
from .errors import CheckFailed
from .pipconfig import PipConfig
from .projects import Project
from .results import Requirement, Result
from .runs import Run

_IMAGE = ("ImageOS", "ImageVersion")  # how hosted runners name theirs
_LOOKS = 16  # how many pages of the index are asked for at one time


def surroundings() -> dict[str, str]:
    """Return the environment of the checks that this machine makes, as records and results name it."""
    python = machine.own_python()
    image = "-".join(filter(None, map(os.environ.get, _IMAGE)))
    found = {
        "checker": __version__,
        "checker-source": identity.source(),
        "compiler": machine.compiler(),
        "image": image,
        "os": machine.operating_system(),
        "platform": python.platform,
        "python": python.label,
        "sandbox": sandbox.detect(index.cache_directory()).kind,
        "uv": version_of("uv"),
    }
    return {key: value for key, value in found.items() if value}


class Outlook:
    """Ask the index for what is there now, each page once, many at a time."""

    def __init__(self, config: PipConfig) -> None:
        """Take the configuration of the index."""
        self._config = config
        self._python = machine.own_python()
        self._pages: dict[str, tuple[index.File, ...] | CheckFailed] = {}
        self._best: dict[tuple[str, str], Version | None] = {}

    def ask(self, names: Iterable[str]) -> None:
        """Get the pages of these projects, unless they are known."""
        wanted = [name for name in dict.fromkeys(names) if name not in self._pages]
        with ThreadPoolExecutor(max_workers=_LOOKS) as pool:
            self._pages.update(zip(wanted, pool.map(self._page, wanted), strict=True))

    def _page(self, name: str) -> tuple[index.File, ...] | CheckFailed:
        try:
            return index.files(name, self._config)
        except CheckFailed as failure:
            return failure

    def _newest(self, pin: Requirement, python: str) -> Version | None:
        """Return the newest version that a resolution without bounds would pick, or None where that is not known."""
        page = self._pages.get(pin.name)
        if page is None or isinstance(page, CheckFailed):
            return None
        if (pin.name, python) not in self._best:
            fitting = (file for file in page if file.is_wheel and not file.yanked and index.supports(file, python))
            known = {file.version for file in fitting if not file.version.is_prerelease}
            self._best[pin.name, python] = max(known, default=None)
        return self._best[pin.name, python]

    def newer(self, result: Result) -> tuple[str, ...]:
        """Return the build requirements of a result that have newer releases, such as "setuptools 85.0.0"."""
        found = []
        for pin in result.environment.requires if result.environment else ():
            newest = self._newest(pin, _version(result))
            try:
                if newest and newest > Version(pin.version):
                    found.append(f"{pin.name} {newest}")
            except InvalidVersion:
                continue
        return tuple(found)

    def _picked(self, result: Result, newer: Sequence[str], python: machine.Python) -> tuple[str, ...]:
        """Return the newer build requirements that the resolution would pick now, as far as the sdist alone tells.

        What the backend asks for beyond the sdist is not known here; where it has a newer release, that counts.
        """
        page = self._pages.get(result.name, ())
        if isinstance(page, CheckFailed) or result.sdist is None or result.environment is None:
            return tuple(newer)
        file = next((file for file in page if file.sha256 == result.sdist.sha256), None)
        try:
            if file is None:
                return tuple(newer)
            source = sdist.read(index.download(file, self._config)[0], name=result.name, version=result.version)
            pins = environment.resolve(source.requires, python, self._config)
        except CheckFailed:
            return tuple(newer)
        same = {pin.name for pin in pins.requires if pin in result.environment.requires}
        return tuple(item for item in newer if item.partition(" ")[0] not in same)

    def facts(
        self, tracked: Sequence[Project], known: Mapping[str, Result], records: Sequence[Run]
    ) -> tuple[tuple[Facts, ...], tuple[str, ...]]:
        """Return the facts about each project, and a line for each one that the index did not answer for."""
        pins = {pin.name for result in known.values() if result.environment for pin in result.environment.requires}
        self.ask((*(project.name for project in tracked), *sorted(pins)))
        latest = runs.latest(records)
        problems: list[str] = []
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            found = pool.map(lambda project: self._facts(project, known.get(project.name), latest, problems), tracked)
        return tuple(found), tuple(sorted(problems))

    def _facts(
        self, project: Project, result: Result | None, latest: Mapping[str, tuple[Run, runs.Checked]], problems: list[str]
    ) -> Facts:
        run, last = latest.get(project.name, (None, None))
        ran_in = runs.environment_of(run, last) if run and last else None
        version = sha256 = label = refused = ""
        newer: tuple[str, ...] = ()
        page = self._pages[project.name]
        try:
            if isinstance(page, CheckFailed):
                raise page
            python = targets.python_for(project.python) if project.python else self._python
            file, python = targets.release(page, project, python, own=not project.python)
            version, sha256, label = str(file.version), file.sha256, python.label
            if result and not result.failure and version == result.version:
                passed = last.passed_over if last else ()
                newer = tuple(item for item in self.newer(result) if item not in passed)
                newer = self._picked(result, newer, python) if newer else ()
        except CheckFailed as failure:
            refused = "" if failure.reason in TRANSIENT else failure.reason
            if not (result and result.failure and result.failure.reason == failure.reason):
                problems.append(f"{project.name}: {failure.message}")
        return Facts(
            project=project,
            result=result,
            last=last,
            ran_in=ran_in,
            version=version,
            sha256=sha256,
            refused=refused,
            newer=newer,
            python=label,
        )


def _version(result: Result) -> str:
    """Return the version of the Python that a result was made with, such as "3.11.7"."""
    return result.environment.python.rpartition(" ")[2] if result.environment else ""
