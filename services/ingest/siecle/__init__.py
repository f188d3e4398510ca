"""What lycées say of their pupils: SIECLE files and local commands become scolarité and identity."""
