"""A submitted notebook put back into the released form, cell by cell.

source_code     what a cell's source says: statements, names
ipython_source  the Python of a cell that was written for IPython
match_cells     which released cell each submitted cell is
choose_answer   which submitted cell answers an exercise
cell_order      in which order a submission's cells run
rebuild         the code that runs, in the released order, and every repair in a sentence
newer_syntax    code that a newer Python reads and this one does not
"""
