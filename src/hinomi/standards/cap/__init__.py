"""OASIS Common Alerting Protocol: 1.1 and 1.2 read, 1.2 written, signatures checked and made."""
