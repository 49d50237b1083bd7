"""A submitted notebook put back into the released form, cell by cell.

source_code  what a cell's source says: statements, names, lines of IPython
match_cells  which released cell each submitted cell is
rebuild      the code that runs, in the released order, and every repair in a sentence
"""
