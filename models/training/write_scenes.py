"""Write the shots and explosions that no training heard as scenes, for `clameur eval`: each recording sounds once, somewhere in the
town of the repository's fixtures, through its streets and over its noise, at eight poles. The truth is the class alone.

    clameur eval OUT
"""
import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from sounds import RATE_HZ, Sounds

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 6 * RATE_HZ
# Peak level at 1 m, dB SPL: a pistol's, and what a small charge makes.
LEVEL_DB = {"gunshot": 156, "explosion": 160}
NOISE_DB = (44, 50, 56)
# Among the poles: west, south, east, north.
WITHIN = (5.3695, 43.2928, 5.3760, 43.2961)


def write(path, name, kind, samples, rng, seed):
    west, south, east, north = WITHIN
    at = f"{rng.uniform(west, east):.5f},{rng.uniform(south, north):.5f}"
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "sound.wav"
        soundfile.write(sound, samples, RATE_HZ, subtype="PCM_16")
        subprocess.run(["node", ROOT / "dist/cli/main.js", "simulate", "--site", ROOT / "fixtures/site.geojson", "--source", sound,
                        "--at", at, "--level", str(LEVEL_DB[kind]), "--noise", str(rng.choice(NOISE_DB)), "--seed", str(seed),
                        "--out", path], check=True, stdout=subprocess.DEVNULL)
    scene = json.loads((path / "scene.json").read_text())
    scene |= {"name": name, "licence": "as the recording's", "truth": [{"class": kind}]}
    (path / "scene.json").write_text(json.dumps(scene, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sounds", type=Path, nargs="+", required=True)
    parser.add_argument("--most", type=int, default=24, help="scenes of each class")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    rng = np.random.default_rng(4)
    for kind in LEVEL_DB:
        rows = [row for split in ("val", "test") for key, rows in sorted(Sounds(args.sounds, split).by_kind.items())
                if key[0] == kind for row in rows]
        for i, chosen in enumerate(rng.permutation(len(rows))[: args.most]):
            name, samples = rows[chosen]
            write(args.out / f"{kind}-{i:02}", name, kind, samples[:LONGEST], rng, i)


if __name__ == "__main__":
    main()
