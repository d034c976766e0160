"""Drawings become pixels."""
