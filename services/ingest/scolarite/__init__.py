"""What a lycée says itself of its pupils: corrections, additions, sorties, choices, closing of the remontée."""
