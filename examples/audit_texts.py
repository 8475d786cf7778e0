"""Audit a table with a column of texts: messages to a bank, a few of which were put into the wrong class.

    python examples/audit_texts.py

The messages are made here; with your own file, the command is `dataclinic audit messages.csv --text message`.
"""

import random
import tempfile
from itertools import product
from pathlib import Path

import pandas as pd

import dataclinic

OPENINGS = ("Hello,", "Hi there,", "Please help:", "Good morning.", "I am annoyed,", "Quick question:")
REQUESTS = {
    "lost card": (
        "my card is gone since yesterday",
        "someone stole my card on the train",
        "I cannot find my debit card anywhere",
        "block the card that I lost please",
        "my wallet with the card was stolen",
    ),
    "refund": (
        "the shop has not returned my money",
        "I want my money back for the cancelled order",
        "where is the refund for the shoes I sent back",
        "the seller promised a refund weeks ago",
        "please reverse the payment, nothing was delivered",
    ),
    "password": (
        "I forgot my password and cannot log in",
        "the login page rejects my new password",
        "reset my password please",
        "your app logs me out and wants a code",
        "the reset link for my login does not work",
    ),
}
ENDINGS = ("", "What should I do?", "Thank you.", "It is urgent!")
SWITCHED = 12

rng = random.Random(7)  # noqa: S311 - made data, no secrets
messages = [
    (f"{opening} {request} {ending}".strip(), label)
    for label, requests in REQUESTS.items()
    for opening, request, ending in product(OPENINGS, requests, ENDINGS)
]
frame = pd.DataFrame(rng.sample(messages, 300), columns=["message", "topic"])
switched = rng.sample(range(len(frame)), SWITCHED)
for row in switched:
    frame.loc[row, "topic"] = rng.choice([label for label in REQUESTS if label != frame.loc[row, "topic"]])

with tempfile.TemporaryDirectory() as folder:
    source = Path(folder) / "messages.csv"
    frame.to_csv(source, index=False)
    settings = dataclinic.read_settings(options={"text": "message", "label": "topic", "repeats": 1})
    run = dataclinic.audit(source, settings, dataclinic.RunDir.start(Path(folder) / "run", source))
    ranking = run.read_table("ranking.parquet")

for suspect in ranking.head(5).itertuples():
    print(f"{suspect.rank}. given '{suspect.given_label}', suggested '{suspect.suggested_label}'")
    print(f"   {frame.loc[suspect.row, 'message']}")
found = set(ranking["row"].head(SWITCHED)) & set(switched)
print(f"{len(found)} of the {SWITCHED} switched labels are among the {SWITCHED} most suspect")
