"""The two corpora of chapter 09.

make      writes corpora, tasks and card: `python -m runs.domains.make`
generate  texts and rows of tasks, drawn from a seed
finance   news, filings, deals and briefs about companies that do not exist
everyday  stories, letters and notices about people who do not exist
card      measures the files and writes their card
"""
