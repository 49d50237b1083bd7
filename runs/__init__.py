"""Recipes: each makes one bundled asset by one command, seeded, on CPU or GPU.

dialogues/     python -m runs.dialogues.make
shop/          python -m runs.shop.make, python -m runs.shop.make_knowledge
domains/       python -m runs.domains.make
course_model/  python -m runs.course_model.train, .card, .ablate
scaling_sweep  python -m runs.scaling_sweep

Each enters its files in `utils/assets/manifest.json`; `python -m runs.manifest` compares files and manifest.
"""
