"""The situation on paper, drawn by the server: vector PDF at a chosen scale, and the same page as PNG."""
