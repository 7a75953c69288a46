"""The supplier's catalog: crawled into the database, published in generations, and answered for."""
