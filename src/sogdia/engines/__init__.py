"""Who puts transactions in order. `embedded` is one process for one operator; `suite` is what every engine passes."""
