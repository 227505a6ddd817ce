"""Tells when embeddings drift, why, and which rows."""

__version__ = "0.1.0"
