"""The conformance suites and hypothesis strategies, for domains and stores written elsewhere."""
