"""The shapes of what people send in; one file per noun."""
