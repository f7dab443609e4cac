"""Inputs of any size: many cores, a cluster, batches of columns, work that was interrupted."""
