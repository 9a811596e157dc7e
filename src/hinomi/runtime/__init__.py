"""The only impure part: clock, network, files, scheduling, configuration, assembling."""
