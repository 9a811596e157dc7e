"""Pure numerics: arrays in, arrays out; each module names its reference."""
