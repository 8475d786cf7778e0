"""Audit scikit-learn's wine data with a few labels switched, and read the ranking as a data frame."""

import tempfile
from pathlib import Path

from sklearn.datasets import load_wine

import dataclinic

wine = load_wine(as_frame=True).frame.rename(columns={"target": "cultivar"})
switched = wine.sample(8, random_state=0).index
wine.loc[switched, "cultivar"] = (wine.loc[switched, "cultivar"] + 1) % 3

with tempfile.TemporaryDirectory() as folder:
    source = Path(folder) / "wine.csv"
    wine.to_csv(source, index=False)
    settings = dataclinic.read_settings(options={"label": "cultivar", "repeats": 1, "trials": "none"})
    run = dataclinic.audit(source, settings, dataclinic.RunDir.start(Path(folder) / "run", source))
    ranking = run.read_table("ranking.parquet")

print(ranking[["rank", "id", "given_label", "suggested_label", "suspicion", "flagged"]].head(10).to_string(index=False))
found = set(ranking["row"].head(8)) & set(switched)
print(f"{len(found)} of the {len(switched)} switched labels are among the 8 most suspect")
