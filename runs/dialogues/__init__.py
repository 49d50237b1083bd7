"""The bundled dialogues and reviews, and their card."""
