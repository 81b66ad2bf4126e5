"""Names of the layers and of how deep they dig."""

from enum import StrEnum


class Layer(StrEnum):
    """Where a finding or an exchange comes from."""

    PROBE = "probe"
    CONTRACTS = "contracts"
    FUZZ = "fuzz"
    SCENARIOS = "scenarios"
    CHAOS = "chaos"
    LOAD = "load"
    JUDGES = "judges"


#: The layers that run an engine, in the order in which a run starts them.
ENGINE_LAYERS = (Layer.CONTRACTS, Layer.SCENARIOS, Layer.FUZZ, Layer.CHAOS, Layer.LOAD)


class Depth(StrEnum):
    """How much is spent on each layer: quick under a minute in all, standard under five."""

    QUICK = "quick"
    STANDARD = "standard"
    FULL = "full"
