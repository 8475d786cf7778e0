"""Text encoder with a pretrained sentence model from a local folder; nothing is ever downloaded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from json import JSONDecodeError, loads
from pathlib import Path  # noqa: TC003 - settings are checked against it
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias, cast

import numpy as np
from pydantic import Field
from safetensors import SafetensorError, safe_open

from dataclinic.encoders import Encoded
from dataclinic.errors import OptionError, WeightsError
from dataclinic.features import Embeddings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataclinic.arrays import Vectors
    from dataclinic.dataset import Payload, Texts
    from dataclinic.progress import Progress

SENTENCE_TRANSFORMERS = "sentence-transformers"
MODEL2VEC = "model2vec"

BATCHES_A_REPORT = 16
"""Batches between two reports of progress; within them texts are sorted by length, so that little is padded."""

_BROKEN = (OSError, ValueError, LookupError, AttributeError, TypeError, RuntimeError, SafetensorError)
"""What the libraries make of files that are there but broken."""

Embed: TypeAlias = Callable[["Sequence[str]"], "Vectors"]


@dataclass(frozen=True)
class SentenceEmbeddings:
    """Vectors of a pretrained sentence model, frozen: of sentence-transformers or of model2vec, as the folder says.

    They know that "refund" and "money back" are near, where `tfidf` sees different words; on the other hand `tfidf`
    knows the words of this very data. Texts longer than the model takes are cut off there, as it was trained.

    Attributes:
        weights: folder that sentence-transformers or model2vec saved; `--weights FOLDER`.
        batch_size: texts at a time.
        normalise: whether each vector is brought to length 1, as such models are mostly compared.
    """

    summary: ClassVar[str] = "a pretrained sentence model's vectors, from a local folder"
    payload: ClassVar[str] = "texts"

    weights: Path | None = None
    batch_size: Annotated[int, Field(ge=1)] = 32
    normalise: bool = True

    def identity(self, *, device: str) -> str:
        """The files of the folder by their content, the settings and the version of the library that reads them.

        Raises:
            WeightsError: there is no such folder, or it holds no sentence model.
        """
        folder, library = self._source()
        where = device.partition(":")[0]
        return f"{library} {_version(library)}; files {_digest(folder)}; normalise {self.normalise}; {where}"

    def encode(self, payload: Payload, *, device: str, seed: int, progress: Progress) -> Encoded:
        """(samples, dims) vectors; models of model2vec run on the CPU whatever the device.

        Raises:
            WeightsError: there is no such folder, it holds no sentence model, is broken, or holds code.
            OptionError: the library that reads it is not installed.
        """
        folder, library = self._source()
        open_model = _open_static if library == MODEL2VEC else _open_transformer
        try:
            embed = open_model(folder, device, self.batch_size, self.normalise)
        except ModuleNotFoundError as error:
            raise OptionError.not_installed(f"the sentence model in {folder}", library, "text") from error
        except _BROKEN as error:
            raise WeightsError.unreadable(folder, error) from error
        matrix = _in_parts(embed, cast("Texts", payload).texts, self.batch_size * BATCHES_A_REPORT, progress)
        return Encoded(Embeddings(matrix), f"{library} model {folder.name}, {matrix.shape[1]} dims")

    def _source(self) -> tuple[Path, str]:
        """The folder, and which library its model belongs to."""
        if self.weights is None:
            raise WeightsError.no_sentence_model_named()
        if not self.weights.is_dir():
            raise WeightsError.no_such_folder(self.weights)
        return self.weights, _library(self.weights)


def _library(folder: Path) -> str:
    if not _holds_tokens(folder / "model.safetensors"):
        _require_known_modules(folder)
        return SENTENCE_TRANSFORMERS
    # The reader of tokens says nothing of what is wrong with a broken file.
    for name in ("config.json", "tokenizer.json"):
        _read_json(folder, name)
    return MODEL2VEC


def _holds_tokens(path: Path) -> bool:
    """Whether a file of weights is one vector a token, as model2vec writes it."""
    if not path.is_file():
        return False
    try:
        with safe_open(path, framework="np") as file:
            return "embeddings" in file.keys()  # noqa: SIM118 - no dict
    except (OSError, SafetensorError) as error:
        raise WeightsError.unreadable(path, error) from error


def _require_known_modules(folder: Path) -> None:
    """Refuse what is no folder of sentence-transformers, and one that names code of its own, which would be run."""
    if not (folder / "modules.json").is_file():
        raise WeightsError.not_a_sentence_model(folder)
    modules = _read_json(folder, "modules.json")
    if not isinstance(modules, list):
        raise WeightsError.not_a_sentence_model(folder)
    kinds = [module.get("type") if isinstance(module, dict) else None for module in modules]
    for kind in kinds:
        if not (isinstance(kind, str) and kind.startswith("sentence_transformers.")):
            raise WeightsError.holds_code(folder, str(kind))


def _read_json(folder: Path, name: str) -> Any:
    try:
        return loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, JSONDecodeError) as error:
        raise WeightsError.unreadable(folder / name, error) from error


def _open_static(folder: Path, device: str, batch_size: int, normalise: bool) -> Embed:  # noqa: ARG001 - as the other
    from model2vec import StaticModel

    model = StaticModel.from_pretrained(folder, force_download=False)

    def embed(texts: Sequence[str]) -> Vectors:
        found = model.encode(list(texts), batch_size=batch_size, normalize=normalise, use_multiprocessing=False)
        return np.asarray(found, np.float32)

    return embed


def _open_transformer(folder: Path, device: str, batch_size: int, normalise: bool) -> Embed:
    from sentence_transformers import SentenceTransformer

    with _quiet_transformers():
        model = SentenceTransformer(str(folder), device=device, local_files_only=True, trust_remote_code=False)

    def embed(texts: Sequence[str]) -> Vectors:
        found = model.encode(
            list(texts), batch_size=batch_size, normalize_embeddings=normalise, show_progress_bar=False
        )
        return np.asarray(found, np.float32)

    return embed


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """Without the bars and tables that transformers prints while it loads; as it was afterwards."""
    logging: Any = import_module("transformers.utils.logging")  # comes with sentence-transformers
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def _in_parts(embed: Embed, texts: Sequence[str], size: int, progress: Progress) -> Vectors:
    parts: list[Vectors] = []
    progress("encode texts", 0, len(texts))
    for start in range(0, len(texts), size):
        parts.append(embed(texts[start : start + size]))
        progress("encode texts", min(start + size, len(texts)), len(texts))
    return np.concatenate(parts)


def _digest(folder: Path) -> str:
    """BLAKE2b-128 over names and contents of all files but hidden ones."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder)
        if not any(part.startswith(".") for part in name.parts):
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "blake2b").digest()
            digest.update(name.as_posix().encode("utf-8", "surrogateescape") + b"\0" + content)
    return digest.hexdigest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError as error:
        raise OptionError.not_installed("a sentence model", library, "text") from error
