"""What nobody is waiting for: plans that fall due, parcels, and their pace."""
