"""Which scenarios the words of a command line mean.

A word is a file, a folder, a pattern such as ``'scenarios/**/tele*.yaml'``, the name of a shipped scenario, ``pack:``
(all shipped ones, or ``pack:PATTERN``), or an expression about tags such as ``tag:wire`` or ``'not tag:wire,media'``.
Without any but tags, the folder ``scenarios`` here is meant; if tags or words of ``-k`` choose and there is no such
folder, the shipped ones.

A folder is searched through, except for hidden folders, ``node_modules`` and links to folders. Of its files, those
count that have the key ``scenario``: others are parts that scenarios include, or nothing of ours.
"""

import glob
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from ..errors import InputError, SettingError, SeveralErrors, did_you_mean
from .loader import load, shipped_scenarios
from .model import Scenario
from .selection import TAG, Test, check_tags, matches, parse, words_of

USUAL_FOLDER = "scenarios"
"""What is meant if no word says anything else."""
PACK_PREFIX = "pack:"
MOST_READ = 2_000
"""So many are loaded at most: to read a file takes some 10 ms."""
MOST_FILES = 50_000
"""So many YAML files of folders are looked at."""
_ENDINGS = (".yaml", ".yml")
_SKIPPED = ("node_modules", "__pycache__")
_LOOKED_AT = 1 << 20
"""Bytes of a file in which its keys are looked for."""
_KEY = re.compile(rb"""(?m)^(?:\xef\xbb\xbf)?(?:\{\s*)?["']?scenario["']?\s*:""")
_YAML_NAME = re.compile(rb"""[^\s"'\[\],{}]+\.ya?ml\b""")
_PATTERN = re.compile(r"[*?\[]")
_NAMED = 5


