#!/usr/bin/env python3
"""The embedding model's reference: what src/embed must give, to the byte.

usage: reference.py MODEL [--query] < TEXT     prints the token ids and the vector of a text
       reference.py MODEL --fixture OUT.jsonl  writes texts with their ids and vectors (tests/fixtures/model)

Also a module: read(path) -> Model; tokenize, embed, similarity; write(path, ...) for the trainer. Needs numpy (and xxhash to write).
"""
import json, math, re, struct, sys
from pathlib import Path

import numpy as np

MAGIC = b"\x89CQMOD\r\n"
MAX_PART = 40  # characters of a part that are looked at
# A word: a run of letters or a run of digits. Letters are the ASCII ones and those outside ASCII but for punctuation and symbols;
# a part with one of the latter is in no vocabulary, but it must not be torn into pieces that are.
FOREIGN = "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff\u2c00-\u2fff\u3040-\ufdff\U00010000-\U0010ffff"
WORD = re.compile(f"[A-Za-z{FOREIGN}]+|[0-9]+")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# The weight of a token that is there tf times.
TF = [0] + [math.floor(256 * (1 + math.log(tf)) + 0.5) for tf in range(1, 256)]


def parts(text):
    """The lower-case parts of a text, in order."""
    for word in WORD.findall(text):
        for part in CAMEL.split(word):
            yield part[:MAX_PART].translate(LOWER)


LOWER = {c: c + 32 for c in range(ord("A"), ord("Z") + 1)}


class Model:
    def __init__(self, name, tokens, weights, scales, query_weights):
        self.name, self.tokens = name, tokens
        self.weights = weights  # int8, V x dims, -8..7
        self.scales = scales  # f32, V
        self.query_weights = query_weights  # u8, V: 64 is 1.0
        self.ids = {token: i for i, token in enumerate(tokens)}
        self.longest = max(map(len, tokens))
        self.cache = {}

    def pieces(self, part):
        """Greedy longest match; nothing when a position has none."""
        found = self.cache.get(part)
        if found is None:
            found, at = [], 0
            while at < len(part):
                for end in range(min(len(part), at + self.longest), at, -1):
                    piece = self.ids.get(("##" if at else "") + part[at:end])
                    if piece is not None:
                        break
                else:
                    found = []
                    break
                found.append(piece)
                at = end
            self.cache[part] = found
        return found

    def tokenize(self, text):
        return [piece for part in parts(text) for piece in self.pieces(part)]

    def embed(self, text, query=False):
        """The int8 vector of a text, or None when it has no known token (or they cancel out)."""
        counts = {}
        for token in self.tokenize(text):
            counts[token] = counts.get(token, 0) + 1
        total = np.zeros(self.weights.shape[1], np.float32)
        for token in sorted(counts):
            weight = TF[min(counts[token], 255)]
            if query:
                weight = (weight * int(self.query_weights[token]) + 32) >> 6
            factor = np.float32(weight) * self.scales[token]
            total += factor * self.weights[token].astype(np.float32)
        most = np.abs(total).max()
        if most == 0:
            return None
        ratio = np.float32(127) / most
        return np.clip(np.floor(total * ratio + np.float32(0.5)), -127, 127).astype(np.int8)


def similarity(a, b):
    a, b = a.astype(np.int64), b.astype(np.int64)
    return int(a @ b) / (math.sqrt(int(a @ a)) * math.sqrt(int(b @ b)))


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def write(path, name, tokens, weights, scales, query_weights):
    """tokens in byte order; weights int8 -8..7; scales f32 that are bf16 already; query_weights u8."""
    import xxhash

    assert tokens == sorted(tokens, key=str.encode)
    dims = weights.shape[1]
    meta = varint(len(name.encode())) + name.encode() + varint(dims) + varint(len(tokens)) + varint(1)
    vocabulary, before = bytearray(), b""
    for token in map(str.encode, tokens):
        shared = 0
        while shared < min(len(before), len(token)) and before[shared] == token[shared]:
            shared += 1
        vocabulary += varint(shared) + varint(len(token) - shared) + token[shared:]
        before = token
    nibbles = (weights.astype(np.int16) + 8).astype(np.uint8)
    sections = [(b"META", meta), (b"VOCB", bytes(vocabulary)), (b"EMBD", (nibbles[:, 0::2] | nibbles[:, 1::2] << 4).tobytes()),
                (b"SCAL", (scales.astype("<f4").view("<u4") >> 16).astype("<u2").tobytes()), (b"QWGT", query_weights.astype(np.uint8).tobytes())]
    align = lambda n: (n + 7) & ~7
    offset = first = 32 + 32 * len(sections)
    length = first + sum(align(len(data)) for _, data in sections)
    head, table, body = MAGIC + struct.pack("<HHIQ", 1, 0, len(sections), length), b"", b""
    for tag, data in sections:
        table += tag + struct.pack("<IQQQ", 0, offset, len(data), xxhash.xxh3_64_intdigest(data))
        offset += align(len(data))
        body += data + bytes(align(len(data)) - len(data))
    Path(path).write_bytes(head + struct.pack("<Q", xxhash.xxh3_64_intdigest(head[:24] + table)) + table + body)


