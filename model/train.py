#!/usr/bin/env python3
"""Train the embedding model on prepared bags, on one CPU core, from a fixed seed.

usage: train.py PREPARED_DIR OUT.cqmodel [options]

A text's vector is the sum of its tokens' vectors, weighted by 1 + ln tf (and, in a query, by a learned weight a token). The loss is InfoNCE in both
directions over batches that are made of groups from one repository each. Every repository whose name hashes to 0 of 20 is held out: a docstring has to find its
function among all of that repository (MRR@10, by language). The rows are rounded to 4 bits at the end, with a bf16 scale each.
"""
import argparse, hashlib, os, sys, time
from collections import defaultdict
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
import numpy as np
from scipy.sparse import csr_matrix

sys.path.insert(0, str(Path(__file__).resolve().parent))
import reference
from prepare import held_out

F = np.float32


class Bags:
    def __init__(self, arrays, field):
        self.end, self.id, tf = arrays[f"{field}_end"], arrays[f"{field}_id"].astype(np.int32), arrays[f"{field}_tf"]
        self.weight = (1 + np.log(np.maximum(tf, 1))).astype(F)

    def empty(self):
        return self.end[1:] == self.end[:-1]

    def row(self, i):
        return self.id[self.end[i]:self.end[i + 1]], self.weight[self.end[i]:self.end[i + 1]]


def matrix(bags, size, dropout=0.0, rng=None):
    """CSR of (ids, weights) bags."""
    ids, weights = np.concatenate([b[0] for b in bags]), np.concatenate([b[1] for b in bags])
    ends = np.concatenate([[0], np.cumsum([len(b[0]) for b in bags])])
    if dropout:
        weights = weights * (rng.random(len(weights), F) >= dropout)
    return csr_matrix((weights.astype(F), ids, ends), shape=(len(bags), size))


def merge(*bags):
    """One bag of several (ids may repeat: they add up)."""
    return np.concatenate([b[0] for b in bags]), np.concatenate([b[1] for b in bags])


def without(code, name):
    mask = ~np.isin(code[0], name[0])
    return code[0][mask], code[1][mask]


def normalise(x):
    length = np.sqrt(np.einsum("ij,ij->i", x, x)) + F(1e-8)
    return x / length[:, None], length


def quantise(table):
    """int4 rows with a bf16 scale: the scale that loses least, of a few."""
    top = np.abs(table).max(1)
    best, error = None, np.full(len(table), np.inf)
    weights, scales = np.zeros(table.shape, np.int8), np.zeros(len(table), F)
    for factor in np.linspace(0.55, 1.0, 16):
        scale = (np.maximum(top, 1e-6) * factor / 7).astype("<f4")
        scale = ((scale.view("<u4") + 0x8000) & 0xFFFF0000).astype("<u4").view("<f4")
        q = np.clip(np.round(table / scale[:, None]), -8, 7)
        e = ((q * scale[:, None] - table) ** 2).sum(1)
        better = e < error
        weights[better], scales[better], error[better] = q[better].astype(np.int8), scale[better], e[better]
    return weights, scales


class Data:
    def __init__(self, folder):
        a = np.load(Path(folder) / "bags.npz")
        a = {k: a[k] for k in a.files}
        self.tokens = (Path(folder) / "vocabulary.txt").read_text().split()
        self.size = len(self.tokens)
        self.repo, self.lang, self.kind, self.body = a["repo"], a["lang"], a["kind"], a["body"]
        self.bags = {f: Bags(a, f) for f in ("query", "first", "name", "code")}
        names, at = np.unique(self.repo, return_inverse=True)
        self.repo_id = at
        self.held = np.array([held_out(n) for n in names])[at]

    def document(self, i, drop_name=False):
        code = self.bags["code"].row(i)
        return without(code, self.bags["name"].row(i)) if drop_name else code


def tasks(data, limit=1200):
    """Of each held-out repository its declarations, and which of them have a comment that is to find them."""
    rng = np.random.default_rng(7)
    for repo in np.unique(data.repo_id[data.held]):
        rows = np.flatnonzero((data.repo_id == repo) & (data.kind != 2))
        if len(rows) < 40:
            continue
        if len(rows) > limit:
            rows = np.sort(rng.choice(rows, limit, replace=False))
        ask = np.flatnonzero((data.kind[rows] == 0) & ~data.bags["first"].empty()[rows])[:400]
        if len(ask) >= 5:
            yield rows, ask


