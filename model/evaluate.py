#!/usr/bin/env python3
"""The final check on the evaluation's corpora: vectors alone and BM25 alone, over the same chunks.

usage: evaluate.py MODEL.cqmodel QUERIES.json CHUNKS.jsonl [--strings text,path,name] [--store int8|int4] [--centre]

CHUNKS.jsonl comes from outline.mjs. A file's score is that of its best chunk; nothing is ranked on top. --strings names what is embedded of a chunk.
"""
import argparse, json, math, re, sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

sys.path.insert(0, str(Path(__file__).resolve().parent))
import reference


def string(chunk, what):
    path = re.sub(r"\.\w+$", "", chunk["path"])
    pieces = {"text": chunk["text"], "path": path, "file": "/".join(path.split("/")[-2:]), "name": chunk["name"], "name2": chunk["name"] + " " + chunk["name"]}
    return "\n".join(pieces[w] for w in what)


def vectors(model, table, texts, query=False, bits=8):
    """As Model.embed, all at once; in f64, which differs in the last bit now and then."""
    rows = []
    ids, weights, ends = [], [], [0]
    for text in texts:
        counts = Counter(model.tokenize(text))
        for t, n in counts.items():
            ids.append(t)
            w = reference.TF[min(n, 255)]
            weights.append(w * int(model.query_weights[t]) + 32 >> 6 if query else w)
        ends.append(len(ids))
    out = csr_matrix((np.array(weights, np.float32), np.array(ids, np.int32), np.array(ends)), shape=(len(texts), len(table))) @ table
    most = np.abs(out).max(1, keepdims=True) + 1e-9
    if bits == 4 and not query:
        # The clipping point that loses least, a row.
        best, error = None, np.full(len(out), np.inf)
        for c in np.linspace(0.5, 1, 11):
            s = most * c / 7
            q = np.clip(np.round(out / s), -7, 7)
            e = ((q * s - out) ** 2).sum(1)
            best = q if best is None else np.where((e < error)[:, None], q, best)
            error = np.minimum(e, error)
        out = best
    else:
        out = np.floor(out * (127 / most) + 0.5)
    return out / (np.sqrt((out ** 2).sum(1, keepdims=True)) + 1e-9)


def ndcg(hits, relevant):
    gain = sum(1 / math.log2(hits.index(p) + 2) for p in set(relevant) if p in hits[:10])
    ideal = sum(1 / math.log2(r + 2) for r in range(min(10, len(relevant))))
    return gain / ideal


def bm25(model, texts, queries, k1=1.2, b=0.75):
    docs = [Counter(reference.parts(t)) for t in texts]
    length = np.array([sum(d.values()) for d in docs], float)
    inverted = defaultdict(list)
    for i, d in enumerate(docs):
        for t, n in d.items():
            inverted[t].append((i, n))
    out = np.zeros((len(queries), len(texts)))
    norm = k1 * (1 - b + b * length / length.mean())
    for q, text in enumerate(queries):
        for t in set(reference.parts(text)):
            if t in inverted:
                at, n = map(np.array, zip(*inverted[t]))
                idf = math.log(1 + (len(texts) - len(at) + 0.5) / (len(at) + 0.5))
                out[q, at] += idf * n * (k1 + 1) / (n + norm[at])
    return out


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("model"); parser.add_argument("queries"); parser.add_argument("chunks")
    parser.add_argument("--strings", default="text,file,name2", help="several, separated by +, are compared")
    parser.add_argument("--bm25", action="store_true"); parser.add_argument("--bits", type=int, default=8); parser.add_argument("--centre", type=float, default=0)
    args = parser.parse_args()
    model = reference.read(args.model)
    table = model.weights * model.scales[:, None]
    spec = json.load(open(args.queries))
    chunks = defaultdict(list)
    for line in open(args.chunks):
        chunk = json.loads(line)
        chunks[chunk["corpus"]].append(chunk)
    for what in args.strings.split("+"):
        scores = {m: defaultdict(list) for m in ("vectors", "bm25")}
        for corpus, mine in chunks.items():
            asked = [q for q in spec["queries"] if q["corpus"] == corpus]
            texts = [string(c, what.split(",")) for c in mine]
            paths = [c["path"] for c in mine]
            d = vectors(model, table, texts, bits=args.bits)
            q = vectors(model, table, [a["text"] if "text" in a else a["query"] for a in asked], True)
            if args.centre:
                mean = d.mean(0)
                d = d - args.centre * mean
                d /= np.sqrt((d ** 2).sum(1, keepdims=True)) + 1e-9
                q = q - args.centre * (q @ mean)[:, None] * 0
            runs = {"vectors": q @ d.T}
            if args.bm25:
                runs["bm25"] = bm25(model, texts, [a["text"] if "text" in a else a["query"] for a in asked])
            for method, result in runs.items():
                for a, row in zip(asked, result):
                    hits = []
                    for i in np.argsort(-row, kind="stable"):
                        if paths[i] not in hits:
                            hits.append(paths[i])
                            if len(hits) == 10:
                                break
                    value = ndcg(hits, a["relevant"])
                    for key in ("all", a["category"], "in " + corpus):
                        scores[method][key].append(value)
        for method, groups in scores.items():
            if groups:
                print(f"{method:8} {what:20} " + " ".join(f"{k.removeprefix('in ')} {np.mean(v):.3f}" for k, v in groups.items()), flush=True)


main()
