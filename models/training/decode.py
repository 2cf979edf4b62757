"""Decode the corpus to 16 kHz mono int16: one flat file of samples and a table of where each sound lies.

Sounds come from unpacked Debian packages (fetch.py), `cc-sounds/`, and, if given, a folder of
simulated sounds (`<class>/*.wav`).
"""
import argparse
import io
import struct
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from manifest import read_manifest

RATE_HZ = 16_000
LONGEST_SECONDS = 90

# cc-sounds folders → (class, sublabel); the first prefix that fits wins.
CC_LABELS = [
    ("fire_gun/rifles", "gunshot", "gun"), ("fire_gun/handguns", "gunshot", "gun"),
    ("fire_gun/shotguns", "gunshot", "gun"), ("fire_gun/generic", "gunshot", "gun"),
    ("fire_gun/machineguns", "gunshot", "machinegun"), ("fire_gun", "neg", "sci-fi weapon"),
    ("explosion", "explosion", "explosion"), ("reload", "neg", "gun handling"),
    ("environment/weather", "neg", "rain/wind/water"), ("environment", "neg", "other"),
    ("close_door", "neg", "door/knock/impact"), ("open_door", "neg", "door/knock/impact"),
    ("vehicle_close", "neg", "door/knock/impact"), ("vehicle_open", "neg", "door/knock/impact"),
    ("vehicle/car_alarm", "neg", "siren/alarm"), ("vehicle/rear_beeper", "neg", "siren/alarm"),
    ("vehicle/horn", "neg", "horn"), ("vehicle", "neg", "engine/vehicle"), ("engine", "neg", "engine/vehicle"),
    ("smash_fail/glass", "neg", "glass"), ("smash_success/glass", "neg", "glass"),
    ("smash_success/window", "neg", "glass"), ("smash_success/ceramic", "neg", "glass"),
    ("smash", "neg", "door/knock/impact"), ("melee", "neg", "door/knock/impact"),
    ("plmove", "neg", "footsteps"), ("speech/ferals", "neg", "laugh/scream voice"),
    ("deal_damage", "neg", "laugh/scream voice"), ("mon_", "neg", "animal"), ("radio", "neg", "speech"),
    ("fire", "neg", "pop/crackle"), ("", "neg", "other"),
]


def to_int16(samples, rate_hz):
    if samples.ndim == 2:
        samples = samples.mean(axis=1)
    samples = samples[: LONGEST_SECONDS * rate_hz]
    if rate_hz != RATE_HZ:
        divisor = np.gcd(int(rate_hz), RATE_HZ)
        samples = resample_poly(samples, RATE_HZ // divisor, int(rate_hz) // divisor)
    return np.clip(np.round(samples * 32768), -32768, 32767).astype(np.int16)


def decode_bytes(data):
    try:
        samples, rate_hz = soundfile.read(io.BytesIO(data), dtype="float32")
        return to_int16(samples, rate_hz)
    except Exception:
        command = ["ffmpeg", "-v", "error", "-i", "pipe:0", "-t", str(LONGEST_SECONDS),
                   "-ac", "1", "-ar", str(RATE_HZ), "-f", "s16le", "-"]
        done = subprocess.run(command, input=data, capture_output=True, check=False)
        return np.frombuffer(done.stdout, np.int16)


def read_wad_sound(wad, name):
    """A DMX lump of a DOOM archive: format 3, rate, length, unsigned 8-bit samples padded by 16 each side."""
    count, directory = struct.unpack_from("<ii", wad, 4)
    for i in range(count):
        start, size, lump = struct.unpack_from("<ii8s", wad, directory + 16 * i)
        if lump.rstrip(b"\0").decode("latin1") == name:
            _, rate_hz, length = struct.unpack_from("<HHI", wad, start)
            samples = np.frombuffer(wad, np.uint8, length - 32, start + 24).astype(np.float32)
            return to_int16((samples - 128) / 128, rate_hz)
    raise KeyError(name)


class Package:
    """The files of one unpacked package, archives inside it included."""

    def __init__(self, root):
        self.root = root
        self.archives = {}

    def archive(self, name):
        if name not in self.archives:
            found = sorted(self.root.rglob(name))
            if not found:
                raise FileNotFoundError(name)
            is_zip = zipfile.is_zipfile(found[0])
            self.archives[name] = zipfile.ZipFile(found[0]) if is_zip else found[0].read_bytes()
        return self.archives[name]

    def read(self, path):
        if not path.startswith("_arch_"):
            return decode_bytes((self.root / path).read_bytes())
        archive_name, inner = path[len("_arch_"):].split("/", 1)
        archive = self.archive(archive_name)
        if isinstance(archive, bytes):
            return read_wad_sound(archive, Path(inner).stem)
        return decode_bytes(archive.read(inner))


def split_of(name):
    """A split for sounds that the manifest does not list, from the name alone: 80/10/10."""
    value = sum(name.encode()) % 10
    return "test" if value == 0 else "val" if value == 1 else "train"


def corpus_sounds(packages):
    opened = {}
    for row in read_manifest():
        root = packages / row["package"]
        if row["dropped"] or not root.is_dir():
            continue
        package = opened.setdefault(row["package"], Package(root))
        yield f"{row['package']}/{row['path']}", row["class"], row["sublabel"], row["split"], \
            lambda p=package, r=row: p.read(r["path"])


def cc_sounds(folder):
    for path in sorted(folder.rglob("*.ogg")):
        name = str(path.relative_to(folder))
        _, kind, sublabel = next(label for label in CC_LABELS if name.startswith(label[0]))
        yield f"cc-sounds/{name}", kind, sublabel, split_of(name), \
            lambda p=path: decode_bytes(p.read_bytes())


def simulated_sounds(folder):
    for path in sorted(folder.rglob("*.wav")):
        name = str(path.relative_to(folder))
        yield f"simulated/{name}", "simulated", name.split("/")[0], split_of(name), \
            lambda p=path: decode_bytes(p.read_bytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=Path)
    parser.add_argument("--cc-sounds", type=Path)
    parser.add_argument("--simulated", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="folder for sounds.i16 and sounds.tsv")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    sources = []
    if args.packages:
        sources.append(corpus_sounds(args.packages))
    if args.cc_sounds:
        sources.append(cc_sounds(args.cc_sounds))
    if args.simulated:
        sources.append(simulated_sounds(args.simulated))
    offset = missing = 0
    with open(args.out / "sounds.i16", "wb") as samples_file, \
            open(args.out / "sounds.tsv", "w", encoding="utf-8") as table:
        print("name", "class", "sublabel", "split", "offset", "samples", sep="\t", file=table)
        for source in sources:
            for name, kind, sublabel, split, read in source:
                try:
                    samples = read()
                except Exception:
                    samples = np.zeros(0, np.int16)
                if len(samples) < RATE_HZ // 50 or np.abs(samples).max() < 30:
                    missing += 1
                    continue
                samples_file.write(samples.tobytes())
                print(name, kind, sublabel, split, offset, len(samples), sep="\t", file=table)
                offset += len(samples)
    print(f"{offset / RATE_HZ / 3600:.2f} h decoded, {missing} sounds missing or silent")


if __name__ == "__main__":
    main()
