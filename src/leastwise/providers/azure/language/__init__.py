"""Azure's own words, read: ids, operations, roles, assignments, deny assignments, conditions. Pure."""
