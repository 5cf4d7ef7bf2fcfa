"""现场页: what a team at the scene sees on its phone, with or without a line."""
