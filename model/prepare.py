#!/usr/bin/env python3
"""Vocabulary and token bags from the pairs that extract.mjs wrote.

usage: prepare.py OUT_DIR PAIRS.jsonl ... [--size 24000] [--vocabulary FILE]

Writes OUT_DIR/vocabulary.txt and OUT_DIR/bags.npz. The vocabulary is learned by byte-pair merges over the parts of words (reference.py), each
counted at most 40 times a repository, and at most so often for a language that no language has more than a quarter.
"""
import argparse, hashlib, heapq, json, re, sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from reference import Model, parts


def rows(files):
    for file in files:
        for line in open(file):
            yield json.loads(line)


def count_parts(files):
    by_language, repo, current, lang = defaultdict(Counter), None, Counter(), None
    def flush():
        for part, n in current.items():
            by_language[lang][part] += min(n, 40)
    for row in rows(files):
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


def path_words(path):
    return re.sub(r"\.\w+$", "", path)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("pairs", nargs="+")
    parser.add_argument("--size", type=int, default=24000)
    parser.add_argument("--vocabulary")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    tokens = open(args.vocabulary).read().split() if args.vocabulary else merges(count_parts(args.pairs), args.size)
    (args.out / "vocabulary.txt").write_text("\n".join(tokens) + "\n")
    model = Model("", tokens, np.zeros((len(tokens), 2), np.int8), None, None)
    fields = ("query", "first", "name", "path", "code")
    bags = {f: ([0], [], []) for f in fields}
    repos, langs, kinds, bodies = [], [], [], []
    kind_ids = {"doc": 0, "name": 1, "file": 2}
    for row in rows(args.pairs):
        query = row["query"][:600]
        first = re.split(r"(?<=[.!?])\s|\n\s*\n|:\n", query, maxsplit=1)[0]
        texts = {"query": query, "first": first, "name": row["name"], "path": path_words(row["path"]), "code": row["code"][:3000]}
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


main()
