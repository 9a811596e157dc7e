"""Moving a town from one kind of store to another: its rows, without what is derived from them."""
