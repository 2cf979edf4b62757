"""Load what patches.py made: log mel powers (computed once with the model's own front end), labels and targets."""
import csv
from pathlib import Path

import numpy as np
import torch

import network
from classes import CLASSES, CONFIRMED, teacher_columns

QUIET = 1e-7   # mel powers are kept as logarithms of (power + QUIET), in 16 bits


class Patches:
    """`mels` float16 [n, frames, bands]; `labels` [n, 3], NaN unknown; `taught` [n, classes], NaN unknown;
    `teacher` [n, 521] and `embedding` [n, 1024] float16; `kinds`, `names` [n]."""

    def __init__(self, folders, class_map, most=None):
        parts = [(Path(folder), path) for folder in folders for path in sorted(Path(folder).glob("patches.*.npy"))][:most]
        parts = [self.load(folder, path) for folder, path in parts]
        for key in ("mels", "labels", "teacher", "embedding"):
            setattr(self, key, torch.cat([p[key] for p in parts]))
        confirmed = torch.cat([p["confirmed"] for p in parts])
        self.kinds = np.concatenate([p["kinds"] for p in parts])
        self.names = np.concatenate([p["names"] for p in parts])
        columns = teacher_columns(class_map)
        self.taught = torch.zeros(len(self.kinds), len(CLASSES))
        for i, c in enumerate(CLASSES):
            if columns[c]:
                self.taught[:, i] = self.teacher[:, columns[c]].float().amax(1)
        known = torch.nonzero(confirmed >= 0).flatten()
        index = confirmed[known].long()
        self.taught[known, index] = torch.clamp(self.taught[known, index], min=CONFIRMED)

    @staticmethod
    def load(folder, path):
        part = path.name.split(".")[1]
        cache = folder / f"mels-{network.HOP}-{network.MELS}.{part}.pt"
        if cache.exists():
            mels = torch.load(cache)
        else:
            front, samples = network.FrontEnd(), np.load(path, mmap_mode="r")
            with torch.no_grad():
                mels = torch.cat([torch.log(front(torch.from_numpy(samples[i: i + 250].astype(np.float32) / 32768)) + QUIET).half()
                                  for i in range(0, len(samples), 250)])
            torch.save(mels, cache)
        rows = list(csv.reader(open(folder / f"meta.{part}.tsv", encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE))
        array = lambda key: torch.from_numpy(np.load(folder / f"{key}.{part}.npy"))
        return {"mels": mels, "labels": array("labels").float(), "teacher": array("teacher"), "embedding": array("embedding"),
                "confirmed": array("confirmed"), "kinds": np.array([r[0] for r in rows]), "names": np.array([r[1] for r in rows])}

    def power(self, index):
        return (torch.exp(self.mels[index].float()) - QUIET).clamp(min=0)

    def position(self):
        """The firing position of each live patch (`FP1` …), empty for others."""
        live = np.char.startswith(self.kinds.astype(str), "live")
        return np.where(live, np.array([n[:3] for n in self.names]), "")

    def keep(self, mask):
        index = torch.from_numpy(np.flatnonzero(mask))
        for key in ("mels", "labels", "teacher", "embedding", "taught"):
            setattr(self, key, getattr(self, key)[index])
        self.kinds, self.names = self.kinds[mask], self.names[mask]
        return self

    def __len__(self):
        return len(self.kinds)
