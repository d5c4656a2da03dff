"""The front desk: the one door between citizens and the bot."""
