"""Pure codecs: bytes to typed structs and back, every fault collected with its path."""
