"""Recognition: audio to posteriors to words, n-best lists, and the weights of all that."""
