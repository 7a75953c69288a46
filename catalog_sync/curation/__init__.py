"""The merchandiser's layer: rules, collections and overrides, between what Goody sent and what is published."""
