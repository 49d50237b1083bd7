"""The shop of chapter 04: support dialogues, preference pairs, a knowledge base, and their card."""
