"""A lycée's own settings: what SIECLE and the gradebook say of it, corrected locally field by field."""
