"""How many faces and number plates are covered: made scenes, and what is measured on them."""
