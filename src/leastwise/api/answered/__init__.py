"""What endpoints answer, as the API's description has it; a test holds every answer of the demo company to it."""
