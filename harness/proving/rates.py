"""Detection and false-alarm rates of a set of proofs, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.core.statistics import wilson
from harness.proving.attribution import Cell
from harness.proving.proof import Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many of so many, and the Wilson 95 % interval of the share."""

    hits: int
    trials: int

    @property
    def share(self) -> float | None:
        """The share, None without trials."""
        return self.hits / self.trials if self.trials else None

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % interval."""
        return wilson(self.hits, self.trials)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """True positives over defects that were really there, false alarms over clean twins, crashes apart."""

    detected: Rate
    alarms: Rate
    crashed: int
    errors: int
    missed: tuple[str, ...]

    @property
    def youden(self) -> float | None:
        """J = TPR - FPR (Youden 1950); None where either is unknown."""
        tpr, fpr = self.detected.share, self.alarms.share
        return None if tpr is None or fpr is None else tpr - fpr


def rates_of(proofs: Sequence[Proof]) -> Rates:
    """Count: a defect that could not be applied says nothing of the harness and is no trial."""
    applied = [proof for proof in proofs if proof.attribution.cell is not Cell.ERROR]
    caught = [proof for proof in applied if proof.attribution.cell is Cell.CAUGHT]
    twins = [proof for proof in proofs if proof.twin_alarms is not None]
    return Rates(
        detected=Rate(hits=len(caught), trials=len(applied)),
        alarms=Rate(hits=sum(bool(proof.twin_alarms) for proof in twins), trials=len(twins)),
        crashed=sum(proof.attribution.cell is Cell.CRASHED for proof in proofs),
        errors=len(proofs) - len(applied),
        missed=tuple(proof.defect for proof in proofs if proof.attribution.cell is not Cell.CAUGHT),
    )
