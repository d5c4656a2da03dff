"""Custom actions: tracker in, question out. No German and no facts here; one topic a file."""
