"""The only reader of environment variables and of the settings file."""

from crawlight.settings.model import DEFAULT_PLANS, PREFIX, PlanSettings, Settings, secret_names
from crawlight.settings.reading import load_settings

__all__ = ["DEFAULT_PLANS", "PREFIX", "PlanSettings", "Settings", "load_settings", "secret_names"]
