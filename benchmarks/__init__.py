"""Scripts that measure cswitch beside its peers; see BENCHMARKS.md."""
