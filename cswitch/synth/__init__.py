"""Synthetic code-switched speech: text in, audio with exact words, phones and languages out."""
