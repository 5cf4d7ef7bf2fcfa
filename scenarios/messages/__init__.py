"""通信: who was told what by text or telephone, whether it went out, and what came back."""
