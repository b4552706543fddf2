"""What changed since the last result of a project, and what is kept of it."""

from __future__ import annotations

import re
from dataclasses import replace

from . import patterns, runs
from .results import BUILD_FAILED, EXCLUDED, NOT_CHECKED, UNREPRODUCIBLE, Failure, Result
from .runs import Change

# The facts of an environment that a wheel may depend on, apart from the build requirements.
_FACTS = ("python", "platform", "os", "compiler", "source_date_epoch", "build_dir", "backend", "sandbox")

_TOOK = re.compile(r"\b\d+\.\d+ ?(?:s|sec|seconds)\b")  # in a log: another each time


def moved(old: Result, new: Result) -> tuple[str, ...]:
    """Return what of the toolchain differs between two answers, one short text each; nothing where one has no environment."""
    before, after = old.environment, new.environment
    if before is None or after is None:
        return ()
    found = [
        f"{name.replace('_', '-')} {getattr(before, name)} → {getattr(after, name)}"
        for name in _FACTS
        if getattr(before, name) != getattr(after, name)
    ]
    # Where one of the two says nothing of a package, it was recorded by a checker that did not look, or for other needs.
    now = dict(after.packages)
    found += [f"{name} {version} → {now[name]}" for name, version in before.packages if now.get(name, version) != version]
    had = {item.name: item for item in before.requires}
    has = {item.name: item for item in after.requires}
    for name in sorted(had.keys() | has.keys()):
        one, two = had.get(name), has.get(name)
        if one is None or two is None:
            found.append(f"{name} {two.version}, which was not there" if two else f"without {name}")
        elif one != two:
            other = "another file" if one.version == two.version else f"→ {two.version}"
            found.append(f"{name} {one.version} {other}")
    varied, varies = set(old.variations.applied), set(new.variations.applied)
    found += [f"{name} is {'varied now' if name in varies else 'no longer varied'}" for name in sorted(varied ^ varies)]
    return tuple(found)


def _because(text: str, old: Result, new: Result, checker: str | None) -> str:
    """Return a line of history with what is new in the environment, or that nothing is."""
    found = (*moved(old, new), *([checker] if checker else []))
    if found:
        return f"{text}: {', '.join(found)}"
    # Where it is not known which checker came to the earlier answer, it may be the checker that has moved.
    return f"{text} in the same environment" if checker == "" and old.environment and new.environment else text


def _answer(result: Result) -> str:
    """Return what a wheel was found to depend on, in a few words."""
    told = [f"depends on {', '.join(result.depends_on)}"] if result.depends_on else []
    told += [f"fails under {', '.join(result.fails_under)}"] if result.fails_under else []
    told += ["not isolated"] if result.one_of else []
    return "; ".join(told) or f"robust {result.robust}"


def _isolated(old: Result, new: Result) -> bool:
    """Say whether an answer tells more of the same wheel than an earlier one, which had not isolated everything."""
    return (
        bool(old.one_of)
        and len(new.one_of) < len(old.one_of)
        and (old.sha256, old.status) == (new.sha256, new.status)
        and {*new.depends_on, *new.fails_under, *new.one_of} <= {*old.depends_on, *old.fails_under, *old.one_of}
    )


def _seen(old: Result, kept: Result) -> tuple[str, str]:
    """Return what moved between two answers for one release: the status, else what the wheel depends on, else the wheel."""
    if old.status != kept.status:
        return old.status, kept.status
    before, after = _answer(old), _answer(kept)
    return (before, after) if before != after else (f"wheel {old.sha256[:12]}", f"wheel {kept.sha256[:12]}")


