"""The demonstration: an invented province at work, the same for the same size, seed and day."""

from services.demo.build import Built, build
from services.demo.people import PASSWORD, SHOWN

__all__ = ["PASSWORD", "SHOWN", "Built", "build"]
