"""Write the sounds that no training heard as WAV, for `clameur eval`: `clips/<class>/…`, `clips/negative/<label>/…`, and
`negatives/<label>/<n>.wav`, every negative whole, one after the other, a recording of at most ten minutes each.

    clameur eval --clips OUT/clips --snr clean,20,10,5,0
    clameur eval --negatives OUT/negatives
"""
import argparse
from pathlib import Path

import numpy as np
import soundfile

from clips import ENVIRONMENT
from sounds import RATE_HZ, Sounds

CLASSES = {"gunshot": "gunshot", "explosion": "explosion", "crowd": "crowd_clamour"}
LONGEST = 600 * RATE_HZ
GAP = np.zeros(RATE_HZ // 2, np.int16)


def write(path, samples):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, RATE_HZ, subtype="PCM_16")


def plain(label):
    return label.replace("/", "-").replace(" ", "-")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sounds", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    hours = 0
    for split in ("val", "test"):
        for (kind, sublabel), rows in sorted(Sounds(args.sounds, split).by_kind.items()):
            if kind in CLASSES and sublabel != "applause":
                for i, (_, samples) in enumerate(rows):
                    write(args.out / "clips" / CLASSES[kind] / f"{split}-{plain(sublabel)}-{i:03}.wav", samples)
            if kind != "neg":
                continue
            if sublabel in ENVIRONMENT:
                for i, (_, samples) in enumerate(rows):
                    write(args.out / "clips/negative" / plain(sublabel) / f"{split}-{i:03}.wav", samples[: 5 * RATE_HZ])
            line, part = [], 0
            for i, (_, samples) in enumerate(rows):
                line += [samples, GAP]
                hours += len(samples) / RATE_HZ / 3600
                if i == len(rows) - 1 or sum(map(len, line)) > LONGEST - 90 * RATE_HZ:
                    write(args.out / "negatives" / plain(sublabel) / f"{split}-{part:03}.wav", np.concatenate(line))
                    line, part = [], part + 1
    print(f"{args.out}: {hours:.2f} h of negatives")


if __name__ == "__main__":
    main()
