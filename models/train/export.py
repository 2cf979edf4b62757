"""Calibrate a trained model on validation patches and write it as ONNX with its sidecar."""
import argparse
import hashlib
import json
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from scipy.optimize import minimize

from classes import ALERTS, CLASSES
from data import Patches
from network import SAMPLES, Clameur, Deployed
from train import logits

TRAINING_DATA = [
    {"source": "ShotSpotter, Inc., live-fire tests, Pittsburgh PA, 18 December 2018 (Technical Note 098, "
               "arXiv:2108.07377), firing positions 1 to 3", "licence": "CC BY 4.0",
     "attribution": "ShotSpotter, Inc.; R. Calhoun et al."},
    {"source": "Sounds inside Debian 12 packages", "licence": "GPL-2+, GPL-3+, CC BY-SA 3.0, CC BY, CC0 and others",
     "attribution": "listed by package in ATTRIBUTIONS.md"},
    {"source": "cc-sounds: free recordings from a game's sound pack", "licence": "CC0, CC BY 3.0 and 4.0, CC BY-SA",
     "attribution": "listed by file in ATTRIBUTIONS.md"},
    {"source": "Sounds synthesised by train/synth.py and by Clameur's scene generator", "licence": "Apache-2.0",
     "attribution": "Clameur"},
    {"source": "Scores of YAMNet as a teacher (its weights are not part of this model)", "licence": "Apache-2.0",
     "attribution": "Google, TensorFlow model garden"},
]


def platt(logit, target, weight):
    """Scale and offset that make sigmoid(scale · logit + offset) calibrated: least cross-entropy, scale held near 1."""
    def cost(x):
        z = np.exp(x[0]) * logit + x[1]
        return (weight * (np.logaddexp(0, z) - target * z)).sum() / weight.sum() + 0.002 * (x[0] ** 2 + 0.01 * x[1] ** 2)
    found = minimize(cost, [0.0, 0.0], method="L-BFGS-B", bounds=[(-1.5, 1.5), (-8, 8)])
    return float(np.exp(found.x[0])), float(found.x[1])


def calibration(model, val, share):
    scores = logits(model, val, share).numpy().astype(np.float64)
    scale, offset = np.ones(len(CLASSES)), np.zeros(len(CLASSES))
    for c in range(ALERTS):
        labels = val.labels[:, c].numpy()
        known = ~np.isnan(labels)
        # Balanced to one positive in five: the share of patches with an impulse that are the class is unknown.
        positive = labels[known] == 1
        weight = np.where(positive, 0.2 / positive.mean(), 0.8 / (1 - positive.mean()))
        scale[c], offset[c] = platt(scores[known, c], positive.astype(float), weight)
    for c in range(ALERTS, len(CLASSES)):
        scale[c], offset[c] = platt(scores[:, c], val.taught[:, c].numpy().astype(float), np.ones(len(scores)))
    return scale, offset


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--val", type=Path, nargs="+", required=True)
    parser.add_argument("--class-map", type=Path, required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--thresholds", type=Path, help="JSON of thresholds by class (evaluate.py --choose writes it)")
    parser.add_argument("--out", type=Path, required=True, help="folder for clameur-<version>.onnx and .json")
    args = parser.parse_args()

    saved = torch.load(args.model)
    model = Clameur(tuple(saved["widths"]))
    model.load_state_dict(saved["state"])
    model.eval()
    scale, offset = calibration(model, Patches(args.val, args.class_map), saved["share"])
    print("scale", np.round(scale, 2), "offset", np.round(offset, 2))
    deployed = Deployed(model, saved["share"], torch.tensor(scale).float(), torch.tensor(offset).float()).eval()
    path = args.out / f"clameur-{args.version}.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(deployed, (torch.zeros(2, SAMPLES),), str(path), input_names=["waveform"],
                          output_names=["scores"], opset_version=17, dynamo=False,
                          dynamic_axes={"waveform": {0: "n"}, "scores": {0: "n"}})
    onnx.checker.check_model(str(path))
    thresholds = {c: {"on": 0.5, "off": 0.3, "alone": 0.9} for c in CLASSES[:ALERTS]}
    if args.thresholds:
        thresholds = json.loads(args.thresholds.read_text())
    sidecar = {
        "name": "clameur", "version": args.version, "classes": CLASSES, "sampleRateHz": 16_000, "patchSeconds": 1.0,
        "hopSeconds": 0.5, "thresholds": thresholds, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "licence": "CC BY 4.0", "trainingData": TRAINING_DATA,
    }
    path.with_suffix(".json").write_text(json.dumps(sidecar, indent=2) + "\n")
    print(path, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
