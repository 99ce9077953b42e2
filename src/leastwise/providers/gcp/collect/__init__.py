"""Google Cloud, read over its REST APIs: source → raw documents and coverage."""
