"""Published weights: from the local Hugging Face cache, else from the hub, else a quick and plain refusal.

Asked for a file it cannot reach, the hub's own client tries again for most of a minute before it gives up; so the
hub is called upon once, briefly, before anything is asked of it.
"""

from __future__ import annotations

import ssl
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import cast

from huggingface_hub import constants, hf_hub_download, try_to_load_from_cache
from huggingface_hub.errors import HfHubHTTPError

from dataclinic.errors import WeightsError

PATIENCE_SECONDS = 3.0
"""How long the hub may take to answer at all."""

_REFUSALS = cast("tuple[type[Exception], ...]", (OSError, *HfHubHTTPError.__bases__))
"""What a download raises; the bases hold the error of whichever HTTP client the hub's version is built on."""


def fetch_weights(repo: str, filename: str) -> Path:
    """Path of `filename` of a hub repository in the local cache, downloaded once where it is not there yet.

    `HF_HOME`, `HF_ENDPOINT`, `HF_HUB_OFFLINE` and the proxy variables mean what they mean to huggingface_hub.

    Raises:
        WeightsError: not cached, and the hub is switched off, not reachable, or refuses.
    """
    cached = try_to_load_from_cache(repo, filename)
    if isinstance(cached, str):
        return Path(cached)
    if constants.HF_HUB_OFFLINE:
        raise WeightsError.not_cached(repo, "HF_HUB_OFFLINE is set")
    obstacle = _obstacle(constants.ENDPOINT)
    if obstacle is not None:
        raise WeightsError.not_cached(repo, f"{constants.ENDPOINT} cannot be reached: {obstacle}")
    try:
        return Path(hf_hub_download(repo, filename))
    except _REFUSALS as error:
        raise WeightsError.not_cached(repo, f"the download failed: {_first_line(error)}") from error


def _obstacle(url: str) -> str | None:
    """Why nobody answers at `url`, None where somebody does; takes at most `PATIENCE_SECONDS`.

    In a thread of its own, since a name server that does not answer heeds no timeout.
    """
    found: list[str | None] = []
    call = threading.Thread(target=lambda: found.append(_call(url)), daemon=True)
    call.start()
    call.join(PATIENCE_SECONDS)
    return found[0] if found else f"no answer in {PATIENCE_SECONDS:g} s"


def _call(url: str) -> str | None:
    if not url.startswith(("http://", "https://")):
        return "not a web address"
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - the scheme is checked above
    try:
        urllib.request.urlopen(request, timeout=PATIENCE_SECONDS).close()  # noqa: S310 - the same
    except urllib.error.HTTPError:
        return None  # it answers, if only to refuse
    except urllib.error.URLError as error:
        # the hub's client may know certificates that Python does not: let it try
        return None if isinstance(error.reason, ssl.SSLError) else _first_line(error.reason)
    except OSError as error:
        return _first_line(error)
    return None


def _first_line(error: object) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
