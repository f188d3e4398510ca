"""What every service needs and nothing else: contracts, nomenclatures, pure domain, mechanisms."""
