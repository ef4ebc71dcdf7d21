"""SQL of the ground: one module a table family, literals beside the functions that run them."""
