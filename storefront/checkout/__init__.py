"""Checkout: from a wish to a placed order. It spans the catalog and payments, which never meet elsewhere."""
