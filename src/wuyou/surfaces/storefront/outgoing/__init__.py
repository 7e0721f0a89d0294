"""What leaves the page: what a person has not read goes to them by mail and push, as they chose."""
