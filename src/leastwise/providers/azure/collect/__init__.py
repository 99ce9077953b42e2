"""Azure, read over Resource Manager's and Graph's REST APIs: source → raw documents and coverage."""
