"""Export cleaned class folders, and train torch on them: every class as often, doubtful samples less."""

import tempfile
from pathlib import Path

import pandas as pd
import torch
from PIL import Image
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, WeightedRandomSampler
from torchvision.datasets import ImageFolder
from torchvision.transforms.functional import to_tensor

import dataclinic

with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    for number, (pixels, digit) in enumerate(zip(*load_digits(n_class=3, return_X_y=True), strict=True)):
        if number < 400:  # every 25th of them gets a wrong label
            path = folder / "digits" / str((digit + (number % 25 == 0)) % 3) / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray((pixels * 15).astype("uint8").reshape(8, 8)).save(path)
    options = {"encoder": "raw_pixels", "model": ["linear_head"], "only": ["label_errors"], "trials": "none"}
    run = dataclinic.RunDir.start(folder / "run", folder / "digits")
    dataclinic.audit(folder / "digits", dataclinic.read_settings(options=options), run)
    # Nobody has reviewed yet, so suggestions are taken unseen.
    done = dataclinic.export(run, folder / "cleaned", dataclinic.ExportOptions(apply="relabel"))
    print(f"{done.relabelled} labels changed, 16 were wrong")
    data = ImageFolder(str(folder / "cleaned"), lambda picture: to_tensor(picture.convert("L")))
    plan = pd.read_csv(folder / "cleaned" / "resampling_plan.csv")
    plan["share"] = plan["copies"] * pd.read_csv(folder / "cleaned" / "sample_weights.csv")["weight"]
    # Samples are named by their path in the original; a picture keeps the name of its file.
    share = plan.set_index(plan["id"].map(lambda sample: Path(sample).name))["share"]
    sampler = WeightedRandomSampler([share[Path(path).name] for path, _ in data.samples], len(data))
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 3))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for images, labels in DataLoader(data, batch_size=32, sampler=sampler):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()
print(f"trained on {len(data)} pictures of {data.classes}")
