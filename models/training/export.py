"""Calibrate a trained model on validation patches and write it as ONNX with its sidecar and a reliability plot."""
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
from plot import reliability
from train import logits

HOP_SECONDS = 1.0
LIVE_FIRE = {
    "source": "ShotSpotter, Inc., live-fire tests, Pittsburgh PA, 18 December 2018 (Technical Note 098, arXiv:2108.07377), "
              "firing positions 1 to 3", "licence": "CC BY 4.0", "attribution": "ShotSpotter, Inc.; R. Calhoun et al."}
TRAINING_DATA = [
    {"source": "Sounds inside Debian packages", "licence": "GPL-2+, GPL-3+, CC BY-SA 3.0, CC BY, CC0 and others",
     "attribution": "listed by package in ATTRIBUTIONS.md"},
    {"source": "cc-sounds: free recordings from a game's sound pack", "licence": "CC0, CC BY 3.0 and 4.0, CC BY-SA",
     "attribution": "listed by file in ATTRIBUTIONS.md"},
    {"source": "Sounds synthesised by training/synth.py and by Clameur's scene generator", "licence": "Apache-2.0",
     "attribution": "Clameur"},
    {"source": "Scores and embeddings of YAMNet as a teacher (its weights are not part of this model)", "licence": "Apache-2.0",
     "attribution": "Google, TensorFlow model garden"},
]
# The share of patches that hold the class is unknown to the service; scores are calibrated for one in five.
PRIOR = 0.2


def platt(logit, target, weight):
    """Scale and offset that make sigmoid(scale · logit + offset) calibrated: least cross-entropy, scale held near 1."""
    def cost(x):
        z = np.exp(x[0]) * logit + x[1]
        return (weight * (np.logaddexp(0, z) - target * z)).sum() / weight.sum() + 0.002 * (x[0] ** 2 + 0.01 * x[1] ** 2)
    found = minimize(cost, [0.0, 0.0], method="L-BFGS-B", bounds=[(-1.5, 1.5), (-8, 8)])
    return float(np.exp(found.x[0])), float(found.x[1])


def prior_weights(positive):
    return np.where(positive, PRIOR / positive.mean(), (1 - PRIOR) / (1 - positive.mean()))


def calibration(scores, val):
    """Per class (scale, offset) from the validation patches' summed logits."""
    scale, offset = np.ones(len(CLASSES)), np.zeros(len(CLASSES))
    for c in range(len(CLASSES)):
        if c < ALERTS:
            labels = val.labels[:, c].numpy()
            known = ~np.isnan(labels)
            target = (labels[known] == 1).astype(float)
            weight = prior_weights(labels[known] == 1)
        else:
            known, target, weight = slice(None), val.taught[:, c].numpy().astype(float), np.ones(len(val))
        scale[c], offset[c] = platt(scores[known, c], target, weight)
    return scale, offset


def bins(score, positive, edges=np.linspace(0, 1, 11)):
    """Rows (mean score, share of positives, weight) of the reliability plot, and the expected calibration error."""
    weight = prior_weights(positive)
    rows = []
    for low, high in zip(edges[:-1], edges[1:]):
        here = (score >= low) & ((score < high) | (high == 1))
        if weight[here].sum() > 0:
            rows.append((np.average(score[here], weights=weight[here]), np.average(positive[here], weights=weight[here]), weight[here].sum()))
    total = sum(r[2] for r in rows)
    return rows, sum(abs(a - b) * w for a, b, w in rows) / total


def halved(model):
    """The large weights kept in 16 bits and widened when a session opens: half the file, the same cost a patch.

    ONNX Runtime folds the widening into the graph. The front end's tables stay whole: mel powers span ten decades.
    """
    kept = []
    for tensor in list(model.graph.initializer):
        values = onnx.numpy_helper.to_array(tensor)
        if tensor.data_type != onnx.TensorProto.FLOAT or values.size < 4096 or tensor.name.startswith("front"):
            continue
        model.graph.initializer.remove(tensor)
        short = f"{tensor.name}_half"
        model.graph.initializer.append(onnx.numpy_helper.from_array(values.astype(np.float16), short))
        kept.append(onnx.helper.make_node("Cast", [short], [tensor.name], to=onnx.TensorProto.FLOAT, name=f"{tensor.name}_whole"))
    nodes = [*kept, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--val", type=Path, nargs="+", required=True)
    parser.add_argument("--class-map", type=Path, required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--share", type=float, help="of the taught head in the score, instead of the one trained with")
    parser.add_argument("--without-scenes", action="store_true", help="no live fire was trained on")
    parser.add_argument("--thresholds", type=Path, help="JSON of thresholds by class (evaluate.py --choose writes it)")
    parser.add_argument("--out", type=Path, required=True, help="folder for clameur-<version>.onnx and .json")
    args = parser.parse_args()

    saved = torch.load(args.model)
    share = saved["share"] if args.share is None else args.share
    model = Clameur(saved["trunk"])
    model.load_state_dict(saved["state"])
    model.eval()
    val = Patches(args.val, args.class_map)
    scores = logits(model, val, share).numpy().astype(np.float64)
    scale, offset = calibration(scores, val)
    print("scale", np.round(scale[:ALERTS], 2), "offset", np.round(offset[:ALERTS], 2))
    curves = {}
    for c, name in enumerate(CLASSES[:ALERTS]):
        labels = val.labels[:, c].numpy()
        known = ~np.isnan(labels)
        curves[name], error = bins(1 / (1 + np.exp(-(scale[c] * scores[known, c] + offset[c]))), labels[known] == 1)
        print(f"{name}: expected calibration error {error:.3f} on {known.sum()} validation patches")
    args.out.mkdir(parents=True, exist_ok=True)
    reliability(curves, args.out / "reliability.png")

    deployed = Deployed(model, share, torch.tensor(scale).float(), torch.tensor(offset).float()).eval()
    path = args.out / f"clameur-{args.version}.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(deployed, (torch.zeros(2, SAMPLES),), str(path), input_names=["waveform"],
                          output_names=["scores"], opset_version=17, dynamo=False,
                          dynamic_axes={"waveform": {0: "n"}, "scores": {0: "n"}})
    onnx.save(halved(onnx.load(str(path))), str(path))
    onnx.checker.check_model(str(path))
    thresholds = {c: {"on": 0.5, "off": 0.3, "alone": 0.9} for c in CLASSES[:ALERTS]}
    if args.thresholds:
        thresholds = json.loads(args.thresholds.read_text())
    sidecar = {
        "name": "clameur", "version": args.version, "classes": CLASSES, "sampleRateHz": 16_000, "patchSeconds": 1.0,
        "hopSeconds": HOP_SECONDS, "thresholds": thresholds, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "licence": "CC BY 4.0", "trainingData": ([] if args.without_scenes else [LIVE_FIRE]) + TRAINING_DATA,
    }
    path.with_suffix(".json").write_text(json.dumps(sidecar, indent=2) + "\n")
    print(path, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
