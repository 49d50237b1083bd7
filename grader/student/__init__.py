"""What a student gets.

release   student versions of the labs, and a zip for each
precheck  what can be learned before handing in
"""
