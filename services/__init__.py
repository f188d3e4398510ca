"""The six services of Pilotage, and the tools that stand beside them."""
