"""A session of proofs: what was proven is kept, so that a session cut short goes on where it stopped."""

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock

from harness.evidence.lines import LineWriter, read_lines
from harness.proving.proof import Proof, proof_from_json, proof_to_json


def session_key(files: Iterable[Path], choice: Mapping[str, object]) -> str:
    """Return what stays the same while proofs may be kept: the content of files, and what was chosen."""
    digest = hashlib.sha256(json.dumps(choice, sort_keys=True).encode())
    for file in sorted(files):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


class Session:
    """The folder of a session. Proofs of another key are of another harness or target and go away."""

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder
        self._key_file = folder / "session.json"
        if self._key() != key:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            self._key_file.write_text(json.dumps({"key": key}) + "\n", encoding="utf-8")
        self._proofs = folder / "proofs.ndjson"
        self._lock = Lock()

    def proven(self) -> Mapping[str, Proof]:
        """Return the proofs that are there, by defect."""
        found = (proof_from_json(record) for record in read_lines(self._proofs))
        return {proof.defect: proof for proof in found}

    def keep(self, proof: Proof) -> None:
        """Add a proof; it is on disk when this returns."""
        with self._lock:
            writer = LineWriter(self._proofs)
            writer.append(proof_to_json(proof))
            writer.close()

    def run_folder(self, name: str) -> Path:
        """Return a folder for one run; what a run cut short left there is removed."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        return folder

    def _key(self) -> str:
        try:
            return str(json.loads(self._key_file.read_text(encoding="utf-8"))["key"])
        except (OSError, ValueError, KeyError):
            return ""
