"""The benchmarks, each beside a reference measured in the same run."""
