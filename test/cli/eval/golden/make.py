"""Writes golden.json: events and clip scores, and what published scorers make of them.

    pip install sed_eval==0.2.1 sed_scores_eval==0.0.4 && python make.py > golden.json
"""
import json
import os
import random
import sys
from importlib.metadata import version

import dcase_util
import pandas
import sed_eval
from sed_scores_eval import clip_based, intersection_based

CLASSES = ["gunshot", "explosion", "crowd_clamour"]
FILES = [f"file{i}" for i in range(6)]
SECONDS = 600


def events(rng):
    """Truths apart from one another, and found events near most of them, with strays. Apart also among themselves: a timeline of scores
    could not tell two that touch. Scores of no clip are equal, since there the scorers treat ties each in its way."""
    truths, found = [], []
    for file in FILES:
        for name in CLASSES:
            at = rng.uniform(2, 30)
            while at < SECONDS - 20:
                length = rng.uniform(4, 9) if name == "crowd_clamour" else rng.uniform(0.3, 1.5)
                truths.append(event(file, name, at, at + length))
                if rng.random() < 0.8:
                    off = rng.gauss(0, 0.15)
                    found.append({**event(file, name, at + off, at + length * rng.uniform(0.6, 1.3)), "score": score(rng, 0.6)})
                at += length + rng.uniform(16, 60)
                if rng.random() < 0.25:
                    found.append({**event(file, name, at - 9, at - 9 + rng.uniform(0.3, 4)), "score": score(rng, 0.35)})
    return truths, found


def event(file, name, onset, offset):
    onset = round(onset, 4)
    return {"file": file, "class": name, "onset": onset, "offset": round(max(offset, onset + 0.05), 4)}


def score(rng, middle):
    return round(min(0.99, max(0.01, rng.gauss(middle, 0.2))), 2)


def sed_eval_counts(truths, found, collar):
    """Event-based, onset only: counts by class."""
    metrics = sed_eval.sound_event.EventBasedMetrics(
        event_label_list=CLASSES, t_collar=collar, evaluate_onset=True, evaluate_offset=False,
        event_matching_type="optimal")
    for file in FILES:
        def listed(rows):
            return dcase_util.containers.MetaDataContainer([
                {"filename": file, "event_label": r["class"], "onset": r["onset"], "offset": r["offset"]}
                for r in rows if r["file"] == file])
        metrics.evaluate(reference_event_list=listed(truths), estimated_event_list=listed(found))
    overall = metrics.results_overall_metrics()["f_measure"]
    by_class = {n: metrics.results_class_wise_metrics()[n] for n in CLASSES}
    return {
        "overall": {"f1": overall["f_measure"], "precision": overall["precision"], "recall": overall["recall"]},
        "classes": {n: {"f1": r["f_measure"]["f_measure"], "truths": r["count"]["Nref"], "found": r["count"]["Nsys"]}
                    for n, r in by_class.items()},
    }


def score_frame(found, file):
    """Found events as a timeline of scores, with a step at every edge."""
    own = [r for r in found if r["file"] == file]
    edges = sorted({0.0, float(SECONDS), *(r["onset"] for r in own), *(r["offset"] for r in own)})
    rows = [[on, off] + [max([r["score"] for r in own if r["class"] == n and r["onset"] <= on and off <= r["offset"]], default=0.0)
                         for n in CLASSES] for on, off in zip(edges, edges[1:])]
    return pandas.DataFrame(rows, columns=["onset", "offset", *CLASSES])


def psds(truths, found, tolerance):
    value, by_class, *_ = intersection_based.psds(
        scores={f: score_frame(found, f) for f in FILES},
        ground_truth={f: [(r["onset"], r["offset"], r["class"]) for r in truths if r["file"] == f] for f in FILES},
        audio_durations={f: float(SECONDS) for f in FILES},
        dtc_threshold=tolerance, gtc_threshold=tolerance, alpha_ct=0.0, alpha_st=1.0, unit_of_time="hour", max_efpr=100.0)
    return {"value": float(value), "classes": {n: float(v) for n, v in by_class.items()}}


def clips(rng):
    return [{"clip": f"clip{i:03d}", "positive": i % 4 == 0, "score": round(score(rng, 0.65 if i % 4 == 0 else 0.4) + i * 1e-5, 5)} for i in range(200)]


def clip_scores(rows):
    scores = {r["clip"]: pandas.DataFrame([[0.0, 1.0, r["score"]]], columns=["onset", "offset", "gunshot"]) for r in rows}
    tags = {r["clip"]: (["gunshot"] if r["positive"] else []) for r in rows}
    auroc = clip_based.auroc(scores, tags)[0]
    ap = clip_based.average_precision(scores, tags)[0]
    return {"auc": float(auroc["gunshot"]), "ap": float(ap["gunshot"])}


def main():
    if len(sys.argv) > 1:
        golden = json.load(open(sys.argv[1]))
        truths, found, rows = golden["truths"], golden["found"], golden["clips"]
    else:
        rng = random.Random(7)
        truths, found = events(rng)
        rows = clips(rng)
    operating = [r for r in found if r["score"] >= 0.5]
    print(json.dumps({
        "madeBy": {n: version(n) for n in ("sed_eval", "sed_scores_eval")},
        "seconds": SECONDS * len(FILES),
        "truths": truths, "found": found, "clips": rows,
        "expected": {
            "eventBased": {str(c): sed_eval_counts(truths, operating, c) for c in (0.1, 0.2, 0.5)},
            "psds": {str(t): psds(truths, found, t) for t in (0.7, 0.4)},
            "clipBased": clip_scores(rows),
        },
    }, separators=(",", ":")))


if __name__ == "__main__":
    main()
