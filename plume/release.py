"""What is released, from where, and how much of it at which moment?"""

from dataclasses import dataclass

from plume.source.series import SourceTerm
from plume.substances import Substance


@dataclass(frozen=True, slots=True)
class Release:
    """
    One release into the air.

    Attributes
    ----------
    substance
        What becomes airborne.
    term
        How much of it at which moment, how warm and in which phase.
    height_m
        Height above ground.
    diameter_m
        Diameter of an area source; 0 for a point.
    """

    substance: Substance
    term: SourceTerm
    height_m: float
    diameter_m: float = 0.0
