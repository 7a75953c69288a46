"""From snapshot and curation to what is served: documents, generations, the change feed."""
