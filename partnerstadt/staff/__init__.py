"""The staff desk: helps clerks of the office with inquiries; a process of its own that the internet never reaches."""
