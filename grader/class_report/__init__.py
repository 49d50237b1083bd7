"""A page about the whole class.

report         the page
item_analysis  difficulty, discrimination, common failures
figures        its figures
similarity     near-identical solutions
"""
