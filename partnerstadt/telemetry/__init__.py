"""What those who run the bot see of it from outside; nothing of it is about a person."""
