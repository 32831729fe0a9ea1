"""One folder for each chat platform; none knows another."""
