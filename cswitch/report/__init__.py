"""Scores made readable: terminal, HTML, Markdown, LaTeX, CSV. One module per medium.

Each takes scores of the same utterances, one per system, and shows the same numbers.
"""
