"""Values of settings that several parts must agree on; Python loads this at every start, so it stays light."""

# Where actions run: in Rasa's own process, or in a server of their own.
IN_PROCESS = "in-process"
HTTP = "http"
