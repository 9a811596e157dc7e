"""The scenario workbench: cases from files, runs in a process of their own, comparisons."""
