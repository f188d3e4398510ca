"""What a lycée says of itself: divisions and groupes, nomenclature, établissements of its pupils, periods."""
