"""What people and machines touch. No tables and no rules live here."""
