"""Measure what fixes are worth on scikit-learn's wine data, some of whose cells were written in another unit."""

import tempfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_wine

import dataclinic

wine = load_wine(as_frame=True)
slipped = np.random.default_rng(0).random(wine.data.shape) < 0.02
table = wine.data.mask(slipped, 1000 * wine.data).assign(cultivar=wine.target)

with tempfile.TemporaryDirectory() as folder:
    source = Path(folder) / "wine.csv"
    table.to_csv(source, index=False)
    fixes = ("clip_iqr_outliers", "drop_label_errors")
    settings = dataclinic.read_settings(options={"label": "cultivar", "repeats": 2, "trials": fixes})
    run = dataclinic.audit(source, settings, dataclinic.RunDir.start(Path(folder) / "run", source))
    trials = run.read_json("trials.json")

for arm in trials["arms"]:
    low, high = arm["interval_pp"]
    print(f"{arm['told']}: {arm['gain_pp']:+.1f} pp ({low:+.1f} to {high:+.1f}), {arm['verdict']}")
print("recommended:", ", ".join(trials["recommended"]) or "nothing")
