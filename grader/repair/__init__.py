"""A submitted notebook put back into the released form, cell by cell.

source_code   what a cell's source says
match_cells   which released cell each submitted cell is
split_cells   cells that hold what belongs to several, taken apart
lesson_cells  lesson cells that a solution leans on
rebuild       the whole of it
"""
