"""How words are spelled and sound: how likely one spelling is of a word that has another."""
