"""Local servers that speak the four seed services' protocols, one file each, strict in every header and field."""
