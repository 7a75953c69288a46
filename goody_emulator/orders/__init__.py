"""Order batches and orders: taken in, priced, accepted, moved through their life."""
