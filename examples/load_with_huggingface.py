"""Export an audited table for Hugging Face `datasets`, and read it in batches of tensors."""

import tempfile
from pathlib import Path

import datasets
from sklearn.datasets import load_wine
from torch.utils.data import DataLoader

import dataclinic

datasets.disable_progress_bars()
wine = load_wine(as_frame=True).frame.rename(columns={"target": "cultivar"})
switched = wine.sample(8, random_state=0).index
wine.loc[switched, "cultivar"] = (wine.loc[switched, "cultivar"] + 1) % 3

with tempfile.TemporaryDirectory() as folder:
    source = Path(folder) / "wine.csv"
    wine.to_csv(source, index=False)
    quick = {"label": "cultivar", "model": ["linear_head"], "only": ["label_errors"], "trials": "none"}
    settings = dataclinic.read_settings(options=quick)
    run = dataclinic.audit(source, settings, dataclinic.RunDir.start(Path(folder) / "run", source))
    # Nobody has reviewed yet, so the surest suspects are left out unseen.
    options = dataclinic.ExportOptions(format="huggingface", apply="drop", min_probability=0.8)
    print(f"{dataclinic.export(run, Path(folder) / 'hub', options).dropped} rows left out")

    data = datasets.load_dataset(str(Path(folder) / "hub"), split="train", cache_dir=str(Path(folder) / "cache"))
    batch = next(iter(DataLoader(data.with_format("torch"), batch_size=16)))
print(data.features["cultivar"])
print(f"a batch of {len(data.features)} columns, alcohol {tuple(batch['alcohol'].shape)} of {batch['alcohol'].dtype}")
