#!/usr/bin/env python3
"""Docstring to function over the held-out repositories, by language: the model beside BM25 on the same tokens.

usage: heldout.py PREPARED_DIR MODEL.cqmodel
"""
import os, sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import train  # sets the number of threads
import numpy as np
import reference


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    data, model = train.Data(sys.argv[1]), reference.read(sys.argv[2])
    table, weight = model.weights * model.scales[:, None], model.query_weights.astype(np.float32) / 64
    results = defaultdict(lambda: ([], []))
    for rows, ask in train.tasks(data):
        bags = [data.document(i) for i in rows]
        docs = train.normalise(train.matrix(bags, data.size) @ table)[0]
        asked = [data.bags["first"].row(rows[i]) for i in ask]
        queries = train.normalise(train.matrix([(ids, w * weight[ids]) for ids, w in asked], data.size) @ table)[0]
        counts = train.matrix([(ids, np.exp(w - 1)) for ids, w in bags], data.size)
        length = np.asarray(counts.sum(1)).ravel()
        norm = 1.2 * (0.25 + 0.75 * length / length.mean())
        with_ = np.bincount(counts.indices, minlength=data.size)
        idf = np.log(1 + (len(rows) - with_ + 0.5) / (with_ + 0.5))
        scored = counts.copy()
        scored.data = (scored.data * 2.2 / (scored.data + np.repeat(norm, np.diff(scored.indptr))) * idf[scored.indices]).astype(np.float32)
        words = train.matrix([(ids, np.ones(len(ids), np.float32)) for ids, _ in asked], data.size)
        for which, scores in enumerate((queries @ docs.T, np.asarray((words @ scored.T).todense()))):
            rank = (scores > scores[np.arange(len(ask)), ask][:, None]).sum(1)
            for i, r in zip(ask, rank):
                results[data.lang[rows[i]]][which].append(1 / (r + 1) if r < 10 else 0)
    print("| language | queries | vectors | BM25 |\n|---|---|---|---|")
    for lang, (ours, bm25) in sorted(results.items(), key=lambda r: -len(r[1][0])):
        print(f"| {lang} | {len(ours)} | {np.mean(ours):.3f} | {np.mean(bm25):.3f} |")
    print(f"| all | {sum(len(r[0]) for r in results.values())} | {np.mean(np.concatenate([r[0] for r in results.values()])):.3f} | {np.mean(np.concatenate([r[1] for r in results.values()])):.3f} |")


if __name__ == "__main__":
    main()
