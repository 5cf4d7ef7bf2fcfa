"""How does a report look on paper? Worded, drawn as DOCX and PDF, signed."""
