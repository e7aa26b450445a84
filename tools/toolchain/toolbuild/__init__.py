"""Builds pinned Go tools into the user's cache. Standard library only: it runs before any venv."""
