"""The decoded corpus and the recorded live fire."""
import csv
import json
import math
from datetime import datetime

import numpy as np
import soundfile
from scipy.signal import resample_poly

RATE_HZ = 16_000


class Sounds:
    """The decoded corpus; draws sounds by class, sublabel and split."""

    def __init__(self, folders, split):
        self.by_kind = {}
        for folder in folders:
            samples = np.memmap(folder / "sounds.i16", np.int16, "r")
            with open(folder / "sounds.tsv", encoding="utf-8") as file:
                for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                    if row["split"] == split:
                        offset, n = int(row["offset"]), int(row["samples"])
                        key = (row["class"], row["sublabel"])
                        self.by_kind.setdefault(key, []).append((row["name"], samples[offset: offset + n]))

    def keys(self, kind):
        return [key for key in self.by_kind if key[0] == kind]

    def draw(self, rng, key, longest=2 * RATE_HZ, chances=None):
        """A sound of that class and sublabel; `chances`: name → weight, 1 where it is not named."""
        rows = self.by_kind[key]
        weights = np.array([chances.get(name, 1) for name, _ in rows]) if chances else None
        name, samples = rows[rng.choice(len(rows), p=weights / weights.sum()) if chances else rng.integers(len(rows))]
        n = len(samples)
        start = 0 if n <= longest else rng.integers(0, n - longest)
        if key[0] in ("gunshot", "explosion", "cannon"):
            start = 0
        sound = samples[start: start + longest].astype(np.float32) / 32768
        return name, sound - sound.mean()

    def voices(self, rng, n):
        key = ("neg", "speech") if rng.random() < 0.75 or ("neg", "laugh/scream voice") not in self.by_kind \
            else ("neg", "laugh/scream voice")
        _, sound = self.draw(rng, key)
        start = rng.integers(0, max(1, len(sound) - n))
        step = rng.uniform(0.8, 1.35)
        at = (start + np.arange(n) * step) % len(sound)
        out = sound[at.astype(int)]
        return out / (np.abs(out).max() + 1e-6)


class LiveFire:
    """Recordings of live fire: the shots' arrivals at each pole, by folder, with the poles' distances beside; and the sound
    before the first shot."""

    def __init__(self, folder, prefixes):
        self.shots, self.backgrounds, self.meters = [], [], []
        for scene in sorted(p for p in folder.iterdir() if p.name[:3] in prefixes):
            self.read(scene)

    def read(self, scene):
        info = json.loads((scene / "scene.json").read_text())
        arrivals = json.loads((scene / "arrivals.json").read_text())
        site = json.loads((scene / "site.geojson").read_text())
        position = {f["properties"]["pole"]: f["geometry"]["coordinates"] for f in site["features"]}
        lon, lat = info["truth"][0]["location"]
        celsius = info["weather"].get("temperatureC", 0)
        speed = 20.05 * math.sqrt(celsius + 273.15)

        def meters(pole):
            east = (position[pole][0] - lon) * 111_320 * math.cos(math.radians(lat))
            north = (position[pole][1] - lat) * 111_320
            return math.hypot(east, north)

        def travel(pole):
            return meters(pole) / speed

        def seconds(text):
            return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()

        emitted = {}
        for a in arrivals:
            if a["shot"] is not None and a["pole"] in position:
                emitted.setdefault(a["shot"], []).append(seconds(a["arrival"]) - travel(a["pole"]))
        emitted = {shot: float(np.median(times)) for shot, times in emitted.items()}
        for recording in info["recordings"]:
            sound, rate_hz = soundfile.read(scene / recording["file"], dtype="float32")
            divisor = math.gcd(rate_hz, RATE_HZ)
            sound = resample_poly(sound - sound.mean(), RATE_HZ // divisor, rate_hz // divisor).astype(np.float32)
            start = seconds(recording["start"])
            heard = {a["shot"]: seconds(a["arrival"]) - start
                     for a in arrivals if a["pole"] == recording["pole"] and a["shot"] is not None}
            expected = [heard.get(s, t + travel(recording["pole"]) - start) for s, t in emitted.items()]
            place = (scene.name[:3], f"{scene.name}/{recording['pole']}", sound, np.array(sorted(expected)))
            for time in heard.values():
                if 0 < time < len(sound) / RATE_HZ - 0.3:
                    self.shots.append((*place, time))
                    self.meters.append(meters(recording["pole"]))
            if expected and min(expected) > 1.2:
                self.backgrounds.append((*place, 0.0))
