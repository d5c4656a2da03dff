"""The pages of the staff desk, one area a file; each names its addresses and who may use them."""
