"""How good the answers are: question files, asking them of a running bot, figures. Not needed to run the bot."""
