"""Look at every positive before training on it: duration, envelope, spectrum, and what the teacher hears.

Writes a table, one line a sound; the reasons in the manifest's `dropped` column were written from it.
"""
import argparse
import csv
from pathlib import Path

import numpy as np

from classes import CLASSES, teacher_columns
from teacher import Teacher

RATE_HZ = 16_000


def shape_of(sound):
    """Duration, crest factor, rise and decay of the envelope, share of energy below 200 Hz and above 2 kHz."""
    sound = sound - sound.mean()
    envelope = np.sqrt(np.square(sound[: len(sound) // 80 * 80]).reshape(-1, 80).mean(axis=1))
    peak = int(envelope.argmax())
    rise = peak - int(np.flatnonzero(envelope[: peak + 1] < 0.1 * envelope[peak])[-1:].sum())
    after = np.flatnonzero(envelope[peak:] < 0.1 * envelope[peak])
    power = np.square(np.abs(np.fft.rfft(sound)))
    hz = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    return {
        "seconds": len(sound) / RATE_HZ,
        "crestDb": 20 * np.log10(np.abs(sound).max() / (np.sqrt(np.square(sound).mean()) + 1e-9)),
        "riseSeconds": rise / 200,
        "decaySeconds": (int(after[0]) if len(after) else len(envelope) - peak) / 200,
        "below200Hz": power[hz < 200].sum() / (power.sum() + 1e-9),
        "above2kHz": power[hz > 2000].sum() / (power.sum() + 1e-9),
    }


def heard(teacher, columns, sound):
    """The teacher's highest score of each of our classes over the first 8 s, and its three best of its own."""
    sound = sound[: 8 * RATE_HZ]
    starts = range(0, max(1, len(sound) - 8000), 8000)
    scores = np.max([teacher(np.pad(sound[s: s + RATE_HZ], (0, max(0, RATE_HZ - len(sound[s: s + RATE_HZ])))))[0]
                     for s in starts], axis=0)
    return {c: float(scores[columns[c]].max()) for c in CLASSES if columns[c]}, np.argsort(-scores)[:3]


def positives(folders, kinds):
    for folder in folders:
        samples = np.memmap(folder / "sounds.i16", np.int16, "r")
        with open(folder / "sounds.tsv", encoding="utf-8") as table:
            for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
                if row["class"] in kinds:
                    yield row, samples[int(row["offset"]):][: int(row["samples"])].astype(np.float32) / 32768


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sounds", type=Path, nargs="+", required=True)
    parser.add_argument("--kinds", nargs="*", default=["gunshot", "explosion", "crowd", "cannon"])
    parser.add_argument("--teacher", type=Path, required=True, help="folder of yamnet.tflite and its class map")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    teacher, columns = Teacher(args.teacher), teacher_columns(args.teacher / "yamnet_class_map.csv")
    names = [row["display_name"] for row in csv.DictReader(open(args.teacher / "yamnet_class_map.csv", encoding="utf-8"))]
    shown = CLASSES[:4]
    with open(args.out, "w", encoding="utf-8") as table:
        print("name", "class", "sublabel", "split", "seconds", "crestDb", "riseSeconds", "decaySeconds", "below200Hz", "above2kHz",
              *shown, "teacher's best", sep="\t", file=table)
        for row, sound in positives(args.sounds, args.kinds):
            scores, best = heard(teacher, columns, sound)
            print(row["name"], row["class"], row["sublabel"], row["split"], *(f"{v:.2f}" for v in shape_of(sound).values()),
                  *(f"{scores[c]:.2f}" for c in shown), ", ".join(names[i] for i in best), sep="\t", file=table)


if __name__ == "__main__":
    main()
