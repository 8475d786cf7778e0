"""Export the probabilities and labels of an audit for cleanlab, which looks at them in its own way."""

import json
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from cleanlab.filter import find_label_issues
from sklearn.datasets import load_wine

import dataclinic

wine = load_wine(as_frame=True).frame.rename(columns={"target": "cultivar"})
switched = wine.sample(8, random_state=0).index
wine.loc[switched, "cultivar"] = (wine.loc[switched, "cultivar"] + 1) % 3

with tempfile.TemporaryDirectory() as folder:
    source = Path(folder) / "wine.csv"
    wine.to_csv(source, index=False)
    quick = {"label": "cultivar", "model": ["linear_head"], "only": ["label_errors"], "trials": "none"}
    settings = dataclinic.read_settings(options=quick)
    run = dataclinic.audit(source, settings, dataclinic.RunDir.start(Path(folder) / "run", source))
    arrays = Path(folder) / "arrays"
    dataclinic.export(run, arrays, dataclinic.ExportOptions(format="cleanlab"))
    labels, probs = np.load(arrays / "labels.npy"), np.load(arrays / "pred_probs.npy")
    issues = pd.read_csv(arrays / "label_issues.csv")
    classes = json.loads((arrays / "classes.json").read_text())

found = find_label_issues(labels, probs, n_jobs=1)
print(issues.sort_values("label_quality").head(8).to_string(index=False))
print(
    f"cleanlab accuses {found.sum()} labels of {len(classes)} classes, {found[switched].sum()} of the 8 switched ones"
)
