"""Rank the labels of scikit-learn's digits by a model of one's own, a tenth of them switched beforehand."""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

import dataclinic

pictures, true = load_digits(return_X_y=True)
random = np.random.default_rng(0)
labels = true.copy()
switched = random.choice(len(labels), size=180, replace=False)
labels[switched] = (labels[switched] + random.integers(1, 10, size=180)) % 10

# Out of sample: every row from a model that did not train on it. That is what the ranking stands on.
model = LogisticRegression(C=0.01, max_iter=1000)
probs = cross_val_predict(model, pictures / 16, labels, cv=5, method="predict_proba")
frame = dataclinic.rank_labels(labels, probs, vectors=pictures)

errors, flagged = frame.attrs["errors"], frame["flagged"].to_numpy()
print(frame.assign(given=labels).sort_values("suspicion", ascending=False).head()[["given", "suggested_label"]])
print(f"estimated: {errors['value']:.0f} wrong labels ({errors['low']:.0f} to {errors['high']:.0f}); 180 were switched")
print(f"{np.isin(np.flatnonzero(flagged), switched).sum()} of {flagged.sum()} flagged labels are wrong")