def evaluate(data, table, query_weight):
    """MRR@10 over held-out repositories, each on its own: mean of the languages, of the queries, by language."""
    results = defaultdict(list)
    for rows, ask in tasks(data):
        docs = normalise(matrix([data.document(i) for i in rows], data.size) @ table)[0]
        bags = [data.bags["first"].row(rows[i]) for i in ask]
        queries = matrix([(ids, w * query_weight[ids]) for ids, w in bags], data.size) @ table
        scores = normalise(queries)[0] @ docs.T
        right = scores[np.arange(len(ask)), ask]
        rank = (scores > right[:, None]).sum(1)
        for i, r in zip(ask, rank):
            results[data.lang[rows[i]]].append(1 / (r + 1) if r < 10 else 0)
    by_language = {lang: (float(np.mean(r)), len(r)) for lang, r in sorted(results.items())}
    return float(np.mean([m for m, n in by_language.values() if n >= 20])), float(np.mean(np.concatenate(list(results.values())))), by_language


def epoch_order(data, rows, group, rng):
    """Rows in groups of one repository, the groups in random order."""
    rows = rows[rng.permutation(len(rows))]
    rows = rows[np.argsort(data.repo_id[rows], kind="stable")]
    cuts = np.flatnonzero(np.diff(data.repo_id[rows])) + 1
    groups = [part[i:i + group] for part in np.split(rows, cuts) for i in range(0, len(part), group)]
    return np.concatenate([groups[i] for i in rng.permutation(len(groups))])


