"""The tokenizer: which words, word pieces and characters get a vector.

Words are lower case, without accents, and split where camelCase, snake_case and punctuation split
them, so that ``healthHeaders`` and ``health_headers`` share their tokens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

UNKNOWN = "[UNK]"
CAMEL = r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"

Frequencies = dict[str, float]


def bare_tokenizer(vocabulary: Sequence[str]) -> Tokenizer:
    """A WordPiece tokenizer over ``vocabulary``; a token's id is its place there."""
    tokenizer = Tokenizer(
        models.WordPiece({token: i for i, token in enumerate(vocabulary)}, unk_token=UNKNOWN)
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Replace(Regex(CAMEL), " "), normalizers.BertNormalizer()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def word_counts(texts: Iterable[str]) -> Counter[str]:
    """How often each word occurs in ``texts``."""
    splitter = bare_tokenizer([UNKNOWN])
    counts: Counter[str] = Counter()
    for text in texts:
        plain = splitter.normalizer.normalize_str(text)
        counts.update(word for word, _ in splitter.pre_tokenizer.pre_tokenize_str(plain))
    return counts


def mean_frequencies(histories: Sequence[Counter[str]]) -> Frequencies:
    """Each word's relative frequency, averaged over the histories so that none outweighs."""
    mean: Counter[str] = Counter()
    for counts in histories:
        total = sum(counts.values()) * len(histories)
        for word, count in counts.items():
            mean[word] += count / total
    return dict(mean)


def choose(
    histories: Sequence[Counter[str]], teacher: Tokenizer, words: int, pieces: int
) -> list[str]:
    """The vocabulary, most frequent words first.

    words: how many whole words, each of at least two histories (one history's own names help
    nobody else). pieces: how many word pieces, taken as the teacher cuts the words left out.
    All single characters that the teacher knows are added, so that no script it knows is lost,
    and the kanji of JIS X 0208 level 1, of which it knows few.
    """
    frequencies = mean_frequencies(histories)
    spread = Counter(word for counts in histories for word in counts)
    common = [word for word in frequencies if spread[word] >= 2 and not _is_long_number(word)]
    common = sorted(common, key=lambda word: (-frequencies[word], word))[:words]
    known = set(common)

    cuts: Counter[str] = Counter()
    for word in frequencies.keys() - known:
        for piece in teacher.encode(word, add_special_tokens=False).tokens:
            cuts[piece] += frequencies[word]
    cut = sorted(cuts.keys() - known - {UNKNOWN}, key=lambda piece: (-cuts[piece], piece))

    characters = sorted(t for t in teacher.get_vocab() if len(t.removeprefix("##")) == 1)
    return list(dict.fromkeys([UNKNOWN, *common, *cut[:pieces], *characters, *kanji()]))


def kanji() -> list[str]:
    """The 2,965 kanji of JIS X 0208 level 1 (rows 16 to 47)."""
    cells = (bytes((row, cell)) for row in range(0xB0, 0xD0) for cell in range(0xA1, 0xFF))
    return [char for pair in cells if len(char := pair.decode("euc_jp", "ignore")) == 1]


def token_frequencies(tokenizer: Tokenizer, words: Frequencies) -> Frequencies:
    """Each token's relative frequency, given that of the words."""
    frequencies: Counter[str] = Counter()
    for word, frequency in words.items():
        for token in tokenizer.encode(word, add_special_tokens=False).tokens:
            frequencies[token] += frequency
    return dict(frequencies)


def _is_long_number(word: str) -> bool:
    return len(word) > 3 and word[0].isdigit()
