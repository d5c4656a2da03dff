"""What administrators do at a terminal while the bot runs: new models, backups, requests of citizens."""
