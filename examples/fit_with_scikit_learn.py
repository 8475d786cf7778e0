"""Export an audited table, and fit scikit-learn on it with weights of classes and of samples."""

import json
import tempfile
from pathlib import Path

import pandas as pd
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import dataclinic

wine = load_wine(as_frame=True).frame.rename(columns={"target": "cultivar"})
true = wine["cultivar"].copy()
switched = wine.sample(8, random_state=0).index
wine.loc[switched, "cultivar"] = (wine.loc[switched, "cultivar"] + 1) % 3

with tempfile.TemporaryDirectory() as folder:
    source = Path(folder) / "wine.csv"
    wine.to_csv(source, index=False)
    quick = {"label": "cultivar", "model": ["linear_head"], "only": ["label_errors"], "trials": "none"}
    settings = dataclinic.read_settings(options=quick)
    run = dataclinic.audit(source, settings, dataclinic.RunDir.start(Path(folder) / "run", source))
    # Nobody has reviewed yet, so the surest suggestions are taken unseen.
    dataclinic.export(run, Path(folder) / "cleaned", dataclinic.ExportOptions(apply="relabel", min_probability=0.8))
    cleaned = Path(folder) / "cleaned"
    frame = pd.read_csv(cleaned / "wine.csv")
    # One line a sample, in the order of the data: this one has a label in every row.
    weights = pd.read_csv(cleaned / "sample_weights.csv")["weight"]
    by_class = {int(name): weight for name, weight in json.loads((cleaned / "class_weights.json").read_text()).items()}

model = make_pipeline(StandardScaler(), LogisticRegression(class_weight=by_class))
model.fit(frame.drop(columns="cultivar"), frame["cultivar"], logisticregression__sample_weight=weights)
print(f"{(wine['cultivar'] != true).sum()} labels were wrong, {(frame['cultivar'] != true).sum()} are after the export")
print(f"accuracy on the true labels: {model.score(frame.drop(columns='cultivar'), true):.3f}")
