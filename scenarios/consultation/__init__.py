"""Consultation 会商 across levels: rooms of an incident, who came, who presents, what was said and taken inside."""
