#!/bin/sh
# Licence: Apache-2.0. Builds the language models of this folder: sh lm/recipe.sh DATA
#
# DATA holds mucs-hi-en/references.test.txt (MUCS 2021, OpenSLR 104) and
# code-mixed-dialog/<language>.{trn,dev}.txt. Sentences that the synthesizer keeps for test sets are
# left out, so that decoding experiments with these models are honest.
set -e
data=$1
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

python - "$data" > "$work/talks.txt" <<'PYTHON'
import sys
from cswitch.synth.texts import load

kept = {" ".join(sentence) for sentence in load(sys.argv[1]).held_out}
with open(f"{sys.argv[1]}/mucs-hi-en/references.test.txt", encoding="utf-8") as lines:
    sys.stdout.writelines(line for line in lines if " ".join(line.lower().split()) not in kept)
PYTHON

awk 'NR % 10' "$work/talks.txt" > "$work/talks.train.txt"
awk 'NR % 10 == 0' "$work/talks.txt" > "$work/talks.dev.txt"
dialogues=$data/code-mixed-dialog
cat "$work/talks.dev.txt" "$dialogues/hindi.dev.txt" > "$work/hindi.dev.txt"

cswitch lm build "$work/talks.train.txt" "$dialogues/hindi.trn.txt" --tune "$work/hindi.dev.txt" \
    --lang hi_en --order 4 -o "$here/hi_en/hi_en.arpa.gz"
cswitch lm score "$work/talks.dev.txt" --lang hi_en --lm "$here/hi_en/hi_en.arpa.gz"
cswitch lm score "$dialogues/hindi.dev.txt" --lang hi_en --lm "$here/hi_en/hi_en.arpa.gz"

for pair in bn_en/bengali ta_en/tamil gu_en/gujarati; do
    lang=${pair%/*}
    name=${pair#*/}
    cswitch lm build "$dialogues/$name.trn.txt" --lang "$lang" --order 4 \
        -o "$here/$lang/$lang.arpa.gz"
    cswitch lm score "$dialogues/$name.dev.txt" --lang "$lang" --lm "$here/$lang/$lang.arpa.gz"
done
