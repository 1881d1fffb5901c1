#!/usr/bin/env python3
"""Vocabulary and token bags from the pairs that extract.mjs wrote.

usage: prepare.py OUT_DIR PAIRS.jsonl ... [--size 24000] [--vocabulary FILE]

Writes OUT_DIR/vocabulary.txt and OUT_DIR/bags.npz. The vocabulary is learned by byte-pair merges over the parts of words (reference.py), each
counted at most 40 times a repository, and at most so often for a language that no language has more than a quarter.
"""
import argparse, hashlib, heapq, json, re, sys, zlib
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from reference import Model, parts


# Rows at most of a kind and language; of more, a fixed share is taken.
LIMITS = {"doc": 45_000, "name": 15_000, "file": 6_000}
HEAD = re.compile(r'^\{"repo":"[^"]*","lang":"(\w+)","path":"(?:[^"\\\\]|\\\\.)*","kind":"(\w+)"')


def shares(files):
    counts = Counter(HEAD.match(line).groups() for file in files for line in open(file))
    return {key: min(1, LIMITS[key[1]] / n) for key, n in counts.items()}


def long_lines(text):
    """Its lines without their blanks, where long enough to tell where they come from."""
    return [hash(line) for line in (re.sub(r"\s+", "", line) for line in text.split("\n") if len(line) >= 36) if len(line) >= 36]


def copies(files, apart):
    """The files that are copies of what is kept apart: a quarter of their long lines, and six at least, are found there."""
    there = {line for row in open(apart) for line in long_lines(json.loads(row)["text"])}
    all_, found = Counter(), Counter()
    for file in files:
        for line in open(file):
            row = json.loads(line)
            mine = long_lines(row["code"])
            all_[row["repo"], row["path"]] += len(mine)
            found[row["repo"], row["path"]] += sum(line in there for line in mine)
    return {key for key, n in found.items() if n >= 6 and n > all_[key] / 4}


def rows(files, share, out=frozenset()):
    for file in files:
        for line in open(file):
            if zlib.crc32(line.encode()) < share[HEAD.match(line).groups()] * 2**32:
                row = json.loads(line)
                if (row["repo"], row["path"]) not in out:
                    yield row


def count_parts(files, share, out):
    by_language, repo, current, lang = defaultdict(Counter), None, Counter(), None
    def flush():
        for part, n in current.items():
            by_language[lang][part] += min(n, 40)
    for row in rows(files, share, out):
        if (row["repo"], row["lang"]) != (repo, lang):
            flush()
            repo, lang, current = row["repo"], row["lang"], Counter()
        current.update(p for p in parts(row["query"] + " " + row["code"]) if p.isascii())
    flush()
    sizes = {lang: sum(c.values()) for lang, c in by_language.items()}
    limit = sum(sizes.values()) / 5
    total = Counter()
    for lang, counter in by_language.items():
        factor = min(1, limit / max(1, sizes[lang]))
        for part, n in counter.items():
            total[part] += n * factor
    return {part: n for part, n in total.items() if n >= 5 and not re.fullmatch(r"[0-9]{5,}", part)}


