"""The design system: page shells, components, template tags and their living gallery."""