@dataclass(frozen=True, slots=True)
class ScenarioChoice:
    """What is meant: names that :func:`load` takes, and tests of tags that are not done yet."""

    names: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What was left out, in a sentence each."""
    expressions: tuple[str, ...] = ()
    """About tags; each must hold."""
    keyword: str | None = None

    def loaded(self) -> Iterator[tuple[str, Scenario | InputError]]:
        """Each of them, or what is wrong with it; then those that do not have the tags are left out.

        Raises :exc:`SettingError` if the tests of tags choose nothing, or name a tag that no scenario has.
        """
        tests = [(each, parse(each)) for each in self.expressions]
        if self.keyword is not None and _is_about_tags(self.keyword):
            tests.append((self.keyword, parse(self.keyword, _contains)))
        if not tests:
            yield from ((name, _read(name)) for name in self.names)
            return
        found = [(name, _read(name)) for name in self.names]
        read = [(name, each) for name, each in found if isinstance(each, Scenario)]
        if read:
            for expression, _ in tests:
                check_tags(expression, {tag for _, scenario in read for tag in scenario.tags})
        chosen = {name for name, each in read if all(test(_stem(name), each.tags) for _, test in tests)}
        if read and not chosen:
            raise SettingError(
                f"{' and '.join(repr(each) for each, _ in tests)} choose none of {_count(len(read), 'scenario')}; "
                "leave a part out"
            )
        yield from ((name, each) for name, each in found if name in chosen or isinstance(each, InputError))


def choose(words: Sequence[str], keyword: str | None = None) -> ScenarioChoice:
    """What the words mean, before anything is loaded. Raises :exc:`InputError` if they mean nothing."""
    expressions = tuple(word for word in words if _is_about_tags(word) and not os.path.exists(word))
    for each in expressions:
        parse(each)
    places = [word for word in words if word not in expressions]
    finding = _Finding()
    if places:
        for word in places:
            finding.add(word)
    elif os.path.isdir(USUAL_FOLDER):
        finding.folder(USUAL_FOLDER)
    elif expressions or keyword is not None:
        finding.pack("*")
    else:
        raise InputError(
            f"there is no folder {USUAL_FOLDER!r} here; `stillthere init` writes one with a first scenario, or name "
            "scenarios: files, folders, tag:NAME, or shipped ones, which `stillthere list` shows"
        )
    names = finding.names()
    if keyword is not None:
        names = _with_keyword(names, keyword)
    if len(names) > MOST_READ:
        raise InputError(
            f"{len(names)} scenarios are meant, and at most {MOST_READ} are read at once; "
            "name a folder in it, or choose by -k"
        )
    return ScenarioChoice(tuple(names), tuple(finding.notes()), expressions, keyword)


def load_all(choice: ScenarioChoice) -> list[tuple[str, Scenario]]:
    """All that are meant, by the names that the user wrote. Raises :exc:`InputError` with the mistakes of all."""
    found = list(choice.loaded())
    mistakes = [each for _, each in found if isinstance(each, InputError)]
    if mistakes:
        raise SeveralErrors(mistakes)
    return [(name, each) for name, each in found if isinstance(each, Scenario)]


def _read(name: str) -> Scenario | InputError:
    try:
        return load(name)
    except InputError as error:
        return error


# --- words of -k ------------------------------------------------------------------------------------------------------


def _with_keyword(names: list[str], keyword: str) -> list[str]:
    """Those whose names the expression of ``-k`` chooses; all, if tags of theirs must be known."""
    test = parse(keyword, _contains)
    if _is_about_tags(keyword):
        return names
    chosen = [name for name in names if test(_stem(name), ())]
    if not chosen:
        first = next(iter(words_of(keyword)), "")
        stems = [os.path.basename(_stem(name)) for name in names]
        meant = did_you_mean(first, stems)
        cure = meant if "did you mean" in meant or len(stems) < _NAMED else "`stillthere list` shows their names"
        raise SettingError(f"-k {keyword!r} chooses none of {_count(len(names), 'scenario')}; {cure}")
    return chosen


def _contains(word: str) -> Test:
    """The test of a word of ``-k``: a part of a name, in any case; a pattern of the whole; or a tag."""
    if word.startswith(TAG):
        return matches(word)
    wanted = word.lower()
    if _PATTERN.search(word):
        return lambda name, _: fnmatchcase(os.path.basename(name).lower(), wanted)
    return lambda name, _: wanted in name.lower()


def _is_about_tags(expression: str) -> bool:
    return re.search(r"(?:^|[\s(])tag:", expression) is not None


def _stem(name: str) -> str:
    return os.path.splitext(name)[0] if name.endswith(_ENDINGS) else name


# --- files ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Finding:
    """The files and names found so far, each once."""

    _names: dict[str, str] = field(default_factory=dict)
    """By the real path, or by the name of a shipped one."""
    _parts: dict[str, str] = field(default_factory=dict)
    """Files of folders that are no scenarios, likewise."""
    _mentioned: set[str] = field(default_factory=set)
    """The real paths that scenarios of folders mention, as they include them."""
    _seen: int = 0

    def names(self) -> list[str]:
        """In the order in which they were found."""
        return list(self._names.values())

    def notes(self) -> Iterator[str]:
        """About files that neither are scenarios nor are included by one."""
        left = [name for path, name in self._parts.items() if path not in self._mentioned]
        if left:
            shown = ", ".join(left[:_NAMED]) + (f" and {len(left) - _NAMED} more" if len(left) > _NAMED else "")
            what = "is no scenario" if len(left) == 1 else "are no scenarios"
            yield f"note: {shown} {what}, without the key 'scenario', so left out"

    def add(self, word: str) -> None:
        """What one word means. Raises :exc:`InputError`."""
        if word.startswith(PACK_PREFIX):
            self.pack(word.removeprefix(PACK_PREFIX) or "*")
        elif os.path.isfile(word) or _is_shipped(word):
            self._name(word)
        elif os.path.isdir(word):
            self.folder(word)
        elif _PATTERN.search(word):
            self._pattern(word)
        else:
            self._name(word)  # loading it says what is wrong

    def pack(self, pattern: str) -> None:
        """Shipped scenarios."""
        stems = [path.stem for path in shipped_scenarios()]
        found = [stem for stem in stems if fnmatchcase(stem, pattern)]
        if not found:
            raise InputError(f"no shipped scenario is called {pattern!r}; {_or_list(did_you_mean(pattern, stems))}")
        for stem in found:
            self._name(stem)

    def folder(self, folder: str) -> None:
        """All scenarios in a folder and in those below it."""
        self._found(_inside(folder), f"the folder {folder!r}")

    def _pattern(self, pattern: str) -> None:
        found = sorted(glob.glob(pattern, recursive=True))
        files = [each for each in found if each.endswith(_ENDINGS) and not os.path.isdir(each)]
        for each in found:
            files += _inside(each) if os.path.isdir(each) else []
        if files:
            self._found(files, f"what {pattern!r} matches")
        elif any(fnmatchcase(path.stem, pattern) for path in shipped_scenarios()):
            self.pack(pattern)
        else:
            raise InputError(
                f"{pattern!r} matches no scenario file in {os.getcwd()}, and no shipped scenario; "
                "correct it, or name a folder"
            )

    def _found(self, files: Iterable[str], where: str) -> None:
        count, names, parts = 0, len(self._names), len(self._parts)
        for file in files:
            count += 1
            self._file(file)
        if not count:
            raise InputError(
                f"{where} has no file that ends in .yaml; write a scenario, or `stillthere init` writes one"
            )
        if len(self._parts) > parts and len(self._names) == names:
            files = "the only file lacks" if count == 1 else f"all {count} files lack"
            raise InputError(
                f"{where} has no scenario: {files} the key 'scenario'; name a scenario file, or add the key"
            )

    def _file(self, file: str) -> None:
        self._seen += 1
        if self._seen > MOST_FILES:
            raise InputError(f"over {MOST_FILES} YAML files are meant, the last {file!r}; name a folder with fewer")
        try:
            content = b"scenario:"
            if os.path.isfile(file):  # not a pipe, which would wait
                with open(file, "rb") as opened:
                    content = opened.read(_LOOKED_AT)
        except OSError:
            pass
        # What cannot be read is named too: loading it says what is wrong.
        if _KEY.search(content) is None:
            self._parts[os.path.realpath(file)] = file
            return
        self._name(file)
        if b"include" in content:
            here = os.path.dirname(file)
            for name in _YAML_NAME.findall(content):
                self._mentioned.add(os.path.realpath(os.path.join(here, os.fsdecode(name))))

    def _name(self, name: str) -> None:
        self._names.setdefault(os.path.realpath(name) if os.path.lexists(name) else name, name)


def _inside(folder: str) -> Iterator[str]:
    for here, folders, files in os.walk(folder, onerror=_unreadable):
        folders[:] = sorted(each for each in folders if not each.startswith(".") and each not in _SKIPPED)
        for name in sorted(files):
            if name.endswith(_ENDINGS) and not name.startswith("."):
                yield os.path.normpath(os.path.join(here, name))


def _unreadable(error: OSError) -> None:
    raise InputError(f"the folder {error.filename!r} cannot be read ({error.strerror}); make it readable") from None


def _is_shipped(name: str) -> bool:
    return any(path.stem == name for path in shipped_scenarios())


def _or_list(cure: str) -> str:
    return cure if "did you mean" in cure else "`stillthere list pack:` shows them"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