def sample(data, args, rng):
    """The rows of an epoch: languages capped, `name` and `file` rows thinned."""
    rows = np.flatnonzero(~data.held)
    keep = np.ones(len(rows), bool)
    kind = data.kind[rows]
    keep[kind == 1] = rng.random((kind == 1).sum()) < args.names
    keep[kind == 2] = rng.random((kind == 2).sum()) < args.files
    rows = rows[keep]
    cap = args.cap * len(rows)
    chosen = []
    for lang in np.unique(data.lang):
        mine = rows[data.lang[rows] == lang]
        if len(mine) > cap:
            mine = np.sort(rng.choice(mine, int(cap), replace=False))
        chosen.append(mine)
    return np.concatenate(chosen)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("prepared")
    parser.add_argument("out")
    add = lambda name, kind, default: parser.add_argument(f"--{name}", type=kind, default=default)
    add("dims", int, 256); add("epochs", int, 5); add("batch", int, 2048); add("group", int, 256); add("rate", float, 0.003)
    add("temperature", float, 0.05); add("dropout", float, 0.04); add("seed", int, 1); add("name-share", float, 0.15)
    add("names", float, 0.3); add("files", float, 0.5); add("cap", float, 0.12);
    add("init", str, ""); add("name", str, "codequarry-code-1"); add("noise", float, 0.1); add("limit", int, 10**9); add("final", int, 0); add("watch", int, 0)
    args = parser.parse_args()
    data = Data(args.prepared)
    if args.final:
        data.held[:] = False
    rng = np.random.default_rng(args.seed)
    V, D = data.size, args.dims
    table = (np.load(args.init) if args.init else rng.standard_normal((V, D)) / np.sqrt(D)).astype(F)
    log_weight = np.zeros(V, F)
    m, v = np.zeros_like(table), np.zeros_like(table)
    mw, vw = np.zeros_like(log_weight), np.zeros_like(log_weight)
    index = {t: i for i, t in enumerate(data.tokens)}
    noise = [np.unique([index[w] for w in words.split() if w in index]).astype(np.int32) for words in
             ("how does work", "how is handled", "how are handled", "where is implemented", "where is the code that", "what does do", "find the code that",
              "code for", "implementation of", "how is implemented", "function that", "class for", "logic", "how to", "where are defined", "how does the and work together")]
    # Every epoch its own sample; the number of steps is known beforehand so that the rate can fall to nothing.
    per_epoch = min(args.limit, len(sample(data, args, np.random.default_rng(0)))) // args.batch
    steps, step, begin, running = per_epoch * args.epochs, 0, time.time(), 0.0
    print(f"{V} tokens, {(~data.held).sum()} rows, {per_epoch} steps an epoch", flush=True)
    empty_first, empty_name = data.bags["first"].empty(), data.bags["name"].empty()
    for epoch in range(args.epochs):
        order = epoch_order(data, sample(data, args, rng), args.group, rng)
        for b in range(per_epoch):
            rows = order[b * args.batch:(b + 1) * args.batch]
            asks, docs, used = [], [], []
            dice = rng.random((len(rows), 3))
            for i, (d1, d2, d3) in zip(rows, dice):
                by_name = data.kind[i] == 1 or (data.kind[i] == 0 and d1 < args.__dict__["name_share"])
                if by_name and empty_name[i]:
                    continue
                if by_name:
                    ask = data.bags["name"].row(i)
                    doc = data.document(i, drop_name=d2 < 0.5)
                else:
                    ask = data.bags["first" if d2 < 0.6 and not empty_first[i] else "query"].row(i)
                    doc = data.document(i)
                if not len(ask[0]) or not len(doc[0]):
                    continue
                if d3 < args.noise:
                    extra = noise[int(d3 / args.noise * len(noise))]
                    ask = merge(ask, (extra, np.ones(len(extra), F)))
                asks.append(ask); docs.append(doc); used.append(i)
            used = np.array(used)
            step += 1
            weight = np.exp(log_weight)
            A0 = matrix(asks, V, args.dropout, rng)
            A = A0.copy()
            A.data *= weight[A.indices]
            B = matrix(docs, V, args.dropout, rng)
            q, q_len = normalise(A @ table)
            c, c_len = normalise(B @ table)
            logits = (q @ c.T) / F(args.temperature)
            same = data.body[used]
            twins = same[:, None] == same[None, :]
            # The same file's comment asks for several of its chunks.
            file_rows = np.flatnonzero(data.kind[used] == 2)
            if len(file_rows):
                keys = np.array([hash(asks[k][0].tobytes()) for k in file_rows])
                twins[np.ix_(file_rows, file_rows)] |= keys[:, None] == keys[None, :]
            np.fill_diagonal(twins, False)
            logits[twins] = -30
            n = len(used)
            top = logits.max(1, keepdims=True)
            p1 = np.exp(logits - top)
            s1 = p1.sum(1, keepdims=True)
            loss = float(np.mean(np.log(s1[:, 0]) + top[:, 0] - np.diag(logits)))
            p1 /= s1
            p2 = np.exp(logits - logits.max(0, keepdims=True))
            p2 /= p2.sum(0, keepdims=True)
            g = p1 + p2
            g[np.arange(n), np.arange(n)] -= 2
            g *= F(1 / (2 * n * args.temperature))
            gq, gc = g @ c, g.T @ q
            gq = (gq - q * np.einsum("ij,ij->i", gq, q)[:, None]) / q_len[:, None]
            gc = (gc - c * np.einsum("ij,ij->i", gc, c)[:, None]) / c_len[:, None]
            grad = A.T @ gq
            # d loss / d log weight[t] = sum over queries of A[i, t] * gq[i] . table[t]
            nz_rows = np.repeat(np.arange(n), np.diff(A.indptr))
            grad_w = np.zeros(V, F)
            for s in range(0, A.nnz, 20000):
                r, t = nz_rows[s:s + 20000], A.indices[s:s + 20000]
                np.add.at(grad_w, t, A.data[s:s + 20000] * np.einsum("ij,ij->i", gq[r], table[t]))
            grad += B.T @ gc
            rate = args.rate * min(1, step / 50) * max(0.02, 1 - step / steps)
            b1, b2 = F(0.9), F(0.999)
            for x, dx, mx, vx in ((table, grad, m, v), (log_weight, grad_w, mw, vw)):
                mx *= b1
                mx += (1 - b1) * dx
                vx *= b2
                dx *= dx
                vx += (1 - b2) * dx
                x -= F(rate / (1 - 0.9 ** step)) * mx / (np.sqrt(vx / F(1 - 0.999 ** step)) + F(1e-8))
            np.clip(log_weight, -4, 1.3, out=log_weight)
            running = loss if step == 1 else 0.95 * running + 0.05 * loss
            if step % 50 == 0:
                print(f"epoch {epoch + 1} step {step}/{steps} loss {running:.3f} {time.time() - begin:.0f} s", flush=True)
        np.savez(args.out + ".npz", table=table, weight=np.exp(log_weight))
        if args.watch:
            macro, micro, _ = evaluate(data, table, np.exp(log_weight))
            print(f"epoch {epoch + 1}: held out MRR@10 {micro:.4f}, mean of languages {macro:.4f}", flush=True)
    # One scale for all rows together does not change any vector: the largest row gets length 1.
    table /= np.sqrt((table ** 2).sum(1)).max()
    weights, scales = quantise(table)
    bytes_ = np.clip(np.round(np.exp(log_weight) * 64), 0, 255).astype(np.uint8)
    reference.write(args.out, args.name, data.tokens, weights, scales, bytes_)
    if not args.final:
        macro, micro, by_language = evaluate(data, weights * scales[:, None], bytes_.astype(F) / 64)
        print(f"4 bits: held out MRR@10 {micro:.4f}, mean of languages {macro:.4f}")
        print(" ".join(f"{lang} {r:.3f} ({n})" for lang, (r, n) in by_language.items()))


if __name__ == "__main__":
    main()