def read(path):
    data = Path(path).read_bytes()
    assert data[:8] == MAGIC, "not a model"
    sections = {}
    for i in range(struct.unpack_from("<I", data, 12)[0]):
        tag, (_, offset, length, _) = data[32 + 32 * i:36 + 32 * i], struct.unpack_from("<IQQQ", data, 36 + 32 * i)
        sections[tag] = data[offset:offset + length]

    def number(data, at):
        value = shift = 0
        while True:
            value |= (data[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if data[at - 1] < 128:
                return value, at

    meta = sections[b"META"]
    size, at = number(meta, 0)
    name, at = meta[at:at + size].decode(), at + size
    dims, at = number(meta, at)
    count, at = number(meta, at)
    assert number(meta, at)[0] == 1, "another tokenizer"
    tokens, before, at = [], b"", 0
    vocabulary = sections[b"VOCB"]
    for _ in range(count):
        shared, at = number(vocabulary, at)
        size, at = number(vocabulary, at)
        before, at = before[:shared] + vocabulary[at:at + size], at + size
        tokens.append(before.decode())
    rows = np.frombuffer(sections[b"EMBD"], np.uint8).reshape(count, dims // 2)
    weights = np.empty((count, dims), np.int8)
    weights[:, 0::2], weights[:, 1::2] = (rows & 15).astype(np.int8) - 8, (rows >> 4).astype(np.int8) - 8
    scales = (np.frombuffer(sections[b"SCAL"], "<u2").astype("<u4") << 16).view("<f4").astype(np.float32)
    return Model(name, tokens, weights, scales, np.frombuffer(sections[b"QWGT"], np.uint8))


TEXTS = [
    "", " ", "...", "\u2014", "parseHTTPResponse", "how are retries handled when the connection is closed?", "snake_case_name2 __init__ XMLHttpRequest iOS",
    "def embed(text):\n    return [w for w in text.split() if w]\n" * 30, "na\u00efve caf\u00e9 \u4f60\u597d \u201cquoted word\u201d don\u2019t \u00d7 \u00b5m \ud83d\ude00x".encode("utf-16", "surrogatepass").decode("utf-16"),
    "x" * 100, "1234567890" * 6, "e " * 300, "pub fn write(kind: Kind, sections: &[([u8; 4], Vec<u8>)]) -> Vec<u8> { let align = |len: usize| len.next_multiple_of(8); }",
    "aB ABc ABCd aBC ABC aB1Cd A1b \u00e9A A\u00e9 a\u0130b \u212a", "zzqxjkw qqqq zxcvbnmasdfghjklqwertyuiopzxcvbnmasdfghjklqwertyuiop",
]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    model = read(sys.argv[1])
    if "--fixture" in sys.argv:
        here = Path(__file__).resolve().parent
        texts = TEXTS + [(here / name).read_text()[:4000] for name in ("reference.py", "fetch.py", "extract.mjs")]
        with open(sys.argv[sys.argv.index("--fixture") + 1], "w") as out:
            for text in texts:
                vectors = [None if v is None else v.tolist() for v in (model.embed(text), model.embed(text, True))]
                out.write(json.dumps({"text": text, "ids": model.tokenize(text), "code": vectors[0], "query": vectors[1]}) + "\n")
        return
    text = sys.stdin.read()
    vector = model.embed(text, "--query" in sys.argv)
    print(model.tokenize(text), None if vector is None else vector.tolist(), sep="\n")


if __name__ == "__main__":
    main()
