"""Load what patches.py made: log-mels (computed once with the model's own front end), labels and targets."""
import csv
import time
from pathlib import Path

import numpy as np
import torch

from classes import CLASSES, CONFIRMED, teacher_columns
from network import FrontEnd


class Patches:
    """`mels` float16 [n, 62, 64]; `labels` [n, 3], NaN unknown; `taught` [n, classes]; `teacher` [n, 521]."""

    def __init__(self, folders, class_map):
        parts = [self.load(Path(folder), path) for folder in folders
                 for path in sorted(Path(folder).glob("patches.*.npy"))
                 if path.stat().st_mtime < time.time() - 5]   # not one that is being written
        self.mels = torch.cat([p["mels"] for p in parts])
        self.labels = torch.cat([p["labels"] for p in parts])
        self.teacher = torch.cat([p["teacher"] for p in parts])
        confirmed = torch.cat([p["confirmed"] for p in parts])
        self.kinds = np.concatenate([p["kinds"] for p in parts])
        self.names = np.concatenate([p["names"] for p in parts])
        columns = teacher_columns(class_map)
        self.taught = torch.stack([self.teacher[:, columns[c]].amax(1) for c in CLASSES], 1)
        for i in torch.nonzero(confirmed >= 0).flatten():
            c = int(confirmed[i])
            self.taught[i, c] = max(float(self.taught[i, c]), CONFIRMED)

    @staticmethod
    def load(folder, path):
        part = path.name.split(".")[1]
        cache = folder / f"mels.{part}.pt"
        if cache.exists():
            mels = torch.load(cache)
        else:
            front, samples = FrontEnd(), np.load(path, mmap_mode="r")
            with torch.no_grad():
                mels = torch.cat([front(torch.from_numpy(samples[i: i + 256].astype(np.float32) / 32768)).half()
                                  for i in range(0, len(samples), 256)])
            torch.save(mels, cache)
        rows = list(csv.reader(open(folder / f"meta.{part}.tsv", encoding="utf-8"), delimiter="\t",
                               quoting=csv.QUOTE_NONE))
        tensor = lambda key: torch.from_numpy(np.load(folder / f"{key}.{part}.npy")).float()
        return {"mels": mels, "labels": tensor("labels"), "teacher": tensor("teacher"),
                "confirmed": tensor("confirmed"), "kinds": np.array([r[0] for r in rows]),
                "names": np.array([r[1] for r in rows])}

    def position(self):
        """The firing position of each live patch (`FP1` …), empty for others."""
        live = np.char.startswith(self.kinds.astype(str), "live")
        return np.where(live, np.array([n[:3] for n in self.names]), "")

    def keep(self, mask):
        index = torch.from_numpy(np.flatnonzero(mask))
        for key in ("mels", "labels", "teacher", "taught"):
            setattr(self, key, getattr(self, key)[index])
        self.kinds, self.names = self.kinds[mask], self.names[mask]
        return self

    def __len__(self):
        return len(self.kinds)
