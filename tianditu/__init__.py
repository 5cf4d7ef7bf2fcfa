"""The national base map as data, with an offline fall-back."""
