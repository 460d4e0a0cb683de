"""Slips of pinyin input: 加装电体 is 加装电梯, gongjijin is 公积金, gjj too. Known words come from public titles."""

from __future__ import annotations

import collections
import re
import threading
from collections.abc import Iterable, Sequence
from itertools import pairwise

from django.db.models import F

from gongkai.core.search import text as texts

_HAN = re.compile(r"[\u4e00-\u9fff]{2,12}")
_LETTERS = re.compile(r"[a-z' ]{2,40}")
LONGEST = 8
_CHUNK = 500


def syllables(word: str) -> list[str]:
    """The sound of each character, without tones and without the differences that tongues do not make."""
    from pypinyin import Style, lazy_pinyin

    return [blurred(sound) for sound in lazy_pinyin(word, style=Style.NORMAL)]


def blurred(sound: str) -> str:
    """zh, ch, sh as z, c, s; ang, eng, ing as an, en, in."""
    sound = re.sub(r"^([zcs])h", r"\1", sound)
    return re.sub(r"(?<=[aei]n)g$", "", sound)


def _titled(title: str) -> set[str]:
    """The words of a title, and pairs of neighbouring words, which are terms more often than not."""
    import rjieba

    found: set[str] = set()
    for run in texts.runs(texts.fold(title)):
        cut = rjieba.cut(run)
        found.update(word for word in cut if _HAN.fullmatch(word))
        found.update(
            first + second
            for first, second in pairwise(cut)
            if len(first) > 1 and len(second) > 1 and _HAN.fullmatch(first + second)
        )
    return found


def learn(titles: Iterable[str]) -> None:
    """Note the words of new titles; runs inside a writing transaction."""
    counter = Counter()
    for title in titles:
        counter.add(title)
    counter.store(fresh=False)


class Counter:
    """Words of titles, counted."""

    MOST = 100_000

    def __init__(self) -> None:
        self.words: collections.Counter[str] = collections.Counter()

    def add(self, title: str) -> None:
        """Count the words of one title; rare ones are dropped when there are too many."""
        self.words.update(_titled(title))
        if len(self.words) > 2 * self.MOST:
            self.words = collections.Counter(dict(self.words.most_common(self.MOST)))

    def store(self, *, fresh: bool = True) -> None:
        """Write them down, in place of what was there or beside it."""
        from gongkai.core.search.models import SearchWord

        if fresh:
            SearchWord.objects.all().delete()
        words = [word for word, _ in self.words.most_common(self.MOST)]
        for start in range(0, len(words), _CHUNK):
            chunk = words[start : start + _CHUNK]
            known = set() if fresh else set(SearchWord.objects.filter(word__in=chunk).values_list("word", flat=True))
            if known:
                SearchWord.objects.filter(word__in=known).update(number=F("number") + 1)
            rows = []
            for word in chunk:
                if word in known:
                    continue
                sounds = syllables(word)
                rows.append(
                    SearchWord(
                        word=word,
                        sound=" ".join(sounds)[:120],
                        initials="".join(sound[:1] for sound in sounds),
                        number=self.words[word],
                    )
                )
            SearchWord.objects.bulk_create(rows, ignore_conflicts=True)


def mended(query: str) -> str:
    """The query as it was probably meant, or nothing when it is right or cannot be known."""
    folded = texts.fold(query).strip()
    if _LETTERS.fullmatch(folded):
        return _from_letters(folded)
    signs = "".join(texts.runs(folded))
    if not _HAN.fullmatch(signs):
        return ""
    meant = _path(syllables(signs), signs)
    return meant if meant != signs else ""


def _from_letters(letters: str) -> str:
    """gong ji jin or gongjijin, or the initials gjj."""
    from gongkai.core.search.models import SearchWord

    plain = letters.replace("'", " ")
    joined = plain.replace(" ", "")
    if len(joined) <= 6:
        short = SearchWord.objects.filter(initials=joined).order_by("-number", "pk").values_list("word", flat=True)
        if joined.isalpha() and (found := short.first()):
            return found
    for sounds in _splits(joined):
        meant = _path([blurred(sound) for sound in sounds], "")
        if meant and len(meant) == len(sounds):
            return meant
    return ""


def _splits(letters: str, most: int = 12) -> list[list[str]]:
    """Ways to cut letters into syllables, fewest syllables first."""
    known = _known_syllables()
    found: list[list[str]] = []

    def go(at: int, so_far: list[str]) -> None:
        if len(found) >= most or len(so_far) > 12:
            return
        if at == len(letters):
            found.append(list(so_far))
            return
        for length in range(min(6, len(letters) - at), 0, -1):
            if letters[at : at + length] in known:
                so_far.append(letters[at : at + length])
                go(at + length, so_far)
                so_far.pop()

    go(0, [])
    return sorted(found, key=len)


_syllables: set[str] = set()


def warm() -> None:
    """Read the dictionaries now, in a thread beside: the first reader whose search finds nothing need not wait."""

    def read() -> None:
        texts.fold("")
        texts.words(["公开"])
        syllables("公开")
        _known_syllables()

    threading.Thread(target=read, name="gongkai-search-words", daemon=True).start()


def _known_syllables() -> set[str]:
    if not _syllables:
        from pypinyin import Style, lazy_pinyin

        signs = "".join(chr(code) for code in range(0x4E00, 0x9FA6))
        sounds: Sequence[str] = lazy_pinyin(list(signs), style=Style.NORMAL)
        _syllables.update(sound for sound in sounds if sound.isascii() and sound.isalpha())
    return _syllables


def _path(sounds: list[str], signs: str) -> str:
    """The best row of known words that sounds like this; characters without a word stay as they were typed."""
    from gongkai.core.search.models import SearchWord

    size = len(sounds)
    wanted = {
        " ".join(sounds[start:end]) for start in range(size) for end in range(start + 2, min(size, start + LONGEST) + 1)
    }
    words: dict[str, list[str]] = {}
    rows = SearchWord.objects.filter(sound__in=sorted(wanted)).order_by("-number", "pk")
    for sound, word in rows.values_list("sound", "word")[:2000]:
        words.setdefault(sound, []).append(word)
    # Cost: few long words are better than many; what was typed is better than what sounds so.
    best: list[tuple[float, str]] = [(0.0, "")] + [(1e9, "")] * size
    for end in range(1, size + 1):
        cost, text = best[end - 1]
        best[end] = (cost + 3.0, text + signs[end - 1]) if signs else (1e9, "")
        for start in range(max(0, end - LONGEST), end - 1):
            typed = signs[start:end]
            known = words.get(" ".join(sounds[start:end]))
            if not known:
                continue
            word, extra = (typed, 0.0) if typed in known else (known[0], 1.2)
            reached = best[start][0] + 1.0 + extra
            if reached < best[end][0]:
                best[end] = (reached, best[start][1] + word)
    return best[size][1]