def merges(counts, size):
    """Byte-pair encoding; ties by the pair itself, so that it is the same everywhere."""
    words = [([w[0]] + ["##" + c for c in w[1:]], n) for w, n in sorted(counts.items())]
    alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
    vocabulary = set(alphabet) | {"##" + c for c in alphabet}
    pairs, where = defaultdict(float), defaultdict(set)
    for i, (symbols, n) in enumerate(words):
        for pair in zip(symbols, symbols[1:]):
            pairs[pair] += n
            where[pair].add(i)
    heap = [(-n, pair) for pair, n in pairs.items()]
    heapq.heapify(heap)
    while len(vocabulary) < size and heap:
        n, pair = heapq.heappop(heap)
        if -n != pairs.get(pair):
            continue
        if -n < 5:
            break
        new = pair[0] + pair[1].removeprefix("##")
        vocabulary.add(new)
        changed = set()
        for i in sorted(where.pop(pair)):
            symbols, n = words[i]
            for old in zip(symbols, symbols[1:]):
                pairs[old] -= n
                changed.add(old)
            merged, at = [], 0
            while at < len(symbols):
                if at + 1 < len(symbols) and (symbols[at], symbols[at + 1]) == pair:
                    merged.append(new)
                    at += 2
                else:
                    merged.append(symbols[at])
                    at += 1
            words[i] = (merged, n)
            for now in zip(merged, merged[1:]):
                pairs[now] += n
                where[now].add(i)
                changed.add(now)
        pairs.pop(pair, None)
        changed.discard(pair)
        for p in changed:
            if pairs.get(p, 0) > 0.5:
                heapq.heappush(heap, (-pairs[p], p))
    return sorted(vocabulary, key=str.encode)


def held_out(repo):
    return hashlib.sha1(repo.split("/", 1)[1].encode()).digest()[0] % 20 == 0


def chunk_string(path, name, text, names=2):
    """What is embedded of a chunk: its text, its folder and file, its qualified name twice."""
    file = "/".join(re.sub(r"\.\w+$", "", path).split("/")[-2:])
    return "\n".join([text, file] + [name] * names)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("pairs", nargs="+")
    parser.add_argument("--size", type=int, default=24000)
    parser.add_argument("--vocabulary")
    parser.add_argument("--apart", help="chunks (outline.mjs) of what must not be trained on")
    parser.add_argument("--string", type=int, default=1)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    share = shares(args.pairs)
    out = copies(args.pairs, args.apart) if args.apart else frozenset()
    print(len(out), "files left out as copies", flush=True)
    tokens = open(args.vocabulary).read().split() if args.vocabulary else merges(count_parts(args.pairs, share, out), args.size)
    (args.out / "vocabulary.txt").write_text("\n".join(tokens) + "\n")
    model = Model("", tokens, np.zeros((len(tokens), 2), np.int8), None, None)
    fields = ("query", "first", "name", "code")
    bags = {f: ([0], [], []) for f in fields}
    repos, langs, kinds, bodies = [], [], [], []
    kind_ids = {"doc": 0, "name": 1, "file": 2}
    for row in rows(args.pairs, share, out):
        query = row["query"][:600]
        first = re.split(r"(?<=[.!?])\s|\n\s*\n|:\n", query, maxsplit=1)[0]
        code = row["code"][:3000]
        # Half of what is trained on is without the path and the name, so that the body counts too.
        whole = args.string and (held_out(row["repo"]) or zlib.crc32(code.encode()) & 1)
        texts = {"query": query, "first": first, "name": row["name"], "code": chunk_string(row["path"], row["name"], code) if whole else code}
        for field in fields:
            counts = Counter(model.tokenize(texts[field]))
            ends, ids, tfs = bags[field]
            ids.extend(sorted(counts))
            tfs.extend(min(counts[i], 255) for i in sorted(counts))
            ends.append(len(ids))
        repos.append(row["repo"]); langs.append(row["lang"]); kinds.append(kind_ids[row["kind"]])
        bodies.append(int.from_bytes(hashlib.sha1(row["code"].encode()).digest()[:7], "big"))
    arrays = {"repo": np.array(repos), "lang": np.array(langs), "kind": np.array(kinds, np.int8), "body": np.array(bodies, np.int64)}
    for field, (ends, ids, tfs) in bags.items():
        arrays |= {f"{field}_end": np.array(ends, np.int64), f"{field}_id": np.array(ids, np.uint16), f"{field}_tf": np.array(tfs, np.uint8)}
    np.savez(args.out / "bags.npz", **arrays)
    print(len(tokens), "tokens,", len(repos), "rows,", len(set(repos)), "repositories", Counter(langs).most_common())


if __name__ == "__main__":
    main()
