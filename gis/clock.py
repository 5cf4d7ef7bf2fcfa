"""In which zone does the duty room read its clock? One for all of China; stored times are UTC."""

from zoneinfo import ZoneInfo

DUTY_ZONE = ZoneInfo("Asia/Shanghai")
"""What a person writes without a zone is of this one, and what a person reads is written in it."""
