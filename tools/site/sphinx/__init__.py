"""Sphinx extensions of this site, and the records that they read.

claims       "Check the claim" boxes, and the list of them: the directives `claim` and `claims-list`
quiz         the directive `quiz`
live_model   the course model in the page: the directive `live-model`
calculators  the directive `calculator`: memory, scaling, numbers
syllabus     the directive `syllabus`, with links into the book
mathml       formulas as MathML, so that the site needs no script for them
outline      front page, plan, what stands around a chapter or a lab: `course-proofs`, `course-cards`, `course-plan`
pictures     a picture for each chapter, and the map of what needs what
plan         what the sources tell about each chapter and its lab
chapters     what a chapter's source tells without being built
records      YAML files read into pydantic models
"""
