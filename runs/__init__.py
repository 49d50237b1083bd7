"""Recipes: each module is one command that makes one bundled asset, seeded, on CPU or GPU."""
