"""The two corpora of chapter 09, general and finance, their tasks and their card."""
