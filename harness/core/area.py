"""The eight areas and the four levels of the maturity report."""

from enum import StrEnum


class Area(StrEnum):
    """An area is scored 0-10; the order is the order of the report."""

    API_DESIGN = "api_design"
    SERVICE_COMMUNICATION = "service_communication"
    EXTERNAL_INTEGRATIONS = "external_integrations"
    ERROR_HANDLING = "error_handling"
    TESTING_STRATEGY = "testing_strategy"
    DOCUMENTATION = "documentation"
    MONITORING = "monitoring"
    SECURITY = "security"

    @property
    def label(self) -> str:
        """The name for people, e.g. "API design"."""
        words = self.value.replace("_", " ")
        return "API design" if self is Area.API_DESIGN else words.capitalize()


class Level(StrEnum):
    """How mature an area is; a requirement is tagged with the level it belongs to."""

    INITIAL = "initial"
    DEVELOPING = "developing"
    MATURE = "mature"
    ADVANCED = "advanced"

    @property
    def rank(self) -> int:
        """0 for initial up to 3 for advanced."""
        return tuple(Level).index(self)