def change(old: Result | None, new: Result, kept: Result, checker: str = "") -> Change | None:
    """Return what a check has changed, or None: `new` is what it found, `kept` what is known since; see `merge`."""
    before, after = (old.status if old else ""), kept.status
    if new.failure:
        after = f"{BUILD_FAILED}, {new.failure.reason}"
        if old and old.failure and old.failure.reason == new.failure.reason:
            return None
        return Change(name=new.name, version=new.version, why=runs.NO_ANSWER, before=before, after=after)
    told = Change(name=new.name, version=new.version, why=runs.FIRST, before=before, after=after)
    if old is None or (old.status == BUILD_FAILED and not old.history):
        return told
    if kept.history == old.history:
        if old.failure:
            return replace(told, why=runs.AGAIN)
        if old.published == kept.published or old.published == NOT_CHECKED:
            return None
        told = replace(told, before=f"published {old.published}", after=f"published {kept.published}")
    elif old.status == BUILD_FAILED:
        return replace(told, why=runs.AGAIN)
    elif new.version == old.version:
        before, after = _seen(old, kept)
        told = replace(told, before=before, after=after)
    if new.version != old.version:
        return replace(told, why=runs.RELEASE)
    if _isolated(old, new):
        return replace(told, why=runs.ISOLATED)
    because = moved(old, new)
    if because:
        return replace(told, why=runs.TOOLCHAIN, moved=(*because, *([checker] if checker else [])))
    return replace(told, why=runs.CHECKER, moved=(checker,)) if checker else replace(told, why=runs.FLAKY)


def _same_sdist(old: Result, new: Result) -> bool:
    """Say whether two results are of one release, and of the same file of it."""
    return bool(old.sdist and new.sdist and (old.version, old.sdist.sha256) == (new.version, new.sdist.sha256))


def _same_log(old: str, new: str) -> bool:
    """Say whether two logs differ in nothing but names of temporary files and how long something took."""
    one, two = (_TOOK.sub("", log).encode() for log in (old, new))
    if patterns.TEMPORARY.split(one) != patterns.TEMPORARY.split(two):
        return False
    names = zip(patterns.TEMPORARY.finditer(one), patterns.TEMPORARY.finditer(two), strict=True)
    return all(
        a.group() == b.group() or patterns.temporary_cause(a.group(), b.group(), patterns.line_around(a)) for a, b in names
    )


def _failed(old: Failure | None, new: Failure | None) -> Failure | None:
    """Return a failure with the date of its first time, and with its first log where the new one tells the same."""
    if not (old and new and (old.phase, old.reason) == (new.phase, new.reason)):
        return new
    return replace(new, since=old.since, log=old.log if _same_log(old.log, new.log) else new.log)


def merge(new: Result, old: Result | None, checker: str | None = None) -> Result:
    """Return what to write when a check ends and an earlier result exists.

    `checker` says how the checker has moved since, such as "checker 0.1.0 → 0.2.0": "" where it is the same, None where
    that is not known.

    A failure keeps the last real answer and stands beside it, marked stale. A real answer keeps the date on which
    its state began and gains a line of history when the state, the release or the wheel changed. What is known of the
    published wheel stays where the new check of the same sdist did not look at it.
    """
    if new.status == BUILD_FAILED:
        failure = _failed(old.failure if old else None, new.failure)
        if old and old.status not in (BUILD_FAILED, EXCLUDED):
            return replace(old, stale=True, failure=failure)
        if old and old.status == BUILD_FAILED:
            return replace(new, since=old.since, failure=failure, history=old.history)
        return new
    if old is None:
        return new
    if not new.published_wheel and new.published == NOT_CHECKED and _same_sdist(old, new):
        new = replace(new, published=old.published, published_wheel=old.published_wheel)
    state = (new.status, new.repeatable, new.robust, new.depends_on, new.fails_under)
    same_state = state == (old.status, old.repeatable, old.robust, old.depends_on, old.fails_under)
    if old.status == BUILD_FAILED:
        why = "it builds again" if old.history else "first check"
    elif new.version != old.version:
        why = "new release"
    elif not same_state:
        isolated = _isolated(old, new)
        why = (
            "isolated, which it was not before"
            if isolated
            else _because("another answer for the same release", old, new, checker)
        )
    elif new.sha256 != old.sha256 and new.status != UNREPRODUCIBLE:  # a wheel that moves by itself is no news
        why = _because("another wheel from the same release", old, new, checker)
    else:
        return replace(new, since=old.since, history=old.history)
    events = tuple(replace(event, why=why) for event in new.history)
    return replace(new, since=old.since if same_state else new.since, history=old.history + events)
